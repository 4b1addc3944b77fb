//! The first lines of a payment's page: where it stands, why, and whether the merchant was told.

use paywarden_api_client::ClientError;
use paywarden_domain::time::Timestamp;
use paywarden_domain::vocabulary::{Method, Status, StatusGroup};
use serde_json::Value;

use super::Transaction;
use super::timeline::{Logged, Logs};
use crate::failure::Failure;
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::html::Html;
use crate::view::status::Tone;
use crate::view::time::{moment, span};
use crate::visit::Visit;

/// Where it stands and why; whether the merchant was told, and how long that took.
pub fn first_lines(
    visit: &Visit<'_>,
    transaction: &Transaction,
    logs: Option<&Result<Logs, ClientError>>,
) -> Result<Html, Failure> {
    let entries = logs.and_then(|logs| logs.as_ref().ok()).map(|logs| logs.entries.as_slice());
    let mut lines = vec![("Status", stands(visit, transaction)?)];
    if let Some(entries) = entries {
        lines.push(("Last heard", heard(visit, entries)?));
        lines.push(("Merchant told", told(visit, entries)?));
        lines.push(("From callback to merchant", way(visit, entries)?));
    }
    Ok(facts(&lines)?)
}

fn stands(visit: &Visit<'_>, transaction: &Transaction) -> Result<Html, askama::Error> {
    let status = Status::parse(&transaction.status).ok();
    let since = moment(&transaction.status_changed_at, visit.zone()).map(|since| seconds(since, visit.now));
    let mut parts = vec![cell::status(&transaction.status)?];
    if let Some(since) = since {
        parts.push(cell::text(&format!("for {}", span(since)))?);
    }
    if let Some(reason) = &transaction.unpaid_reason {
        parts.push(cell::text(reason)?);
    }
    if status.is_some_and(|status| status.group() == StatusGroup::Processing) {
        parts.push(why_open(visit, transaction)?);
    }
    cell::stack(&parts)
}

/// What an open payment waits for, and whether that takes longer than usual.
fn why_open(visit: &Visit<'_>, transaction: &Transaction) -> Result<Html, askama::Error> {
    let provider = transaction.provider_name.as_deref().unwrap_or("a provider");
    let waits = match transaction.status.as_str() {
        "PENDING" => format!("Waits for the payer; {provider} has not said that it was paid."),
        _ => format!("Under way at {provider}, which has not said how it ended."),
    };
    let created = moment(&transaction.created_at, visit.zone()).map(|created| seconds(created, visit.now));
    let usual = Method::parse(&transaction.method).map(Method::normally_open_seconds);
    match (created, usual) {
        (Some(open), Ok(usual)) if open > usual => {
            let said = format!("{waits} Payments of this type are usually done within {}.", span(usual));
            cell::mark(Tone::Warning, &said)
        }
        _ => cell::text(&waits),
    }
}

fn heard(visit: &Visit<'_>, entries: &[Logged]) -> Result<Html, askama::Error> {
    let last = entries.iter().rev().find(|entry| entry.kind == "provider_message");
    said(visit, last, "No callback has come for it.")
}

fn told(visit: &Visit<'_>, entries: &[Logged]) -> Result<Html, askama::Error> {
    let last = entries.iter().rev().find(|entry| entry.kind == "webhook_attempt");
    said(visit, last, "No webhook was sent about it.")
}

fn said(visit: &Visit<'_>, entry: Option<&Logged>, otherwise: &str) -> Result<Html, askama::Error> {
    match entry {
        Some(entry) => {
            cell::stack(&[cell::text(&entry.summary)?, cell::time(&entry.at, visit.zone(), visit.now)?])
        }
        None => cell::text(otherwise),
    }
}

/// The time from the last message that changed something to the first answer of 2xx behind it.
fn way(visit: &Visit<'_>, entries: &[Logged]) -> Result<Html, askama::Error> {
    let changed = entries.iter().rposition(|entry| entry.kind == "status_changed");
    let Some(changed) = changed else {
        return Ok(Html::default());
    };
    let (before, behind) = entries.split_at(changed);
    let cause = before.iter().rev().find(|entry| entry.kind == "provider_message");
    let arrival = behind.iter().find(|entry| entry.kind == "webhook_attempt" && is_success(entry));
    let at = |entry: Option<&Logged>| entry.and_then(|entry| moment(&entry.at, visit.zone()));
    match (at(cause), at(entries.get(changed)), at(arrival)) {
        (Some(cause), Some(changed), Some(arrival)) => cell::text(&format!(
            "{}: {} until the record changed, {} until the merchant's server had it",
            millis(cause, arrival),
            millis(cause, changed),
            millis(changed, arrival),
        )),
        (Some(_), Some(_), None) => cell::mark(Tone::Warning, "the merchant's server has not taken it yet"),
        _ => Ok(Html::default()),
    }
}

/// Whether an attempt at a webhook was answered with success.
pub fn is_success(entry: &Logged) -> bool {
    let status = entry.detail.get("http_status").and_then(Value::as_u64);
    status.is_some_and(|status| (200..300).contains(&status))
}

fn seconds(since: Timestamp, until: Timestamp) -> i64 {
    until.as_seconds().saturating_sub(since.as_seconds()).max(0)
}

fn millis(from: Timestamp, until: Timestamp) -> String {
    let millis = until.as_micros().saturating_sub(from.as_micros()).max(0) / 1_000;
    if millis < 10_000 { format!("{millis} ms") } else { span(millis / 1_000) }
}
