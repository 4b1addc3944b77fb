//! Midtrans: payment notifications, and payouts from Iris.
//!
//! Facts from Midtrans' public documentation. `signature_key` covers order, status code and amount, but not
//! `transaction_status`, so a callback is keyed and not signed. Amounts are text (`"5539.00"`). Times have no zone and
//! are Jakarta's (GMT+7); Iris writes RFC 3339.

use data_encoding::HEXLOWER;
use paywarden_domain::json::JsonObject;
use paywarden_domain::money::Currency;
use paywarden_domain::provider::{Connection, ProviderType};
use paywarden_domain::time::{Timestamp, fixed_hours, parse_civil_in};
use paywarden_domain::transaction::refund::Refund;
use paywarden_domain::transaction::report::{Happening, Report, TrustGrade};
use paywarden_domain::vocabulary::{Method, Service, Status};
use serde_json::Value;
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;

use crate::callback::{Callback, Malformed, Refusal};
use crate::credentials::Credentials;
use crate::reader::{Reader, attributes, parse_object};
use crate::registry::{Adapter, Field, any_text};

pub(crate) struct Midtrans;

const JAKARTA_HOURS: i8 = 7;

const FIELDS: &[Field] = &[
    Field {
        key: "server_key",
        label: "Server key",
        required: true,
        secret: true,
        format: "the key as Midtrans shows it",
        help: "Dashboard, Settings, Access keys",
        example: "Mid-server-example",
        accepts: any_text,
    },
    Field {
        key: "iris_merchant_key",
        label: "Iris merchant key",
        required: false,
        secret: true,
        format: "the key as Midtrans shows it",
        help: "Needed for payouts: Iris dashboard, Settings",
        example: "IRIS-merchant-example",
        accepts: any_text,
    },
];

impl Adapter for Midtrans {
    fn provider_type(&self) -> ProviderType {
        ProviderType::Midtrans
    }

    fn name(&self) -> &'static str {
        "Midtrans"
    }

    fn connection(&self) -> Connection {
        Connection::Aggregator
    }

    fn services(&self) -> &'static [Service] {
        &[
            Service::QrCodePayment,
            Service::EWallet,
            Service::VirtualAccount,
            Service::CreditCard,
            Service::SendMoney,
        ]
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn verify(&self, callback: &Callback<'_>, credentials: &Credentials) -> Result<TrustGrade, Refusal> {
        let (given, expected) = match callback.header("iris-signature") {
            Some(signature) => (signature.to_owned(), iris_signature(callback.body, credentials)?),
            None => payment_signature(callback.body, credentials)?,
        };
        if given.as_bytes().ct_eq(expected.as_bytes()).into() {
            Ok(TrustGrade::Keyed)
        } else {
            Err(Refusal::WrongSignature)
        }
    }

    fn parse(&self, callback: &Callback<'_>) -> Result<Vec<Report>, Malformed> {
        let members = parse_object(callback.body)?;
        let body = Reader::new(&members);
        let report = if body.value("reference_no").is_some() {
            payout(&body, callback.received_at)?
        } else {
            payment(&body, callback.received_at)?
        };
        Ok(vec![report])
    }

    fn secret_members(&self) -> &'static [&'static str] {
        &["signature_key"]
    }

    fn personal_members(&self) -> &'static [&'static str] {
        &[
            "va_number",
            "bill_key",
            "masked_card",
            "customer_details",
            "payer_name",
            "payer_email",
            "beneficiary_account",
        ]
    }
}

/// SHA-512 over the members as they were sent, then the server key.
fn payment_signature(body: &[u8], credentials: &Credentials) -> Result<(String, String), Refusal> {
    let key = credentials.get("server_key").ok_or(Refusal::UnusableCredentials)?;
    let members = parse_object(body).map_err(|_| Refusal::MissingSignature)?;
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let given = text("signature_key").ok_or(Refusal::MissingSignature)?;
    let parts = ["order_id", "status_code", "gross_amount"].map(|name| text(name).unwrap_or_default());
    let signed = format!("{}{key}", parts.concat());
    Ok((given.to_owned(), HEXLOWER.encode(&Sha512::digest(signed))))
}

fn iris_signature(body: &[u8], credentials: &Credentials) -> Result<String, Refusal> {
    let key = credentials.get("iris_merchant_key").ok_or(Refusal::UnusableCredentials)?;
    let mut hash = Sha512::new();
    hash.update(body);
    hash.update(key.as_bytes());
    Ok(HEXLOWER.encode(&hash.finalize()))
}

