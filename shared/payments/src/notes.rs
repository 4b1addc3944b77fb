//! What is written down of a callback: the raw message, and why a report changed nothing. Changes of state are written
//! by the stream's consumer, which sees what was really stored.

use paywarden_domain::id::{EntryId, TransactionId};
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::apply::{IgnoredReason, Verdict};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::{Happening, Report};
use serde_json::{Value, json};

use crate::locate::Fate;

/// The entries of a report that was applied to a record: the message it came in, and the verdict if it left the state as it was.
pub(crate) fn of_report(
    callback: &VerifiedCallback,
    report: &Report,
    applied: &Fate,
) -> Vec<(Subject, Entry)> {
    let Fate::To { id, verdict } = applied else {
        return Vec::new();
    };
    let message = message(callback, Some(report));
    let verdict = verdict_entry(callback, report, verdict);
    let subject = Subject::Transaction(id.clone());
    std::iter::once(message).chain(verdict).map(|entry| (subject.clone(), entry)).collect()
}

/// The entry of a callback that is about no payment.
pub(crate) fn of_no_payment(callback: &VerifiedCallback) -> (Subject, Entry) {
    (listed_on(callback), message(callback, None))
}

/// The entry of a report that fits nothing, with the record that it was applied to after all, once it was; and what it is
/// known by while it waits.
pub(crate) fn of_unmatched(
    callback: &VerifiedCallback,
    report: &Report,
    found: Option<&TransactionId>,
) -> ((Subject, Entry), EntryId) {
    let mut entry = message(callback, Some(report));
    if let Value::Object(members) = &mut entry.detail {
        members.insert("applied_to".to_owned(), json!(found));
    }
    let id = entry.id.clone();
    ((listed_on(callback), entry), id)
}

fn listed_on(callback: &VerifiedCallback) -> Subject {
    Subject::unmatched(&callback.provider.id, callback.received_at)
}

fn message(callback: &VerifiedCallback, report: Option<&Report>) -> Entry {
    let detail = json!({
        "trust": callback.grade,
        "reported": report.map(Report::summary),
        "body": callback.raw_body,
    });
    entry(callback, report, EntryKind::ProviderMessage, summary(callback, report), detail)
}

fn summary(callback: &VerifiedCallback, report: Option<&Report>) -> String {
    let name = &callback.provider.name;
    let Some(report) = report else {
        return format!("{name} sent a message about no payment");
    };
    match (&report.happening, &report.money) {
        (Happening::Status { status }, Some(money)) => format!("{name} reports {status}, {money}"),
        (Happening::Status { status }, None) => format!("{name} reports {status}"),
        (Happening::PartialRefund { .. }, _) => format!("{name} reports a partial refund"),
        (Happening::Voided, _) => format!("{name} reports that it was called off"),
        (Happening::Unknown { word }, _) => format!("{name} reports {word:?}"),
    }
}

fn verdict_entry(callback: &VerifiedCallback, report: &Report, verdict: &Verdict) -> Option<Entry> {
    match verdict {
        Verdict::Created | Verdict::StatusChanged { .. } | Verdict::Enriched => None,
        Verdict::Ignored(reason) => Some(ignored(callback, report, *reason)),
        Verdict::Held => {
            let summary =
                "The report contradicts the record's amount or currency: nothing moved, a person decides";
            Some(entry(callback, Some(report), EntryKind::ReportHeld, summary.to_owned(), report.summary()))
        }
    }
}

fn ignored(callback: &VerifiedCallback, report: &Report, reason: IgnoredReason) -> Entry {
    let mut detail = report.summary();
    if let Value::Object(members) = &mut detail {
        members.insert("reason".to_owned(), json!(reason.code()));
    }
    let summary = format!("The report changes nothing: {}", reason.words());
    entry(callback, Some(report), EntryKind::ReportIgnored, summary, detail)
}

/// The same message delivered again makes the same entries, and so does each of its reports when it comes alone.
fn entry(
    callback: &VerifiedCallback,
    report: Option<&Report>,
    kind: EntryKind,
    summary: String,
    detail: Value,
) -> Entry {
    let provider = callback.provider.id.as_str();
    let report = report.map(|report| serde_json::to_string(report).unwrap_or_default());
    let identity = [
        provider,
        &callback.correlation_id,
        &callback.received_at.to_string(),
        report.as_deref().unwrap_or_default(),
    ];
    let entry = Entry::new(kind, callback.received_at, provider, &identity, summary, detail);
    entry.caused_by(Some(&callback.correlation_id))
}
