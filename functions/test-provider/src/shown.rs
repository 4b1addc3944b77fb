//! What a test comes to, as the API shows it.

use paywarden_domain::time::Zone;
use paywarden_domain::transaction::apply::Verdict;
use paywarden_payments::rehearse::{Expected, ExpectedRecord, Rehearsal};
use paywarden_providers::{Malformed, Refusal, Unbooked};
use serde_json::{Value, json};

/// It would be taken.
pub fn taken(rehearsal: &Rehearsal, zone: &Zone) -> Value {
    json!({
        "verdict": "taken",
        "trust": rehearsal.grade,
        "acknowledgement": {
            "status": rehearsal.acknowledgement.status,
            "body": rehearsal.acknowledgement.body,
        },
        "reports": rehearsal.expected.iter().map(|expected| report(expected, zone)).collect::<Vec<_>>(),
        "not_booked": rehearsal.unbooked.iter().map(unbooked).collect::<Vec<_>>(),
        "problem": null,
    })
}

/// It would not be believed.
pub fn refused(refusal: Refusal) -> Value {
    not_taken("refused", format!("{refusal}: {}", advice(refusal)))
}

/// It would be believed, and kept with the callbacks that cannot be read.
pub fn unreadable(malformed: &Malformed) -> Value {
    not_taken("unreadable", malformed.to_string())
}

fn not_taken(verdict: &str, problem: String) -> Value {
    json!({
        "verdict": verdict,
        "trust": null,
        "acknowledgement": null,
        "reports": [],
        "not_booked": [],
        "problem": problem,
    })
}

/// What to do about it.
fn advice(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::MissingSignature => {
            "what should prove where it comes from is not there; send the headers along"
        }
        Refusal::WrongSignature => "compare the configured secret with the one in the provider's dashboard",
        Refusal::StaleTimestamp => {
            "it was signed too long ago, or a clock is wrong; take one that was just sent"
        }
        Refusal::Inconsistent => "the signature is right, and a member that it does not cover contradicts it",
        Refusal::UnusableCredentials => "the configured credentials are missing or cannot be used",
    }
}

fn report(expected: &Expected, zone: &Zone) -> Value {
    let mut shown = expected.report.summary();
    if let Value::Object(members) = &mut shown {
        let moment = zone.offset_text(expected.report.occurred_at);
        members.insert("occurred_at".to_owned(), json!(moment));
        members.insert("transaction_reference".to_owned(), json!(expected.report.reference));
        members.insert("transaction".to_owned(), json!(expected.record.as_ref().map(record)));
    }
    shown
}

fn record(record: &ExpectedRecord) -> Value {
    let (outcome, reason) = match record.verdict {
        Verdict::Created => ("created", None),
        Verdict::StatusChanged { .. } => ("status_changed", None),
        Verdict::Enriched => ("enriched", None),
        Verdict::Ignored(reason) => ("ignored", Some(reason.words())),
        Verdict::Held => ("held", None),
    };
    json!({
        "id": record.after.id,
        "transaction_reference": record.after.reference,
        "outcome": outcome,
        "reason": reason,
        "status_before": record.before.as_ref().map(|before| before.status()),
        "status_after": record.after.status(),
        "amount": record.after.money.amount_text(),
        "currency": record.after.money.currency(),
    })
}

fn unbooked(unbooked: &Unbooked) -> Value {
    json!({"event": unbooked.event, "reason": unbooked.reason})
}
