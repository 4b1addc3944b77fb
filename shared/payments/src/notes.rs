//! What is written down of a callback: the raw message, and why a report changed nothing. Changes of state are written
//! by the stream's consumer, which sees what was really stored.

use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::apply::{IgnoredReason, Verdict};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::{Happening, Report};
use serde_json::{Value, json};

use crate::locate::Fate;

/// The entries of one report: the message it came in, and the verdict if it left the state as it was.
pub(crate) fn of_report(
    callback: &VerifiedCallback,
    index: usize,
    report: &Report,
    applied: &Fate,
) -> Vec<(Subject, Entry)> {
    let (subject, verdict) = match applied {
        Fate::To { id, verdict } => (Subject::Transaction(id.clone()), Some(verdict)),
        Fate::NoFit => (Subject::unmatched(&callback.provider.id, callback.received_at), None),
    };
    let message = message(callback, index, Some(report));
    let verdict = verdict.and_then(|verdict| verdict_entry(callback, index, report, verdict));
    std::iter::once(message).chain(verdict).map(|entry| (subject.clone(), entry)).collect()
}

/// The entry of a callback that is about no payment.
pub(crate) fn of_no_payment(callback: &VerifiedCallback) -> (Subject, Entry) {
    (Subject::unmatched(&callback.provider.id, callback.received_at), message(callback, 0, None))
}

fn message(callback: &VerifiedCallback, index: usize, report: Option<&Report>) -> Entry {
    let summary = match report.map(|report| (&report.happening, &report.money)) {
        Some((Happening::Status { status }, Some(money))) => {
            format!("{} reports {status}, {money}", callback.provider.name)
        }
        Some((Happening::Status { status }, None)) => format!("{} reports {status}", callback.provider.name),
        Some((Happening::PartialRefund { .. }, _)) => {
            format!("{} reports a partial refund", callback.provider.name)
        }
        Some((Happening::Voided, _)) => {
            format!("{} reports that it was called off", callback.provider.name)
        }
        Some((Happening::Unknown { word }, _)) => format!("{} reports {word:?}", callback.provider.name),
        None => format!("{} sent a message about no payment", callback.provider.name),
    };
    let detail = json!({
        "trust": callback.grade,
        "reported": report.map(Report::summary),
        "body": callback.raw_body,
    });
    entry(callback, index, EntryKind::ProviderMessage, summary, detail)
}

fn verdict_entry(
    callback: &VerifiedCallback,
    index: usize,
    report: &Report,
    verdict: &Verdict,
) -> Option<Entry> {
    match verdict {
        Verdict::Created | Verdict::StatusChanged { .. } | Verdict::Enriched => None,
        Verdict::Ignored(reason) => Some(ignored(callback, index, report, *reason)),
        Verdict::Held => {
            let summary =
                "The report contradicts the record's amount or currency: nothing moved, a person decides";
            Some(entry(callback, index, EntryKind::ReportHeld, summary.to_owned(), report.summary()))
        }
    }
}

fn ignored(callback: &VerifiedCallback, index: usize, report: &Report, reason: IgnoredReason) -> Entry {
    let mut detail = report.summary();
    if let Value::Object(members) = &mut detail {
        members.insert("reason".to_owned(), json!(reason.code()));
    }
    let summary = format!("The report changes nothing: {}", reason.words());
    entry(callback, index, EntryKind::ReportIgnored, summary, detail)
}

/// The same message delivered again makes the same entries.
fn entry(
    callback: &VerifiedCallback,
    index: usize,
    kind: EntryKind,
    summary: String,
    detail: Value,
) -> Entry {
    let provider = callback.provider.id.as_str();
    let identity =
        [provider, &callback.correlation_id, &callback.received_at.to_string(), &index.to_string()];
    let entry = Entry::new(kind, callback.received_at, provider, &identity, summary, detail);
    entry.caused_by(Some(&callback.correlation_id))
}
