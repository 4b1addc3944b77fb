//! Payment notifications.

use paywarden_domain::bounds::is_last4;
use paywarden_domain::json::JsonObject;
use paywarden_domain::money::{Currency, Money};
use paywarden_domain::time::{Timestamp, fixed_hours, parse_civil_in};
use paywarden_domain::transaction::refund::Refund;
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::vocabulary::{Method, Status};
use serde_json::Value;

use crate::callback::Malformed;
use crate::reader::{Reader, attributes};

const JAKARTA_HOURS: i8 = 7;

/// Reads a notification whose signature verified.
pub(super) fn read(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let word = body.text("transaction_status")?;
    let currency = body.currency("currency", Currency::IDR)?;
    let payment_type = body.find_text("payment_type")?;
    let gross = body.money("gross_amount", currency)?;
    let failed = matches!(word.as_str(), "deny" | "failure" | "cancel");
    let given_back =
        matches!(word.as_str(), "refund" | "partial_refund" | "chargeback" | "partial_chargeback");
    let refunds = if given_back { refunds(body, currency, received_at)? } else { Vec::new() };
    // What was given back has a time of its own. The sale's would put it before everything that came since.
    let occurred_at = if given_back {
        refunds.iter().map(|refund| refund.at).max().unwrap_or(received_at)
    } else {
        time_of_sale(body)?.unwrap_or(received_at)
    };
    Ok(Report {
        reference: Some(body.text("order_id")?),
        provider_transaction_id: Some(body.text("transaction_id")?),
        happening: happening(word, body.find_text("fraud_status")?.as_deref(), refunds),
        occurred_at,
        untimed: false,
        money: Some(price(body, gross).unwrap_or(gross)),
        method: payment_type.as_deref().and_then(method),
        attributes: payment_attributes(body, payment_type.as_deref())?,
        code: body.find_text("status_code")?.filter(|_| failed),
        message: body.find_words("status_message")?.filter(|_| failed),
        submissions: Vec::new(),
        payment_reference: None,
        id_on_statements: None,
    })
}

fn time_of_sale(body: &Reader<'_>) -> Result<Option<Timestamp>, Malformed> {
    match jakarta_time(body, "settlement_time")? {
        Some(settled) => Ok(Some(settled)),
        None => jakarta_time(body, "transaction_time"),
    }
}

/// What the merchant asked for, when Midtrans explains to the rupiah that the rest is a fee that the payer bears. A fee that
/// does not add up explains nothing.
fn price(body: &Reader<'_>, gross: Money) -> Option<Money> {
    let info = body.find_object("metadata")?.find_object("extra_info")?.find_object("gross_amount_info")?;
    let price = info.money("original_amount", gross.currency()).ok()?;
    let fee = info.money("customer_imposed_payment_fee", gross.currency()).ok()?;
    (price.checked_add(fee) == Ok(gross)).then_some(price)
}

/// The parts that went back so far: each notification lists all of them.
fn refunds(body: &Reader<'_>, currency: Currency, received_at: Timestamp) -> Result<Vec<Refund>, Malformed> {
    let listed = body.find_objects("refunds")?;
    listed.iter().map(|members| refund(&Reader::new(members), currency, received_at)).collect()
}

/// A refund is told when it is asked for, and once more when the bank has confirmed it: the time at which it was asked for
/// is in both.
fn refund(listed: &Reader<'_>, currency: Currency, received_at: Timestamp) -> Result<Refund, Malformed> {
    let key = match listed.find_text("refund_key")? {
        Some(key) => key,
        None => listed.text("refund_chargeback_id")?,
    };
    let at = match jakarta_time(listed, "created_at")? {
        Some(at) => Some(at),
        None => jakarta_time(listed, "bank_confirmed_at")?,
    };
    Ok(Refund { id: key, at: at.unwrap_or(received_at), money: listed.money("refund_amount", currency)? })
}

/// A card's `capture` counts once the fraud check has accepted it; until then it is under way. A payment that was taken can
/// still be cancelled, and a bank can deny one that was settled, within minutes: the money goes back then.
fn happening(word: String, fraud_status: Option<&str>, refunds: Vec<Refund>) -> Happening {
    let status = match (word.as_str(), fraud_status) {
        ("partial_refund" | "partial_chargeback", _) => return Happening::PartialRefund { refunds },
        ("deny" | "cancel", _) => return Happening::Voided,
        ("settlement", _) | ("capture", None | Some("accept")) => Status::Paid,
        ("capture", Some("deny")) | ("failure", _) => Status::Failed,
        ("capture", Some("challenge")) | ("authorize", _) => Status::Processing,
        ("pending", _) => Status::Pending,
        ("expire", _) => Status::Expired,
        ("refund" | "chargeback", _) => Status::Reversed,
        _ => return Happening::Unknown { word },
    };
    Happening::Status { status }
}

fn method(payment_type: &str) -> Option<Method> {
    match payment_type {
        "qris" => Some(Method::Qris),
        "gopay" | "shopeepay" | "dana" | "ovo" => Some(Method::EWallet),
        "bank_transfer" | "echannel" | "permata" => Some(Method::VirtualAccount),
        "credit_card" => Some(Method::CreditCard),
        _ => None,
    }
}

fn payment_attributes(body: &Reader<'_>, payment_type: Option<&str>) -> Result<JsonObject, Malformed> {
    match payment_type.and_then(method) {
        Some(Method::VirtualAccount) => virtual_account(body),
        Some(Method::EWallet) => attributes(&[("code", payment_type.map(str::to_uppercase))]),
        Some(Method::CreditCard) => {
            let last4 = body
                .find_text("masked_card")?
                .and_then(|card| card.get(card.len().checked_sub(4)?..).map(str::to_owned))
                .filter(|digits| is_last4(digits));
            let brand = body.find_text("bank")?.map(|bank| bank.to_uppercase());
            attributes(&[("brand", brand), ("last4", last4)])
        }
        _ => Ok(JsonObject::default()),
    }
}

/// Most banks are in `va_numbers`; Permata and Mandiri have members of their own.
fn virtual_account(body: &Reader<'_>) -> Result<JsonObject, Malformed> {
    if let Some(number) = body.find_text("permata_va_number")? {
        return attributes(&[("code", Some("PERMATA".to_owned())), ("va_number", Some(number))]);
    }
    if let Some(number) = body.find_text("bill_key")? {
        return attributes(&[("code", Some("MANDIRI".to_owned())), ("va_number", Some(number))]);
    }
    let first = body.value("va_numbers").and_then(Value::as_array).and_then(|numbers| numbers.first());
    let Some(Value::Object(members)) = first else {
        return Ok(JsonObject::default());
    };
    let number = Reader::new(members);
    let code = number.find_text("bank")?.map(|bank| bank.to_uppercase());
    attributes(&[("code", code), ("va_number", number.find_text("va_number")?)])
}

fn jakarta_time(body: &Reader<'_>, name: &str) -> Result<Option<Timestamp>, Malformed> {
    let Some(text) = body.find_text(name)? else {
        return Ok(None);
    };
    let moment = parse_civil_in(&text, &fixed_hours(JAKARTA_HOURS));
    moment.map(Some).map_err(|_| body.expected(name, "expected YYYY-MM-DD HH:mm:ss"))
}
