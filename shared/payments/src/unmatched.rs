//! What fits no transaction, decided by a person: read again by today's adapter and sent on its way once more, or bound to a
//! transaction, whatever it says of itself.

use std::sync::Arc;

use paywarden_domain::actor::Actor;
use paywarden_domain::id::{EntryId, MerchantId, ProviderId, TransactionId};
use paywarden_domain::provider::Provider;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::key::ReportKey;
use paywarden_domain::transaction::report::Report;
use paywarden_store::StoreError;
use paywarden_store::providers::Providers;
use paywarden_store::queue::Queue;
use paywarden_store::report_keys::ReportKeys;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::timeline::{Timeline, TimelineReader};
use paywarden_store::transactions::{Bind, Binding, TransactionsBinder, Write};
use serde_json::{Value, json};

use crate::intake;
use crate::reading::{kept_reports, trust_of};
use crate::replay::{ReplayError, find_entry};

/// Decides about what fits no transaction.
pub struct UnmatchedDecider {
    transactions: TransactionsBinder,
    providers: Providers,
    reader: TimelineReader,
    timeline: Timeline,
    report_keys: ReportKeys,
    events: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
}

/// One that was found.
pub struct Unmatched {
    pub provider: Provider,
    /// What it is listed as.
    pub entry: Entry,
    subject: Subject,
    /// What it says: as it was read when it came, while it waits, else as today's adapter reads what was kept of it.
    pub callback: VerifiedCallback,
}

impl Unmatched {
    /// Whether it was applied, or bound, to another transaction than this one.
    fn went_elsewhere(&self, record: &Transaction) -> bool {
        let bound = self.entry.detail.get("decision").and_then(|decision| decision.get("bound_to"));
        let went = [self.entry.detail.get("applied_to"), bound];
        went.into_iter().flatten().filter_map(Value::as_str).any(|id| id != record.id.as_str())
    }
}

/// Why nothing was decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnmatchedError {
    /// It cannot be found or read, or says nothing.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// Its payment has a record already.
    #[error("the payment that it reports belongs to another transaction")]
    PaymentOfAnother,
    /// It went to a transaction before: its money would be booked twice.
    #[error("it was applied to another transaction already")]
    AppliedBefore,
    /// Each of its reports is about a payment of its own, so that they are not of one transaction.
    #[error("it reports several payments; only one that is listed by itself can be bound")]
    Several,
}

impl From<StoreError> for UnmatchedError {
    fn from(error: StoreError) -> Self {
        Self::Replay(error.into())
    }
}

/// Who decided, and why.
#[derive(Debug, Clone)]
pub struct Decided<'a> {
    pub by: Actor,
    pub reason: &'a str,
}

