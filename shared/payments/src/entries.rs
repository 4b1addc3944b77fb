//! What a change of a record adds to its timeline, under keys derived from transaction and version.

use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::Transaction;
use paywarden_store::transactions::stream::RecordChange;
use serde_json::json;

/// What a change adds to the timeline of its transaction.
pub(crate) fn entries(change: &RecordChange) -> Vec<(Subject, Entry)> {
    let entries = match change {
        RecordChange::Created(new) => vec![received(new)],
        RecordChange::Changed { old, new } => {
            let told = [status_changed(old, new), filled_in(old, new)].into_iter().flatten();
            told.chain(decided(old, new)).collect()
        }
        RecordChange::Removed(_) => Vec::new(),
    };
    let id = match change {
        RecordChange::Created(new) | RecordChange::Changed { new, .. } => &new.id,
        RecordChange::Removed(old) => &old.id,
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
        "charges": new.settled_charges(),
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

/// Somebody decided what is held; the ones decided with this change.
fn decided(old: &Transaction, new: &Transaction) -> Vec<Entry> {
    let fresh = new.decisions.iter().filter(|(held, decision)| old.decisions.find(held) != Some(*decision));
    let entries = fresh.map(|(held, decision)| {
        let summary = format!("{held} was {}: {}", decision.ruling, decision.reason);
        let detail = json!({
            "held_id": held,
            "ruling": decision.ruling,
            "reason": decision.reason,
            "amount_before": old.settled().amount_text(),
            "amount": new.settled().amount_text(),
            "version": new.version,
        });
        entry(EntryKind::ReportDecided, new, &decision.by.to_string(), summary, detail)
    });
    entries.collect()
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
