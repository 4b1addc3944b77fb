//! What today's adapter makes of a body that was kept.

use paywarden_domain::json::JsonObject;
use paywarden_domain::provider::Provider;
use paywarden_domain::timeline::Entry;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::attempt::Attempt;
use paywarden_domain::transaction::report::{Report, TrustGrade};
use paywarden_providers::{Callback, Malformed, adapter, hear, is_masked};
use serde_json::{Map, Value, json};

/// A second reading.
pub struct SecondReading {
    /// What was made of it when it came.
    pub then: Value,
    /// What is made of it now.
    pub now: Value,
    /// The members that differ, each with `then` and `now`.
    pub differences: Value,
    /// What it reports of this transaction now.
    pub reports: Vec<Report>,
    /// The body as it was kept.
    pub body: String,
}

/// Reads the body of an entry again, for the transaction it is on.
///
/// # Errors
/// When it cannot be read: it was cut, or today's adapter refuses it.
pub(crate) fn read_again(
    provider: &Provider,
    transaction: &Transaction,
    entry: &Entry,
) -> Result<SecondReading, Malformed> {
    let (reports, body) = kept_reports(provider, entry)?;
    let reports: Vec<Report> = reports.into_iter().filter(|report| is_about(report, transaction)).collect();
    let then = entry.detail.get("reported").cloned().unwrap_or_default();
    let now = reports.first().map_or(Value::Null, Report::summary);
    let differences = differences(&then, &now);
    Ok(SecondReading { then, now, differences, reports, body })
}

/// What today's adapter makes of the body of an entry, and the body.
pub(crate) fn kept_reports(provider: &Provider, entry: &Entry) -> Result<(Vec<Report>, String), Malformed> {
    let body = entry.detail.get("body").and_then(Value::as_str).unwrap_or_default().to_owned();
    let headers = http::HeaderMap::new();
    let callback = Callback {
        headers: &headers,
        path: "",
        path_token: None,
        body: body.as_bytes(),
        received_at: entry.at,
    };
    let reports = hear(adapter(provider.provider_type), &callback)?.reports.into_iter();
    Ok((reports.map(without_masked).map(|report| report.received(entry.at)).collect(), body))
}

/// How far a callback could be believed when it came.
pub(crate) fn trust_of(entry: &Entry) -> TrustGrade {
    let trust = entry.detail.get("trust").and_then(Value::as_str);
    trust.and_then(|word| TrustGrade::parse(word).ok()).unwrap_or(TrustGrade::None)
}

/// A callback may report several payments; the entry is on the timeline of one.
fn is_about(report: &Report, transaction: &Transaction) -> bool {
    let payment = report.provider_transaction_id.as_deref();
    let is_of_it =
        |attempt: &Attempt| payment.is_some() && attempt.provider_transaction_id.as_deref() == payment;
    transaction.attempts().iter().any(is_of_it)
        || report.reference.as_deref() == Some(transaction.reference.as_str())
}

/// Personal data was masked before it was kept: the record must not learn the mask.
fn without_masked(report: Report) -> Report {
    let kept = report.attributes.to_value();
    let kept: Map<String, Value> = kept
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.as_str().is_some_and(is_masked))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Report { attributes: JsonObject::new(kept).unwrap_or_default(), ..report }
}

fn differences(then: &Value, now: &Value) -> Value {
    let names = [then, now].into_iter().filter_map(Value::as_object).flat_map(Map::keys);
    let mut differences = Map::new();
    for name in names.filter(|name| then[name.as_str()] != now[name.as_str()]) {
        differences.insert(name.clone(), json!({"then": then[name.as_str()], "now": now[name.as_str()]}));
    }
    Value::Object(differences)
}
