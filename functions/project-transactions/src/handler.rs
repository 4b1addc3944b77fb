//! The changes of a batch and their entries.

use std::collections::BTreeMap;

use aws_lambda_events::event::dynamodb::Event;
use paywarden_domain::id::ProviderId;
use paywarden_domain::ledger::{self, LedgerRow};
use paywarden_domain::provider::monitor::Tally;
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::totals;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::vocabulary::Status;
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_store::health::Health;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::timeline::Timeline;
use paywarden_store::totals::{TotalsChange, TotalsTable};
use paywarden_store::transactions::stream::{Change, changes};
use serde_json::json;

/// What the function works with.
pub struct Deps {
    pub timeline: Timeline,
    pub totals: TotalsTable,
    pub ledger: LedgerTable,
    pub health: Health,
}

/// Writes the entries of a batch, adds up what it moved, writes that into the ledger, and counts how its providers did.
pub async fn handle(deps: &Deps, event: Event) -> Result<(), WorkerError> {
    let changes = changes(event)?;
    let entries: Vec<(Subject, Entry)> = changes.iter().flat_map(entries).collect();
    deps.timeline.append(&entries).await?;
    let totals: Vec<TotalsChange> = changes.iter().map(totals_change).collect();
    deps.totals.apply(&totals).await?;
    let ledger: Vec<_> = changes.iter().map(ledger_change).filter(|(old, new)| old != new).collect();
    deps.ledger.project(&ledger).await?;
    count_outcomes(deps, &changes).await;
    let moved = totals.iter().filter(|change| !change.totals.is_empty()).count();
    tracing::info!(entries = entries.len(), moved, "changes projected");
    Ok(())
}

/// How providers did. These counts are for monitoring: a batch that comes again may count again, and one that cannot be
/// written is no reason to do all of the batch again.
async fn count_outcomes(deps: &Deps, changes: &[Change]) {
    let mut tallies: BTreeMap<&ProviderId, Tally> = BTreeMap::new();
    for change in changes {
        if let Some((provider, tally)) = outcome(change) {
            tallies.entry(provider).or_default().add(&tally);
        }
    }
    for (provider, tally) in tallies {
        if let Err(error) = deps.health.record(provider, &tally).await {
            tracing::warn!(error_detail = error.to_string(), "a provider's outcomes were not written down");
        }
    }
}

/// What a change says of its provider: it is used, it succeeded, it failed. A payment that nobody paid in time is not
/// the provider's failure.
fn outcome(change: &Change) -> Option<(&ProviderId, Tally)> {
    let (old, new) = match change {
        Change::Created(new) => (None, new),
        Change::Changed { old, new } => (Some(old.status()), new),
        Change::Removed(_) => return None,
    };
    let provider = &new.provider.as_ref()?.id;
    let reached = Some(new.status()).filter(|status| old != Some(*status));
    let tally = Tally {
        used: u32::from(old.is_none()),
        succeeded: u32::from(reached.is_some_and(Status::is_success)),
        failed: u32::from(reached.is_some_and(Status::is_refused_or_undone)),
        ..Tally::default()
    };
    (!tally.is_empty()).then_some((provider, tally))
}

/// A transaction's rows in the ledger before and after a change.
fn ledger_change(change: &Change) -> (Vec<LedgerRow>, Vec<LedgerRow>) {
    match change {
        Change::Created(new) => (Vec::new(), ledger::rows(new)),
        Change::Changed { old, new } => (ledger::rows(old), ledger::rows(new)),
        Change::Removed(old) => (ledger::rows(old), Vec::new()),
    }
}

/// What a change adds to the running totals, under the version it led to.
fn totals_change(change: &Change) -> TotalsChange {
    let (old, new) = match change {
        Change::Created(new) => (None, Some(new.as_ref())),
        Change::Changed { old, new } => (Some(old.as_ref()), Some(new.as_ref())),
        Change::Removed(old) => (Some(old.as_ref()), None),
    };
    let (id, version) = match change {
        Change::Created(new) | Change::Changed { new, .. } => (&new.id, new.version),
        Change::Removed(old) => (&old.id, old.version.saturating_add(1)),
    };
    TotalsChange { transaction_id: id.clone(), version, totals: totals::change(old, new) }
}

fn entries(change: &Change) -> Vec<(Subject, Entry)> {
    let entries = match change {
        Change::Created(new) => vec![received(new)],
        Change::Changed { old, new } => {
            [status_changed(old, new), filled_in(old, new)].into_iter().flatten().collect()
        }
        Change::Removed(_) => Vec::new(),
    };
    let id = match change {
        Change::Created(new) | Change::Changed { new, .. } => &new.id,
        Change::Removed(old) => &old.id,
    };
    entries.into_iter().map(|entry| (Subject::Transaction(id.clone()), entry)).collect()
}

fn received(new: &Transaction) -> Entry {
    let posted = new.fingerprint.is_some();
    let source = match &new.provider {
        Some(provider) if !posted => provider.id.to_string(),
        _ => "merchant".to_owned(),
    };
    let summary = match &new.provider {
        Some(provider) if !posted => {
            format!("First seen from {}: {} {}", provider.name, new.money, new.status())
        }
        _ => format!("Recorded by the merchant: {} {}", new.money, new.status()),
    };
    let detail = json!({
        "status": new.status(),
        "method": new.method,
        "amount": new.money.amount_text(),
        "currency": new.money.currency(),
        "occurrence": new.occurrence,
        "version": new.version,
    });
    entry(EntryKind::Received, new, &source, summary, detail)
}

fn status_changed(old: &Transaction, new: &Transaction) -> Option<Entry> {
    let (from, to) = (old.status(), new.status());
    if from == to {
        return None;
    }
    // What no request caused, the platform did: time ran out.
    let provider = new.provider.as_ref().filter(|_| new.correlation_id.is_some());
    let source = provider.map_or("paywarden", |provider| provider.id.as_str());
    let detail = json!({
        "from": from,
        "to": to,
        "charged_at": new.charged_at(),
        "unpaid_reason": new.unpaid_reason(),
        "charges": new.charges,
        "version": new.version,
    });
    Some(entry(EntryKind::StatusChanged, new, source, format!("{from} became {to}"), detail))
}

/// The merchant's post came after the provider's callback.
fn filled_in(old: &Transaction, new: &Transaction) -> Option<Entry> {
    if old.fingerprint.is_some() || new.fingerprint.is_none() {
        return None;
    }
    let summary = "The merchant recorded what the provider had reported first".to_owned();
    Some(entry(EntryKind::System, new, "merchant", summary, json!({"version": new.version})))
}

fn entry(
    kind: EntryKind,
    new: &Transaction,
    source: &str,
    summary: String,
    detail: serde_json::Value,
) -> Entry {
    let at = new.updated_at.unwrap_or(new.created_at);
    let identity = [new.id.as_str(), &new.version.to_string()];
    Entry::new(kind, at, source, &identity, summary, detail).caused_by(new.correlation_id.as_deref())
}

#[cfg(test)]
mod tests;
