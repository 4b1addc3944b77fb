//! The body: what a merchant says of a transaction, checked member by member.

use paywarden_domain::bounds::{
    ID_CHARACTERS, PAYMENT_REFERENCE_CHARACTERS, PROVIDER_ID_CHARACTERS, is_last4,
};
use paywarden_domain::entropy::Entropy;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::ProviderId;
use paywarden_domain::json::JsonObject;
use paywarden_domain::money::{Currency, Money};
use paywarden_domain::time::{Clock, Timestamp, Zone, days};
use paywarden_domain::transaction::MerchantFields;
use paywarden_domain::transaction::draft::Draft;
use paywarden_domain::transaction::reference::{MAX_REFERENCE_CHARACTERS, is_reference};
use paywarden_domain::vocabulary::{Direction, Method};
use paywarden_payments::record::PaymentOrder;
use serde_json::Value;

const BATCH_REFERENCE_CHARACTERS: usize = 256;
const DESTINATION_CHARACTERS: usize = 128;

/// Ten years.
const MAX_DAYS_AWAY: i64 = 3_653;

/// Payments under one reference: a static QR of a busy shop has many, a mistake has more.
const MAX_OCCURRENCE: u32 = 1_000_000;

/// Reads the body.
pub fn order(
    body: &Value,
    zone: &Zone,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<PaymentOrder, InvalidField> {
    let fields = Fields::of(body)?;
    let method = fields.required("method", Method::parse)?;
    let direction = fields.required("direction", Direction::parse)?;
    if direction != method.direction() {
        let expected = format!("expected {} for {method}", method.direction());
        return Err(fields.refused("direction", expected));
    }
    let now = clock.now();
    let order = PaymentOrder {
        provider_id: fields.parsed("provider_id", ProviderId::parse)?,
        draft: Draft {
            reference: reference(&fields)?.unwrap_or_else(|| generated_reference(now, entropy)),
            occurrence: fields.integer("occurrence", 1..=MAX_OCCURRENCE)?.unwrap_or(1),
            method,
            money: money(&fields)?,
            provider: None,
            assumed_provider: None,
            provider_transaction_id: fields.text("provider_transaction_id", PROVIDER_ID_CHARACTERS)?,
            merchant_fields: merchant_fields(&fields)?,
            attributes: attributes(&fields, method)?,
            expired_at: near_time(&fields, "expired_at", time(&fields, "expired_at", zone)?, now)?,
            created_at: past_time(&fields, "created_at", zone, now)?,
        },
    };
    if order.draft.provider_transaction_id.is_some() && order.provider_id.is_none() {
        return Err(fields.refused("provider_id", "expected beside provider_transaction_id: whose id it is"));
    }
    fields.finish()?;
    Ok(order)
}

fn reference(fields: &Fields<'_>) -> Result<Option<String>, InvalidField> {
    let reference = fields.text("transaction_reference", MAX_REFERENCE_CHARACTERS)?;
    if reference.as_deref().is_some_and(|text| !is_reference(text)) {
        let message = format!("expected 1 to {MAX_REFERENCE_CHARACTERS} printable characters");
        return Err(fields.refused("transaction_reference", message));
    }
    Ok(reference)
}

fn generated_reference(now: Timestamp, entropy: &dyn Entropy) -> String {
    paywarden_domain::transaction::reference::generate(now, entropy)
}

fn money(fields: &Fields<'_>) -> Result<Money, InvalidField> {
    let currency = fields.required("currency", Currency::parse)?;
    let amount = fields.decimal("amount")?;
    Money::payment(amount, currency).map_err(|error| fields.refused("amount", error.to_string()))
}

fn merchant_fields(fields: &Fields<'_>) -> Result<MerchantFields, InvalidField> {
    Ok(MerchantFields {
        payments_id: fields.text("payments_id", ID_CHARACTERS)?,
        customers_id: fields.text("customers_id", ID_CHARACTERS)?,
        bank_accounts_id: fields.text("bank_accounts_id", ID_CHARACTERS)?,
        mandates_id: fields.text("mandates_id", ID_CHARACTERS)?,
        payment_reference: fields.text("payment_reference", PAYMENT_REFERENCE_CHARACTERS)?,
        submission_batch_reference: fields.text("submission_batch_reference", BATCH_REFERENCE_CHARACTERS)?,
        payment_data: fields.object("payment_data")?.unwrap_or_default(),
        metadata: fields.object("metadata")?.unwrap_or_default(),
        destination: fields.text("destination", DESTINATION_CHARACTERS)?,
    })
}

/// The method's details: its own members only, each a text. `last4` members hold four digits, so that nobody stores a
/// whole card or account number by mistake.
fn attributes(fields: &Fields<'_>, method: Method) -> Result<JsonObject, InvalidField> {
    let Some(attributes) = fields.object("attributes")? else {
        return Ok(JsonObject::default());
    };
    for key in attributes.keys() {
        let parameter = format!("attributes.{key}");
        if !method.attribute_keys().contains(&key) {
            let message = format!("expected one of {} for {method}", method.attribute_keys().join(", "));
            return Err(fields.refused(&parameter, message));
        }
        let Some(text) = attributes.text(key) else {
            return Err(fields.refused(&parameter, "expected a text"));
        };
        if key.ends_with("last4") && !is_last4(text) {
            return Err(fields.refused(&parameter, "expected four digits"));
        }
    }
    Ok(attributes)
}

fn time(fields: &Fields<'_>, name: &str, zone: &Zone) -> Result<Option<Timestamp>, InvalidField> {
    fields.parsed(name, |text| {
        let parsed = Timestamp::parse(text).or_else(|_| zone.parse_clock_text(text));
        parsed.map_err(|_| "expected a time as YYYY-MM-DD HH:mm:ss or RFC 3339")
    })
}

/// A time of this age: what is centuries away is a mistake of somebody's, and would be kept and sorted by for ever.
fn near_time(
    fields: &Fields<'_>,
    name: &str,
    moment: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<Timestamp>, InvalidField> {
    let span = days(MAX_DAYS_AWAY);
    let (earliest, latest) = (now.plus_seconds(0_i64.saturating_sub(span)), now.plus_seconds(span));
    if moment.is_some_and(|moment| moment < earliest || latest < moment) {
        return Err(fields.refused(name, "expected a time within ten years of now"));
    }
    Ok(moment)
}

fn past_time(
    fields: &Fields<'_>,
    name: &str,
    zone: &Zone,
    now: Timestamp,
) -> Result<Option<Timestamp>, InvalidField> {
    match time(fields, name, zone)? {
        Some(moment) if moment > now => {
            Err(fields.refused(name, "expected a time that is not in the future"))
        }
        moment => near_time(fields, name, moment, now),
    }
}