fn payment(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let word = body.text("transaction_status")?;
    let currency = body.currency("currency", Currency::IDR)?;
    let payment_type = body.find_text("payment_type")?;
    let settled = body.find_text("settlement_time")?.is_some();
    let time = if settled { "settlement_time" } else { "transaction_time" };
    let failed = matches!(word.as_str(), "deny" | "failure" | "cancel");
    let happening = match word.as_str() {
        "partial_refund" | "partial_chargeback" => {
            Happening::PartialRefund { refunds: refunds(body, currency, received_at)? }
        }
        _ => happening(word, body.find_text("fraud_status")?.as_deref()),
    };
    Ok(Report {
        reference: Some(body.text("order_id")?),
        provider_transaction_id: Some(body.text("transaction_id")?),
        happening,
        occurred_at: jakarta_time(body, time)?.unwrap_or(received_at),
        untimed: false,
        money: Some(body.money("gross_amount", currency)?),
        method: payment_type.as_deref().and_then(method),
        attributes: payment_attributes(body, payment_type.as_deref())?,
        code: body.find_text("status_code")?.filter(|_| failed),
        message: body.find_text("status_message")?.filter(|_| failed),
        submissions: Vec::new(),
        payment_reference: None,
    })
}

/// The parts that went back so far: each notification lists all of them.
fn refunds(body: &Reader<'_>, currency: Currency, received_at: Timestamp) -> Result<Vec<Refund>, Malformed> {
    let listed = body.find_objects("refunds")?;
    listed.iter().map(|members| refund(&Reader::new(members), currency, received_at)).collect()
}

fn refund(listed: &Reader<'_>, currency: Currency, received_at: Timestamp) -> Result<Refund, Malformed> {
    let key = match listed.find_text("refund_key")? {
        Some(key) => key,
        None => listed.text("refund_chargeback_id")?,
    };
    Ok(Refund {
        id: key,
        at: jakarta_time(listed, "created_at")?.unwrap_or(received_at),
        money: listed.money("refund_amount", currency)?,
    })
}

/// A card's `capture` counts once the fraud check has accepted it; until then it is under way.
fn happening(word: String, fraud_status: Option<&str>) -> Happening {
    let status = match (word.as_str(), fraud_status) {
        ("settlement", _) | ("capture", Some("accept")) => Status::Paid,
        ("capture", Some("deny")) | ("deny" | "failure" | "cancel", _) => Status::Failed,
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
    Ok(match payment_type.and_then(method) {
        Some(Method::VirtualAccount) => virtual_account(body)?,
        Some(Method::EWallet) => attributes(&[("code", payment_type.map(str::to_uppercase))]),
        Some(Method::CreditCard) => {
            let last4 = body
                .find_text("masked_card")?
                .and_then(|card| card.get(card.len().checked_sub(4)?..).map(str::to_owned));
            attributes(&[
                ("brand", body.find_text("bank")?.map(|bank| bank.to_uppercase())),
                ("last4", last4),
            ])
        }
        _ => JsonObject::default(),
    })
}

/// Most banks are in `va_numbers`; Permata and Mandiri have members of their own.
fn virtual_account(body: &Reader<'_>) -> Result<JsonObject, Malformed> {
    if let Some(number) = body.find_text("permata_va_number")? {
        return Ok(attributes(&[("code", Some("PERMATA".to_owned())), ("va_number", Some(number))]));
    }
    if let Some(number) = body.find_text("bill_key")? {
        return Ok(attributes(&[("code", Some("MANDIRI".to_owned())), ("va_number", Some(number))]));
    }
    let first = body.value("va_numbers").and_then(Value::as_array).and_then(|numbers| numbers.first());
    let Some(Value::Object(members)) = first else {
        return Ok(JsonObject::default());
    };
    let number = Reader::new(members);
    let code = number.find_text("bank")?.map(|bank| bank.to_uppercase());
    Ok(attributes(&[("code", code), ("va_number", number.find_text("va_number")?)]))
}

fn jakarta_time(body: &Reader<'_>, name: &str) -> Result<Option<Timestamp>, Malformed> {
    let Some(text) = body.find_text(name)? else {
        return Ok(None);
    };
    let moment = parse_civil_in(&text, &fixed_hours(JAKARTA_HOURS));
    moment.map(Some).map_err(|_| body.expected(name, "expected YYYY-MM-DD HH:mm:ss"))
}

/// Iris: a payout by its `reference_no`, which is Iris' own id; ours is not in the notification.
fn payout(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let word = body.text("status")?;
    let status = match word.as_str() {
        "completed" => Some(Status::Completed),
        "failed" | "rejected" => Some(Status::Failed),
        "queued" | "processed" | "approved" => Some(Status::Processing),
        _ => None,
    };
    Ok(Report {
        reference: None,
        provider_transaction_id: Some(body.text("reference_no")?),
        happening: status.map_or(Happening::Unknown { word }, |status| Happening::Status { status }),
        occurred_at: body.first_time(&["updated_at"], received_at)?,
        untimed: false,
        money: Some(body.money("amount", Currency::IDR)?),
        method: Some(Method::BankTransfer),
        attributes: JsonObject::default(),
        code: body.find_text("error_code")?,
        message: body.find_text("error_message")?,
        submissions: Vec::new(),
        payment_reference: None,
    })
}
