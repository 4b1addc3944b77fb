//! Taking callbacks in: verified, read, queued, acknowledged; in this order, so that nothing acknowledged is lost and nothing
//! that a stranger sends is stored.

use std::sync::Arc;

use paywarden_domain::provider::Provider;
use paywarden_domain::provider::monitor::Tally;
use paywarden_domain::time::Clock;
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::{Report, TrustGrade};
use paywarden_providers::{
    Acknowledgement, Callback, Heard, KeyChain, Malformed, Refusal, Unbooked, adapter, hear, stored_body,
};
use paywarden_store::StoreError;
use paywarden_store::health::Health;
use paywarden_store::providers::StoredProvider;
use paywarden_store::queue::Queue;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::timeline::Timeline;
use paywarden_store::vault::{Context, Opener};
use serde_json::{Value, json};

use crate::intake;

/// Takes callbacks in.
pub struct Receiver {
    timeline: Timeline,
    opener: Arc<dyn Opener>,
    events: Arc<dyn Queue>,
    health: Health,
    clock: Arc<dyn Clock>,
}

/// Why a callback was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveError {
    /// It does not prove where it comes from.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is genuine, and cannot be read; it was kept.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It could not be kept. The provider sends it again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Receiver {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            timeline: stores.timeline()?,
            opener: stores.opener(),
            events: stores.transaction_events()?,
            health: stores.health()?,
            clock: stores.clock(),
        })
    }

    /// The clock that says when a callback came.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Takes a provider's callback; what it answers is what the provider is to be told.
    ///
    /// # Errors
    /// [`ReceiveError`].
    pub async fn receive(
        &self,
        stored: &StoredProvider,
        callback: &Callback<'_>,
        correlation_id: &str,
    ) -> Result<Acknowledgement, ReceiveError> {
        let provider = &stored.provider;
        let adapter = adapter(provider.provider_type);
        let key_chain = key_chain(self.opener.as_ref(), stored).await?;
        let grade = match key_chain.verify(adapter, callback) {
            Ok(grade) => grade,
            Err(refusal) => {
                self.refused(provider, refusal).await;
                return Err(refusal.into());
            }
        };
        // What proves nothing is no sign of life.
        if grade != TrustGrade::None {
            self.note(provider, &Tally { received: 1, ..Tally::default() }).await;
        }
        let heard = hear(adapter, callback);
        let reports = heard.as_ref().map(|heard| heard.reports.as_slice()).unwrap_or_default();
        let verified = verified(provider, callback, correlation_id, grade, reports);
        match heard {
            Ok(heard) => {
                self.take(&verified, &heard).await?;
                Ok(adapter.acknowledgement(callback, &heard.reports))
            }
            Err(malformed) => {
                self.keep_unreadable(&verified, &malformed).await?;
                Err(malformed.into())
            }
        }
    }

    /// Queues what a callback reports and lists what else it tells. When either fails the provider sends it again, and what
    /// was queued twice changes nothing twice.
    async fn take(&self, callback: &VerifiedCallback, heard: &Heard) -> Result<(), StoreError> {
        let provider_id = callback.provider.id.as_str();
        if !heard.reports.is_empty() || heard.unbooked.is_empty() {
            intake::queue(&self.events, callback).await?;
            tracing::info!(provider_id, reports = heard.reports.len(), "callback queued");
        }
        for unbooked in &heard.unbooked {
            let (event, reason) = (unbooked.event.as_deref(), unbooked.reason.as_str());
            tracing::info!(provider_id, event, reason, metric = "callback_not_booked", "not booked");
        }
        // Anybody can send what proves nothing: it is not kept.
        match heard.unbooked.split_first() {
            Some((first, _)) if callback.grade != TrustGrade::None => {
                let entry = unbooked_entry(callback, first, &heard.unbooked);
                self.list_unmatched(callback, entry).await
            }
            _ => Ok(()),
        }
    }

    /// Counts for the monitoring. It can bear a lost count; the callback must not be lost for it.
    async fn note(&self, provider: &Provider, tally: &Tally) {
        if let Err(error) = self.health.record(&provider.id, tally).await {
            tracing::warn!(error_detail = error.to_string(), "the provider's activity was not written down");
        }
    }

    /// A refused signature is counted, a write a minute at most, and never stored as fact: anybody can send one. A provider
    /// whose callbacks we refuse is not silent.
    async fn refused(&self, provider: &Provider, refusal: Refusal) {
        self.note(provider, &Tally { refused: 1, ..Tally::default() }).await;
        tracing::warn!(
            provider_id = provider.id.as_str(),
            merchant_id = provider.merchant_id.as_str(),
            reason = refusal.to_string(),
            metric = "callback_refused",
            "callback refused"
        );
    }

    async fn keep_unreadable(
        &self,
        callback: &VerifiedCallback,
        malformed: &Malformed,
    ) -> Result<(), StoreError> {
        let detail = json!({"problem": malformed.to_string(), "body": callback.raw_body});
        let summary = format!("A callback could not be read: {malformed}");
        self.list_unmatched(callback, message_entry(callback, summary, detail)).await
    }

    async fn list_unmatched(&self, callback: &VerifiedCallback, entry: Entry) -> Result<(), StoreError> {
        let subject = Subject::unmatched(&callback.provider.id, callback.received_at);
        self.timeline.append(&[(subject, entry)]).await
    }
}

