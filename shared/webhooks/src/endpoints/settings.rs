//! An endpoint's settings in an object from outside: the same members when it is added and when it is changed.

use std::ops::RangeInclusive;

use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::vocabulary::words_of;
use paywarden_domain::webhook::address::AddressPolicy;
use paywarden_domain::webhook::endpoint::Batching;
use paywarden_domain::webhook::retry::RetrySchedule;
use paywarden_domain::webhook::{Delivering, Endpoint, EndpointStatus, EventType, SignatureScheme, url};
use serde_json::Value;

/// Longest description, in characters.
const DESCRIPTION_CHARACTERS: usize = 256;

/// Reads all that a new endpoint is to be into `blank`.
///
/// # Errors
/// Naming the member and what was expected.
pub fn read_new(
    blank: Endpoint,
    fields: &Fields<'_>,
    policy: AddressPolicy,
) -> Result<Endpoint, InvalidField> {
    let mut endpoint = blank;
    endpoint.url = fields.required("url", |text| url::parse(text, policy))?.to_string();
    read_into(&mut endpoint, fields, policy)?;
    if let Some(signature) = fields.parsed("signature", SignatureScheme::parse)? {
        endpoint.signature = signature;
    }
    Ok(endpoint)
}

/// Reads what the body says into `endpoint`; what it does not name stays as it is, `null` takes away what may be absent.
///
/// # Errors
/// Naming the member and what was expected.
pub fn read_into(
    endpoint: &mut Endpoint,
    fields: &Fields<'_>,
    policy: AddressPolicy,
) -> Result<(), InvalidField> {
    if let Some(url) = fields.parsed("url", |text| url::parse(text, policy))? {
        endpoint.url = url.to_string();
    }
    if let Some(events) = events(fields)? {
        endpoint.events = events;
    }
    let description = fields.text("description", DESCRIPTION_CHARACTERS)?;
    take(&mut endpoint.description, description, fields.is_cleared("description"));
    read_delivering(&mut endpoint.delivering, fields)
}

/// What somebody switches it to, if they do. Nobody switches an endpoint off for good: that is its receiver's doing.
///
/// # Errors
/// Naming the member and what was expected.
pub fn status(fields: &Fields<'_>) -> Result<Option<EndpointStatus>, InvalidField> {
    let status = fields.parsed("status", EndpointStatus::parse)?;
    if status == Some(EndpointStatus::Disabled) {
        let choices = [EndpointStatus::Enabled, EndpointStatus::Paused];
        let message = format!("expected {}", words_of(&choices, EndpointStatus::as_str));
        return Err(fields.refused("status", message));
    }
    Ok(status)
}

fn read_delivering(delivering: &mut Delivering, fields: &Fields<'_>) -> Result<(), InvalidField> {
    take(&mut delivering.retry, retry(fields)?, fields.is_cleared("retry_seconds"));
    let rate_limit = fields.integer("rate_limit", 1..=Delivering::MAX_RATE)?;
    take(&mut delivering.rate_limit, rate_limit, fields.is_cleared("rate_limit"));
    take(&mut delivering.batching, batching(fields)?, fields.is_cleared("batch"));
    if let Some(ordered) = fields.flag("ordered")? {
        delivering.ordered = ordered;
    }
    Ok(())
}

/// Puts in what is given, or nothing where somebody wants that.
fn take<T>(place: &mut Option<T>, given: Option<T>, is_cleared: bool) {
    if given.is_some() || is_cleared {
        *place = given;
    }
}

fn events(fields: &Fields<'_>) -> Result<Option<Vec<EventType>>, InvalidField> {
    let Some(mut events) = fields.words("events", EventType::parse)? else {
        return Ok(None);
    };
    events.sort();
    events.dedup();
    if events.is_empty() || !events.iter().all(|event| event.is_subscribable()) {
        let choices: Vec<_> =
            EventType::ALL.iter().copied().filter(|event| event.is_subscribable()).collect();
        let message = format!("expected at least one of {}", words_of(&choices, EventType::as_str));
        return Err(fields.refused("events", message));
    }
    Ok(Some(events))
}

fn retry(fields: &Fields<'_>) -> Result<Option<RetrySchedule>, InvalidField> {
    let Some(value) = fields.value("retry_seconds") else {
        return Ok(None);
    };
    let number = |wait: &Value| wait.as_u64().and_then(|wait| u32::try_from(wait).ok());
    let waits: Option<Vec<u32>> = value.as_array().and_then(|waits| waits.iter().map(number).collect());
    let waits = waits.ok_or_else(|| fields.refused("retry_seconds", "expected a list of whole numbers"))?;
    RetrySchedule::chosen(waits).map(Some).map_err(|error| fields.refused("retry_seconds", error.to_string()))
}

fn batching(fields: &Fields<'_>) -> Result<Option<Batching>, InvalidField> {
    let Some(batch) = fields.nested("batch")? else {
        return Ok(None);
    };
    let required = |name: &str, range: RangeInclusive<u32>| {
        batch.integer(name, range)?.ok_or_else(|| batch.refused(name, "is required"))
    };
    let max_records = required("max_records", 2..=Batching::MAX_RECORDS)?;
    let max_seconds = required("max_seconds", 1..=Batching::MAX_SECONDS)?;
    batch.finish()?;
    Ok(Some(Batching { max_records, max_seconds }))
}
