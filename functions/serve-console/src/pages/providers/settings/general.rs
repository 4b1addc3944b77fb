//! Name, connection, services, priority and settlement.

use serde_json::{Map, Value, json};

use super::{Setting, number, or_null};
use crate::asked::Asked;
use crate::pages::providers::record::{Provider, ProviderType, service_choices};
use crate::view::form::{Field, words};

/// The settings of a provider of a type.
pub fn settings(kind: &ProviderType) -> Vec<Setting> {
    let services = service_choices(kind.services.iter().map(String::as_str));
    vec![
        Setting::new("name", "Provider name", Field::text)
            .with(|field| field.required().help("What you call it, such as Xendit or BCA")),
        Setting::new("connection", "Connection", |name, label| {
            Field::choice(name, label, words(["AGGREGATOR", "DIRECT"]))
        }),
        Setting::new("services", "Services", |name, label| Field::boxes(name, label, services))
            .with(Field::required),
        Setting::new("priority", "Priority", Field::text)
            .with(|field| field.help("From 1 to 1000; lower goes first, and without one it is 100")),
        Setting::new("settlement.time", "Settlement: books close at", Field::text)
            .with(|field| field.placeholder("00:00").help("Leave all three empty if it is not known")),
        Setting::new("settlement.zone", "Settlement: time zone", Field::text)
            .with(|field| field.placeholder("Asia/Jakarta")),
        Setting::new("settlement.lag_days", "Settlement: business days until the money comes", Field::text)
            .with(|field| field.placeholder("1")),
    ]
}

/// What the form of a new provider of a type begins with.
pub fn of_type(kind: &ProviderType) -> Vec<(String, String)> {
    let mut pairs = vec![("connection".to_owned(), kind.connection.clone())];
    if let [only] = kind.services.as_slice() {
        pairs.push(("services".to_owned(), only.clone()));
    }
    pairs
}

pub fn of_provider(provider: &Provider) -> Vec<(String, String)> {
    let mut pairs = vec![
        ("name".to_owned(), provider.name.clone()),
        ("connection".to_owned(), provider.connection.clone()),
        ("priority".to_owned(), provider.priority.to_string()),
    ];
    pairs.extend(provider.services.iter().map(|service| ("services".to_owned(), service.clone())));
    if let Some(settlement) = &provider.settlement {
        pairs.extend([
            ("settlement.time".to_owned(), settlement.time.clone()),
            ("settlement.zone".to_owned(), settlement.zone.clone()),
            ("settlement.lag_days".to_owned(), settlement.lag_days.to_string()),
        ]);
    }
    pairs
}

/// What a form comes to for the API.
pub fn body(form: &Asked) -> Map<String, Value> {
    let services: Vec<&str> = form.all("services").collect();
    let mut body = Map::new();
    body.insert("name".to_owned(), form.text("name").into());
    body.insert("connection".to_owned(), or_null(form.get("connection")));
    body.insert("services".to_owned(), services.into());
    body.insert("priority".to_owned(), form.get("priority").map_or(Value::Null, number));
    body.insert("settlement".to_owned(), settlement(form));
    body
}

/// When its books close; nothing when none of it was filled in.
fn settlement(form: &Asked) -> Value {
    let [time, zone, days] = ["settlement.time", "settlement.zone", "settlement.lag_days"];
    if [time, zone, days].iter().all(|name| form.get(name).is_none()) {
        return Value::Null;
    }
    json!({"time": form.text(time), "zone": form.text(zone), "lag_days": number(form.text(days))})
}
