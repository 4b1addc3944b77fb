//! Projecting: what the transactions stream tells goes onto the timeline, into the ledger and the running totals, and into
//! what monitoring counts; and reports that waited for it go on. Streams deliver at least once and cut their batches anew, so each of these takes a repeat.

use std::collections::BTreeMap;

use paywarden_domain::id::ProviderId;
use paywarden_domain::ledger::{self, LedgerRow};
use paywarden_domain::provider::monitor::Tally;
use paywarden_domain::timeline::{Entry, Subject};
use paywarden_domain::vocabulary::Status;
use paywarden_store::StoreError;
use paywarden_store::health::Health;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::timeline::Timeline;
use paywarden_store::totals::{TotalsChange, TotalsTable};
use paywarden_store::transactions::stream::RecordChange;

use crate::entries::entries;
use crate::wake::Waker;

/// Projects changes of records.
pub struct Projector {
    timeline: Timeline,
    totals: TotalsTable,
    ledger: LedgerTable,
    health: Health,
    waker: Waker,
}

impl Projector {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            timeline: stores.timeline()?,
            totals: stores.totals()?,
            ledger: stores.ledger()?,
            health: stores.health()?,
            waker: Waker::of(stores)?,
        })
    }

    /// Writes the entries of a batch, adds up what it moved, writes that into the ledger, wakes the reports that waited for it,
    /// and counts how its providers did.
    ///
    /// # Errors
    /// [`StoreError`]; projecting the same again changes nothing that was done.
    pub async fn project(&self, changes: Vec<RecordChange>) -> Result<(), StoreError> {
        let entries: Vec<(Subject, Entry)> = changes.iter().flat_map(entries).collect();
        self.timeline.append(&entries).await?;
        let totals: Vec<TotalsChange> = changes.iter().map(totals_change).collect();
        self.totals.apply(&totals).await?;
        let ledger: Vec<_> = changes.iter().map(ledger_change).filter(|(old, new)| old != new).collect();
        self.ledger.project(&ledger).await?;
        self.waker.wake(&changes).await?;
        self.count_outcomes(&changes).await;
        let moved = totals.iter().filter(|change| change.moves()).count();
        tracing::info!(entries = entries.len(), moved, "changes projected");
        Ok(())
    }

    /// How providers did. These counts are for monitoring: a batch that comes again may count again, and one that cannot
    /// be written is no reason to do all of the batch again.
    async fn count_outcomes(&self, changes: &[RecordChange]) {
        let mut tallies: BTreeMap<&ProviderId, Tally> = BTreeMap::new();
        for (provider, tally) in changes.iter().filter_map(outcome) {
            tallies.entry(provider).or_default().add(&tally);
        }
        for (provider, tally) in tallies {
            if let Err(error) = self.health.record(provider, &tally).await {
                tracing::warn!(
                    error_detail = error.to_string(),
                    "a provider's outcomes were not written down"
                );
            }
        }
    }
}

/// What a change says of its provider: it is used, it succeeded, it failed. A payment that nobody paid in time is not
/// the provider's failure.
fn outcome(change: &RecordChange) -> Option<(&ProviderId, Tally)> {
    let (old, new) = match change {
        RecordChange::Created(new) => (None, new),
        RecordChange::Changed { old, new } => (Some(old.status()), new),
        RecordChange::Removed(_) => return None,
    };
    let provider = &new.provider.as_ref()?.id;
    let reached = Some(new.status()).filter(|status| old != Some(*status));
    let mut tally = Tally {
        used: u32::from(old.is_none()),
        succeeded: u32::from(reached.is_some_and(Status::is_success)),
        failed: u32::from(reached.is_some_and(Status::is_refused_or_undone)),
        ..Tally::default()
    };
    // A payment that is first heard of when it has succeeded took nobody knows how long.
    if let (1, Some(_), Some(charged_at)) = (tally.succeeded, old, new.charged_at()) {
        tally.waits.count(charged_at.as_seconds().saturating_sub(new.created_at.as_seconds()));
    }
    (!tally.is_empty()).then_some((provider, tally))
}

/// A transaction's rows in the ledger before and after a change.
fn ledger_change(change: &RecordChange) -> (Vec<LedgerRow>, Vec<LedgerRow>) {
    match change {
        RecordChange::Created(new) => (Vec::new(), ledger::rows(new)),
        RecordChange::Changed { old, new } => (ledger::rows(old), ledger::rows(new)),
        RecordChange::Removed(old) => (ledger::rows(old), Vec::new()),
    }
}

/// What a change does to the running totals.
fn totals_change(change: &RecordChange) -> TotalsChange {
    match change {
        RecordChange::Created(new) => TotalsChange::to(None, new),
        RecordChange::Changed { old, new } => TotalsChange::to(Some(old), new),
        RecordChange::Removed(old) => TotalsChange::removal(old),
    }
}
