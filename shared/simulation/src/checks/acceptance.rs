//! Nothing accepted is lost: every message that was acknowledged is in a record, parked, held, unmatched, or ignored with its
//! reason.

use std::collections::BTreeMap;

use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::{IgnoredReason, Origin, Verdict, apply};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::Report;
use serde_json::Value;

use crate::party::Party;
use crate::remains::Remains;
use crate::world::World;

/// The timeline, by the request that caused an entry.
type Entries<'a> = BTreeMap<String, Vec<&'a Value>>;

pub(super) fn check(world: &World, remains: &Remains) -> Vec<String> {
    let mut entries = Entries::new();
    for entry in remains.items_of("TimelineTable") {
        let cause = entry["request_id"].as_str().unwrap_or_default().to_owned();
        entries.entry(cause).or_default().push(entry);
    }
    let mut wrong = Vec::new();
    for party in &world.parties {
        let records: Vec<&Transaction> = remains.records(party).collect();
        let theirs = world.queued.iter().filter(|callback| callback.merchant_id == party.merchant.id);
        for callback in theirs {
            wrong.extend(lost(&entries, &records, party, callback));
        }
    }
    wrong.extend(unheard(world, &entries));
    wrong
}

/// The reports of a callback that are nowhere.
fn lost(
    entries: &Entries<'_>,
    records: &[&Transaction],
    party: &Party,
    callback: &VerifiedCallback,
) -> Vec<String> {
    let of_it = entries.get(&callback.correlation_id).map(Vec::as_slice).unwrap_or_default();
    let mut lost = Vec::new();
    for report in &callback.reports {
        let what = report.summary();
        let kept: Vec<&Value> = of_it.iter().copied().filter(|entry| tells(entry, &what)).collect();
        if kept.is_empty() {
            lost.push(format!("{}: {what} is on no timeline", callback.correlation_id));
        }
        let is_explained = is_listed(&kept, callback) || is_known(records, report, &origin(callback, party));
        if !is_explained {
            lost.push(format!("{}: {what} is nowhere", callback.correlation_id));
        }
    }
    lost
}

/// Whether an entry keeps the message in which this was reported.
fn tells(entry: &Value, what: &Value) -> bool {
    let detail = entry["detail"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    entry["kind"] == "provider_message" && detail.is_some_and(|detail| detail["reported"] == *what)
}

/// Whether it is listed with what fits nothing: it waits, or has waited.
fn is_listed(kept: &[&Value], callback: &VerifiedCallback) -> bool {
    let prefix = format!("{}#", callback.provider.id);
    kept.iter().any(|entry| entry["subject"].as_str().is_some_and(|subject| subject.starts_with(&prefix)))
}

/// Whether a record has it: hearing it again changes nothing. What is ignored has one of the reasons that change no record.
fn is_known(records: &[&Transaction], report: &Report, origin: &Origin) -> bool {
    let of_it = records
        .iter()
        .filter(|record| report.reference.as_ref().is_none_or(|reference| *reference == record.reference));
    let knows = |record: &Transaction| {
        let applied = apply(record, report, origin);
        let is_explained = match applied.verdict {
            Verdict::Held => true,
            Verdict::Ignored(reason) => {
                reason != IgnoredReason::AlreadyKnown || is_of(record, report, origin)
            }
            Verdict::Created | Verdict::StatusChanged { .. } | Verdict::Enriched => false,
        };
        applied.next.is_none() && is_explained
    };
    of_it.into_iter().any(|record| knows(record))
}

fn is_of(record: &Transaction, report: &Report, origin: &Origin) -> bool {
    let payment = report.provider_transaction_id.as_deref();
    record.attempts().iter().any(|attempt| attempt.is(&origin.provider.id, payment))
}

fn origin(callback: &VerifiedCallback, party: &Party) -> Origin {
    Origin {
        provider: callback.provider.clone(),
        terms: party.terms_of(&callback.provider.id),
        grade: callback.grade,
        now: callback.received_at,
        correlation_id: callback.correlation_id.clone(),
    }
}

/// What was acknowledged and is neither queued nor listed.
fn unheard(world: &World, entries: &Entries<'_>) -> Vec<String> {
    let is_queued = |id: &String| world.queued.iter().any(|callback| callback.correlation_id == *id);
    let lost = world.acknowledged.iter().filter(|id| !is_queued(id) && !entries.contains_key(*id));
    lost.map(|id| format!("{id} was acknowledged and is nowhere")).collect()
}