impl UnmatchedDecider {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            transactions: stores.transactions_binder()?,
            providers: stores.providers()?,
            reader: stores.timeline_reader()?,
            timeline: stores.timeline()?,
            report_keys: stores.report_keys()?,
            events: stores.transaction_events()?,
            clock: stores.clock(),
        })
    }

    /// The clock that says which day is today.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Finds one among those that came from one moment until before another.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub async fn find(
        &self,
        merchant: &MerchantId,
        provider: &ProviderId,
        entry: &EntryId,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<Unmatched, ReplayError> {
        let provider = self.providers.find_of(merchant, provider).await?;
        let provider = provider.ok_or(ReplayError::NotThere("provider"))?.provider;
        for subject in Subject::unmatched_between(&provider.id, from, until) {
            if let Some(entry) = find_entry(&self.reader, &subject, entry).await? {
                let callback = self.callback(&provider, &entry).await?;
                return Ok(Unmatched { provider, entry, subject, callback });
            }
        }
        Err(ReplayError::NotThere("unmatched callback"))
    }

    /// Sends it on its way once more.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub async fn replay(&self, unmatched: &Unmatched, decided: &Decided<'_>) -> Result<(), ReplayError> {
        if unmatched.callback.reports.is_empty() {
            return Err(ReplayError::ReportsNothing);
        }
        intake::queue(&self.events, &unmatched.callback).await?;
        Ok(self.note(unmatched, decided, None).await?)
    }

    /// Sends it on its way as a report of this transaction.
    ///
    /// # Errors
    /// [`UnmatchedError`].
    pub async fn bind(
        &self,
        unmatched: &Unmatched,
        to: &TransactionId,
        decided: &Decided<'_>,
    ) -> Result<(), UnmatchedError> {
        let callback = &unmatched.callback;
        let record = self.transactions.find_of(&callback.merchant_id, to).await?;
        let record = record.ok_or(ReplayError::NotThere("transaction"))?;
        if unmatched.went_elsewhere(&record) {
            return Err(UnmatchedError::AppliedBefore);
        }
        let report = match callback.reports.as_slice() {
            [] => return Err(ReplayError::ReportsNothing.into()),
            [report] => report,
            [_, _, ..] => return Err(UnmatchedError::Several),
        };
        self.bind_payment(report, callback, &record).await?;
        let reports = vec![Report { reference: Some(record.reference.clone()), ..report.clone() }];
        let bound = VerifiedCallback { reports, waits: false, put_off: 0, ..callback.clone() };
        intake::queue(&self.events, &bound).await?;
        self.note(unmatched, decided, Some(&record)).await?;
        // At last: whoever is cut off before finds what to bind once more.
        let keys = report.keys(&callback.provider.id);
        Ok(self.report_keys.remove(&callback.merchant_id, &unmatched.entry.id, &keys).await?)
    }

    /// The report's payment is the record's from now on, whatever else is told of it.
    async fn bind_payment(
        &self,
        report: &Report,
        callback: &VerifiedCallback,
        record: &Transaction,
    ) -> Result<(), UnmatchedError> {
        let Some(payment) = report.provider_transaction_id.as_deref() else {
            return Ok(());
        };
        let binding = Binding { provider: &callback.provider.id, payment };
        let bind = Bind { binding, merchant: &record.merchant_id, to: &record.id, from: None };
        match self.transactions.write(Write { records: &[], binds: &[bind] }).await {
            Err(StoreError::Conflict) => Err(UnmatchedError::PaymentOfAnother),
            written => Ok(written?),
        }
    }

    /// What waits is known as it came; of anything else a body was kept, in which personal data is masked.
    async fn callback(&self, provider: &Provider, entry: &Entry) -> Result<VerifiedCallback, ReplayError> {
        let listed = ReportKey::Listed(entry.id.clone());
        let waiting = self.report_keys.waiting(&provider.merchant_id, &listed).await?;
        if let Some(callback) = waiting.into_iter().next() {
            return Ok(callback);
        }
        let (mut reports, raw_body) = kept_reports(provider, entry)?;
        // The body may be of a batch; what is listed may be one report of it.
        if let Some(listed) = entry.detail.get("reported").filter(|listed| listed.is_object()) {
            reports.retain(|report| report.summary() == *listed);
        }
        Ok(VerifiedCallback {
            merchant_id: provider.merchant_id.clone(),
            provider: provider.binding(),
            grade: trust_of(entry),
            received_at: entry.at,
            correlation_id: entry.request_id.clone().unwrap_or_default(),
            reports,
            raw_body,
            waits: false,
            put_off: 0,
        })
    }

    /// Who decided what stands on the list, and on the timeline of a transaction that it was bound to.
    async fn note(
        &self,
        unmatched: &Unmatched,
        decided: &Decided<'_>,
        record: Option<&Transaction>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let by = decided.by.to_string();
        let to = record.map(|record| &record.id);
        let decision = json!({"by": by, "at": now, "reason": decided.reason, "bound_to": to});
        let mut listed = unmatched.entry.clone();
        if let Value::Object(members) = &mut listed.detail {
            members.insert("decision".to_owned(), decision.clone());
        }
        let bound = to.map(|id| {
            let summary =
                format!("A callback of {} was bound to it: {}", unmatched.provider.name, decided.reason);
            let identity = [id.as_str(), unmatched.entry.id.as_str()];
            let entry = Entry::new(EntryKind::ReportDecided, now, &by, &identity, summary, decision);
            (Subject::Transaction(id.clone()), entry)
        });
        let entries: Vec<_> = [(unmatched.subject.clone(), listed)].into_iter().chain(bound).collect();
        self.timeline.append(&entries).await
    }
}
