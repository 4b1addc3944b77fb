//! Callbacks that were kept are read again by today's adapter, and applied if somebody wants that.
//!
//! The signature was judged when the callback came, and the trust it had then is the trust it has now.

use std::sync::Arc;

use paywarden_domain::id::{EntryId, MerchantId, ProviderId, TransactionId};
use paywarden_domain::provider::Provider;
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_providers::Malformed;
use paywarden_store::StoreError;
use paywarden_store::providers::Providers;
use paywarden_store::queue::Queue;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::timeline::TimelineReader;
use paywarden_store::transactions::Transactions;

use crate::intake;
use crate::reading::{SecondReading, read_again, trust_of};

/// Entries of a timeline that are read at once, and how often, before an entry counts as not found.
const PAGE: u16 = 100;
const PAGES: usize = 20;

/// Reads callbacks again.
pub struct Replayer {
    transactions: Transactions,
    timeline: TimelineReader,
    providers: Providers,
    events: Arc<dyn Queue>,
}

/// A callback that was read again.
pub struct Replay {
    pub provider: Provider,
    /// The entry that kept it.
    pub entry: Entry,
    /// What is made of it now.
    pub reading: SecondReading,
}

/// Why a callback was not read again, or not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The merchant has no such thing.
    #[error("no such {0}")]
    NotThere(&'static str),
    /// The entry keeps no callback.
    #[error("expected an entry of the kind provider_message")]
    NoCallback,
    /// Today's adapter cannot read it.
    #[error("the body that was kept cannot be read: {0}")]
    Malformed(#[from] Malformed),
    /// Applying it would do nothing.
    #[error("cannot be applied: as it is read now, it reports nothing of this transaction")]
    ReportsNothing,
    /// A table or the queue failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Replayer {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            transactions: stores.transactions()?,
            timeline: stores.timeline_reader()?,
            providers: stores.providers()?,
            events: stores.transaction_events()?,
        })
    }

    /// Reads the callback behind an entry of a transaction's timeline again.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub async fn read(
        &self,
        merchant: &MerchantId,
        transaction_id: &TransactionId,
        entry_id: &EntryId,
    ) -> Result<Replay, ReplayError> {
        let transaction = self.transactions.find_of(merchant, transaction_id).await?;
        let transaction = transaction.ok_or(ReplayError::NotThere("transaction"))?;
        let subject = Subject::Transaction(transaction_id.clone());
        let entry = find_entry(&self.timeline, &subject, entry_id).await?;
        let entry = entry.ok_or(ReplayError::NotThere("entry"))?;
        if entry.kind != EntryKind::ProviderMessage {
            return Err(ReplayError::NoCallback);
        }
        let provider = self.find_provider(merchant, &entry).await?;
        let reading = read_again(&provider, &transaction, &entry)?;
        Ok(Replay { provider, entry, reading })
    }

    /// Sends what today's adapter makes of it the way the callback went when it came. Applying what was applied before
    /// changes nothing.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub async fn apply(&self, replay: &Replay, correlation_id: &str) -> Result<(), ReplayError> {
        if replay.reading.reports.is_empty() {
            return Err(ReplayError::ReportsNothing);
        }
        let callback = VerifiedCallback {
            merchant_id: replay.provider.merchant_id.clone(),
            provider: replay.provider.binding(),
            grade: trust_of(&replay.entry),
            received_at: replay.entry.at,
            correlation_id: correlation_id.to_owned(),
            reports: replay.reading.reports.clone(),
            raw_body: replay.reading.body.clone(),
            waits: false,
            put_off: 0,
        };
        Ok(intake::queue(&self.events, &callback).await?)
    }

    async fn find_provider(&self, merchant: &MerchantId, entry: &Entry) -> Result<Provider, ReplayError> {
        let not_there = ReplayError::NotThere("provider");
        let Ok(id) = ProviderId::parse(&entry.source) else {
            return Err(not_there);
        };
        Ok(self.providers.find_of(merchant, &id).await?.ok_or(not_there)?.provider)
    }
}

/// Entries are in order of time and looked up by subject, so one of them is found by reading on.
pub(crate) async fn find_entry(
    timeline: &TimelineReader,
    subject: &Subject,
    id: &EntryId,
) -> Result<Option<Entry>, StoreError> {
    let mut after = None;
    for _ in 0..PAGES {
        let page = timeline.list(subject, PAGE, after.as_deref()).await?;
        if let Some(entry) = page.entries.into_iter().find(|entry| entry.id == *id) {
            return Ok(Some(entry));
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(None)
}
