//! Waking: a record that comes to be known by a further key, its reference, a provider's id, an account number, wakes the
//! reports that wait under it. They go the way they went when they came.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::key::ReportKey;
use paywarden_store::StoreError;
use paywarden_store::queue::Queue;
use paywarden_store::report_keys::ReportKeys;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::transactions::stream::RecordChange;

use crate::intake;

/// Keys that are looked up at the same time: a batch of changes gives a hundred and more.
const AT_ONCE: usize = 16;

/// Wakes reports.
pub(crate) struct Waker {
    report_keys: ReportKeys,
    events: Arc<dyn Queue>,
}

impl Waker {
    pub(crate) fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { report_keys: stores.report_keys()?, events: stores.transaction_events()? })
    }

    /// Wakes what waits for the records of a batch. Waking it again applies it again, which changes nothing.
    pub(crate) async fn wake(&self, changes: &[RecordChange]) -> Result<(), StoreError> {
        let mut wakes = Vec::new();
        for (record, keys) in changes.iter().filter_map(gained) {
            wakes.extend(keys.into_iter().map(|key| self.wake_under(record, key)));
        }
        futures::stream::iter(wakes).buffer_unordered(AT_ONCE).try_collect().await
    }

    async fn wake_under(&self, record: &Transaction, key: ReportKey) -> Result<(), StoreError> {
        // Before it is looked who waits, so that whoever comes to wait from now on finds the record itself.
        if let ReportKey::Account(number) = &key {
            self.report_keys.add_account(number, record).await?;
        }
        for callback in self.report_keys.waiting(&record.merchant_id, &key).await? {
            intake::queue(&self.events, &callback).await?;
            let (transaction_id, provider_id) = (record.id.as_str(), callback.provider.id.as_str());
            tracing::info!(transaction_id, provider_id, "a parked report goes on");
        }
        Ok(())
    }
}

/// The keys that a change gave to a record.
fn gained(change: &RecordChange) -> Option<(&Transaction, BTreeSet<ReportKey>)> {
    match change {
        RecordChange::Created(new) => Some((new, new.keys())),
        RecordChange::Changed { old, new } => Some((new, &new.keys() - &old.keys())),
        RecordChange::Removed(_) => None,
    }
}