/// A provider's credentials, opened.
pub(crate) async fn key_chain(opener: &dyn Opener, stored: &StoredProvider) -> Result<KeyChain, StoreError> {
    let provider = &stored.provider;
    let context = Context::provider(&provider.merchant_id, &provider.id);
    let opened = opener.open(&context, &stored.sealed_credentials).await?;
    KeyChain::from_json_text(&opened).ok_or_else(|| StoreError::Corrupt {
        table: "providers".to_owned(),
        key: provider.id.to_string(),
        detail: "the credentials cannot be read".to_owned(),
    })
}

/// One entry for all that a callback tells and that is not booked; a batch may hold a hundred, and one body.
fn unbooked_entry(callback: &VerifiedCallback, first: &Unbooked, all: &[Unbooked]) -> Entry {
    let provider = &callback.provider.name;
    let what = match &first.event {
        Some(event) => format!("{provider} sent {event:?}, which is not booked: {}", first.reason),
        None => format!("{provider} sent a report that cannot be taken: {}", first.reason),
    };
    let more = all.len().saturating_sub(1);
    let summary = if more == 0 { what } else { format!("{what}; and {more} more") };
    let listed: Vec<Value> =
        all.iter().map(|one| json!({"event": one.event, "problem": one.reason})).collect();
    let detail = json!({
        "trust": callback.grade,
        "event": first.event,
        "problem": first.reason,
        "unbooked": listed,
        "body": callback.raw_body,
    });
    message_entry(callback, summary, detail)
}

fn message_entry(callback: &VerifiedCallback, summary: String, detail: Value) -> Entry {
    let provider = callback.provider.id.as_str();
    let identity = [provider, callback.correlation_id.as_str()];
    let entry =
        Entry::new(EntryKind::ProviderMessage, callback.received_at, provider, &identity, summary, detail);
    entry.caused_by(Some(&callback.correlation_id))
}

pub(crate) fn verified(
    provider: &Provider,
    callback: &Callback<'_>,
    correlation_id: &str,
    grade: TrustGrade,
    reports: &[Report],
) -> VerifiedCallback {
    VerifiedCallback {
        merchant_id: provider.merchant_id.clone(),
        provider: provider.binding(),
        grade,
        received_at: callback.received_at,
        correlation_id: correlation_id.to_owned(),
        reports: reports.iter().cloned().map(|report| report.received(callback.received_at)).collect(),
        raw_body: stored_body(adapter(provider.provider_type), callback.body),
        waits: false,
        put_off: 0,
    }
}
