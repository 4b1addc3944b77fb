//! What can be set of an endpoint: the fields of its forms, what they are filled in with, and what they come to for the API.

use paywarden_domain::webhook::EventType;
use serde_json::{Map, Value, json};

use super::record::Endpoint;
use crate::asked::Asked;
use crate::pages::setting::{Setting, number, or_null};
use crate::view::form::{Field, words};

const RECORDS: &str = "batch.max_records";
const SECONDS: &str = "batch.max_seconds";

/// The settings of an endpoint, or of a new one.
pub fn settings(endpoint: Option<&Endpoint>) -> Vec<Setting> {
    vec![
        Setting::new("url", "Address", Field::text).with(|field| {
            let help = "https, port 443 or from 1024, a host on the public internet";
            field.required().placeholder("https://example.com/hooks/paywarden").help(help)
        }),
        Setting::new("events", "Events", |name, label| Field::boxes(name, label, events(endpoint)))
            .with(|field| field.help("A new endpoint without any is told of the two of transactions")),
        Setting::new("description", "What it is for", Field::text),
        Setting::new("retry_seconds", "Waits between attempts, in seconds", Field::text).with(|field| {
            field.placeholder("5,300,1800").help("Up to 15; empty: the usual ones, about three days in all")
        }),
        Setting::new("rate_limit", "Attempts a second, at most", Field::text)
            .with(|field| field.placeholder("20").help("From 1 to 1000; empty: as fast as it goes")),
        Setting::new(RECORDS, "Transactions in one delivery, at most", Field::text).with(|field| {
            field.placeholder("50").help("Up to 50; empty, as the next one: each goes by itself")
        }),
        Setting::new(SECONDS, "Seconds that the first of them waits for others", Field::text)
            .with(|field| field.placeholder("10").help("Up to 300")),
        Setting::new("ordered", "In order", Field::flag).with(|field| {
            field.help("A version of a transaction waits until the one before was taken or given up")
        }),
    ]
}

/// What only a new endpoint is asked.
pub fn of_creation() -> Vec<Setting> {
    let schemes = [
        ("v1", "v1: HMAC-SHA256, with a secret that both sides know"),
        ("v1a", "v1a: Ed25519, which a public key verifies"),
    ];
    let schemes = schemes.map(|(value, name)| (value.to_owned(), name.to_owned())).to_vec();
    vec![
        Setting::new("signature", "Signature", |name, label| Field::choice(name, label, schemes))
            .with(|field| field.help("Stays as it is created")),
        Setting::new("test", "Send a test event at once", Field::flag),
    ]
}

/// What can be chosen, with what is chosen already: an event may be newer than this console.
fn events(endpoint: Option<&Endpoint>) -> Vec<(String, String)> {
    let known = EventType::ALL.iter().filter(|event| event.is_subscribable()).map(|event| event.as_str());
    let mut choices = words(known);
    for event in endpoint.into_iter().flat_map(|endpoint| &endpoint.events) {
        if choices.iter().all(|(known, _)| known != event) {
            choices.push((event.clone(), event.clone()));
        }
    }
    choices
}

/// What the form of a new endpoint begins with.
pub fn of_new() -> Asked {
    let events = EventType::DEFAULT.iter().map(|event| ("events".to_owned(), event.as_str().to_owned()));
    Asked::new(events.collect())
}

/// What an endpoint's form is filled in with.
pub fn of_endpoint(endpoint: &Endpoint) -> Asked {
    let mut pairs = vec![("url".to_owned(), endpoint.url.clone())];
    pairs.extend(endpoint.events.iter().map(|event| ("events".to_owned(), event.clone())));
    let mut put = |name: &str, value: Option<String>| {
        pairs.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("description", endpoint.description.clone());
    put("retry_seconds", endpoint.retry_seconds.as_deref().map(waits));
    put("rate_limit", endpoint.rate_limit.map(|limit| limit.to_string()));
    put(RECORDS, endpoint.batch.as_ref().map(|batch| batch.max_records.to_string()));
    put(SECONDS, endpoint.batch.as_ref().map(|batch| batch.max_seconds.to_string()));
    put("ordered", endpoint.ordered.then(|| "true".to_owned()));
    Asked::new(pairs)
}

/// Waits as somebody types them.
fn waits(seconds: &[i64]) -> String {
    seconds.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// What a form comes to for the API.
pub fn body(form: &Asked) -> Map<String, Value> {
    let events: Vec<&str> = form.all("events").collect();
    let members = [
        ("url", form.text("url").into()),
        ("events", events.into()),
        ("description", or_null(form.get("description"))),
        ("retry_seconds", form.get("retry_seconds").map_or(Value::Null, numbers)),
        ("rate_limit", form.get("rate_limit").map_or(Value::Null, number)),
        ("batch", batch(form)),
        ("ordered", form.is_ticked("ordered").into()),
    ];
    members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
}

/// Numbers between commas or spaces; what is none is sent as it is, for the API to say what it expects.
fn numbers(text: &str) -> Value {
    let parts = text.split([',', ';', ' ']).filter(|part| !part.is_empty());
    parts.map(number).collect::<Vec<_>>().into()
}

/// How many go out at once; nothing when nothing was filled in.
fn batch(form: &Asked) -> Value {
    if form.get(RECORDS).is_none() && form.get(SECONDS).is_none() {
        return Value::Null;
    }
    let given = |name: &str| form.get(name).map_or(Value::Null, number);
    json!({"max_records": given(RECORDS), "max_seconds": given(SECONDS)})
}
