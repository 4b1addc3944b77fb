//! The timeline: what is written down about each transaction, for people who look into one.
//!
//! Every entry's id is derived from what it tells, so writing it again overwrites it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::id::{EntryId, ProviderId, TransactionId};
use crate::time::{Timestamp, Zone};
use crate::vocabulary::words;

words! {
    /// What an entry tells.
    pub enum EntryKind {
        /// The transaction was recorded.
        Received = "received",
        /// Its status changed.
        StatusChanged = "status_changed",
        /// A report changed nothing.
        ReportIgnored = "report_ignored",
        /// A report contradicts the record.
        ReportHeld = "report_held",
        /// A person decided what a report comes to.
        ReportDecided = "report_decided",
        /// A provider's message, raw.
        ProviderMessage = "provider_message",
        /// A webhook was tried.
        WebhookAttempt = "webhook_attempt",
        /// Anything else the platform did.
        System = "system",
    }
}

impl EntryKind {
    /// Where it stands among entries of the same moment: causes before effects.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Received => 0,
            Self::ProviderMessage => 1,
            Self::StatusChanged | Self::ReportIgnored | Self::ReportHeld | Self::ReportDecided => 2,
            Self::WebhookAttempt => 3,
            Self::System => 4,
        }
    }
}

const DAY_SECONDS: i64 = 24 * 3600;

/// Whose timeline an entry is on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A transaction's.
    Transaction(TransactionId),
    /// That of a provider's callbacks that fit no transaction, by UTC day.
    Unmatched {
        provider: ProviderId,
        /// `YYYY-MM-DD`.
        day: String,
    },
}

impl Subject {
    /// The timeline of `provider`'s unmatched callbacks at `moment`.
    #[must_use]
    pub fn unmatched(provider: &ProviderId, moment: Timestamp) -> Self {
        let day = moment.to_string().chars().take("YYYY-MM-DD".len()).collect();
        Self::Unmatched { provider: provider.clone(), day }
    }

    /// The timelines that hold `provider`'s unmatched callbacks from one moment until before another, oldest first. A day
    /// on a merchant's clocks is a part of two of them, or three.
    #[must_use]
    pub fn unmatched_between(provider: &ProviderId, from: Timestamp, until: Timestamp) -> Vec<Self> {
        let mut subjects = vec![Self::unmatched(provider, from)];
        let mut moment = from;
        while moment < until {
            moment = moment.plus_seconds(DAY_SECONDS).min(until);
            let subject = Self::unmatched(provider, moment);
            if subjects.last() != Some(&subject) {
                subjects.push(subject);
            }
        }
        subjects
    }

    /// The position before everything of a day's timeline.
    #[must_use]
    pub fn begins_at(&self) -> Option<String> {
        match self {
            Self::Transaction(_) => None,
            Self::Unmatched { day, .. } => Some(format!("{day}T00:00:00.000000Z")),
        }
    }

    /// The subject's key.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Transaction(id) => id.to_string(),
            Self::Unmatched { provider, day } => format!("{provider}#{day}"),
        }
    }
}

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Derived from what it tells.
    pub id: EntryId,
    pub at: Timestamp,
    pub kind: EntryKind,
    /// Who did it: `merchant`, a provider's id, `paywarden`, an endpoint's id.
    pub source: String,
    pub summary: String,
    /// The details, by kind.
    pub detail: Value,
    /// The id that follows a payment from callback to webhook.
    pub request_id: Option<String>,
}

impl Entry {
    /// An entry whose id is derived from its kind and `identity`, the parts that make it what it is.
    #[must_use]
    pub fn new(
        kind: EntryKind,
        at: Timestamp,
        source: &str,
        identity: &[&str],
        summary: String,
        detail: Value,
    ) -> Self {
        let parts: Vec<&[u8]> =
            std::iter::once(kind.as_str()).chain(identity.iter().copied()).map(str::as_bytes).collect();
        let id = EntryId::derived("timeline/1", &parts);
        Self { id, at, kind, source: source.to_owned(), summary, detail, request_id: None }
    }

    /// The entry as the API shows it: its time with the offset of the merchant's zone, to the millisecond, because the
    /// order of a payment's events is what people look for.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        json!({
            "id": self.id,
            "at": zone.offset_text_millis(self.at),
            "kind": self.kind,
            "source": self.source,
            "summary": self.summary,
            "detail": self.detail,
            "request_id": self.request_id,
        })
    }

    /// The same entry with the id of the request that caused it.
    #[must_use]
    pub fn caused_by(self, request_id: Option<&str>) -> Self {
        Self { request_id: request_id.map(str::to_owned), ..self }
    }
}
