//! Generic: our own normalised events, signed after Standard Webhooks, for anything without an adapter.
//!
//! The body is one event or `{"events": [ … ]}` with up to 100; one that cannot be read takes no other along. An event:
//!
//! | member | meaning |
//! |---|---|
//! | `transaction_reference`, `provider_transaction_id` | which payment; at least one of them |
//! | `status` | one of our status names |
//! | `occurred_at` | RFC 3339; the time of receipt if absent |
//! | `amount`, `currency` | a number or text, with its ISO 4217 code |
//! | `method` | one of our method codes; needed for a payment that was not recorded before |
//! | `attributes` | the method's attributes |
//! | `code`, `message` | why it failed |
//! | `payment_reference` | what bank statements show |

use paywarden_domain::json::JsonObject;
use paywarden_domain::provider::{Connection, ProviderType};
use paywarden_domain::transaction::report::{Happening, Report, TrustGrade};
use paywarden_domain::vocabulary::{Method, Service, Status};
use paywarden_domain::webhook::signature::{SigningSecret, TOLERANCE_SECONDS};
use serde_json::Value;

use crate::callback::{Callback, Malformed, Refusal};
use crate::credentials::Credentials;
use crate::heard::Heard;
use crate::reader::{Reader, beyond_bounds, malformed, parse_object};
use crate::registry::{Adapter, Field, Profile};

/// Events of one callback.
const MAX_EVENTS: usize = 100;

pub(crate) struct Generic;

const FIELDS: &[Field] = &[Field {
    key: "signing_secret",
    label: "Signing secret",
    required: true,
    secret: true,
    format: "whsec_ followed by 24 to 64 bytes in base 64",
    help: "The Standard Webhooks secret that the sender signs with",
    example: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    accepts: |value| SigningSecret::parse(value).is_ok(),
}];

/// What it is and asks for.
const PROFILE: Profile = Profile {
    provider_type: ProviderType::Generic,
    name: "Generic",
    connection: Connection::Aggregator,
    services: Service::ALL,
    fields: FIELDS,
    needs_path_token: false,
    secret_members: &[],
    personal_members: &["bankAccountNo", "va_number", "bankAccountHolderName", "va_name"],
};

impl Adapter for Generic {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn verify(&self, callback: &Callback<'_>, credentials: &Credentials) -> Result<TrustGrade, Refusal> {
        let secret = credentials.get("signing_secret").and_then(|text| SigningSecret::parse(text).ok());
        let secret = secret.ok_or(Refusal::UnusableCredentials)?;
        let header = |name| callback.header(name).ok_or(Refusal::MissingSignature);
        let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
        let signatures = header("webhook-signature")?;
        let timestamp: i64 = timestamp.parse().map_err(|_| Refusal::WrongSignature)?;
        if !secret.verifies(id, timestamp, callback.body, signatures) {
            return Err(Refusal::WrongSignature);
        }
        let age = callback.received_at.as_seconds().saturating_sub(timestamp);
        if age.saturating_abs() > TOLERANCE_SECONDS {
            Err(Refusal::StaleTimestamp)
        } else {
            Ok(TrustGrade::Signed)
        }
    }

    fn parse(&self, callback: &Callback<'_>) -> Result<Heard, Malformed> {
        let body = parse_object(callback.body)?;
        match body.get("events") {
            None => event(&Reader::new(&body), callback).map(Heard::report),
            Some(Value::Array(events)) if events.len() <= MAX_EVENTS => {
                Heard::of_rows(events.iter().map(|item| match item {
                    Value::Object(members) => event(&Reader::new(members), callback).map(Heard::report),
                    _ => Err(malformed("events", "expected objects")),
                }))
            }
            Some(_) => Err(malformed("events", &format!("expected an array of at most {MAX_EVENTS}"))),
        }
    }
}

fn event(event: &Reader<'_>, callback: &Callback<'_>) -> Result<Report, Malformed> {
    let reference = event.find_text("transaction_reference")?;
    let provider_transaction_id = event.find_text("provider_transaction_id")?;
    if reference.is_none() && provider_transaction_id.is_none() {
        return Err(event.expected("transaction_reference", "this or provider_transaction_id is required"));
    }
    let method = event.find_text("method")?.map(|code| Method::parse(&code)).transpose();
    let word = event.text("status")?;
    let money = match event.find_text("currency")? {
        Some(_) => {
            let currency = event.currency("currency", paywarden_domain::money::Currency::IDR)?;
            Some(event.money("amount", currency)?)
        }
        None if event.value("amount").is_some() => {
            return Err(event.expected("currency", "is required with amount"));
        }
        None => None,
    };
    Ok(Report {
        reference,
        provider_transaction_id,
        happening: match Status::parse(&word) {
            Ok(status) => Happening::Status { status },
            Err(_) => Happening::Unknown { word },
        },
        occurred_at: event.first_time(&["occurred_at"], callback.received_at)?,
        untimed: false,
        money,
        method: method.map_err(|error| event.expected("method", &error.to_string()))?,
        attributes: known_attributes(event)?,
        code: event.find_text("code")?,
        message: event.find_words("message")?,
        submissions: Vec::new(),
        payment_reference: event.find_text("payment_reference")?,
        id_on_statements: None,
    })
}

/// Those members that some method has; a record has room for no others.
fn known_attributes(event: &Reader<'_>) -> Result<JsonObject, Malformed> {
    let members = match event.value("attributes") {
        None => return Ok(JsonObject::default()),
        Some(value) => value.as_object().ok_or_else(|| event.expected("attributes", "expected an object"))?,
    };
    let is_known = |key: &str| Method::ALL.iter().any(|method| method.attribute_keys().contains(&key));
    let known = members.iter().filter(|(key, _)| is_known(key));
    let known = known.map(|(key, value)| (key.clone(), value.clone())).collect();
    JsonObject::new(known).map_err(|error| beyond_bounds("attributes", &error.to_string()))
}
