//! Xendit: QR codes, virtual accounts, e-wallets, payouts and the current payments API, told apart by their shape.
//!
//! Facts from Xendit's public API reference. A callback carries the account's callback token; nothing covers the body,
//! so it is keyed and not signed. Amounts are JSON numbers, whole for IDR. Times are ISO 8601 in UTC.
//! Not confirmed by a published sample: the payout's `payout_id` instead of `id` in older versions; both are taken.

use paywarden_domain::json::JsonObject;
use paywarden_domain::money::Currency;
use paywarden_domain::provider::{Connection, ProviderType};
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::report::{Happening, Report, TrustGrade};
use paywarden_domain::vocabulary::{Method, Service, Status};
use subtle::ConstantTimeEq;

use crate::callback::{Callback, Malformed, Refusal};
use crate::credentials::Credentials;
use crate::reader::{Reader, attributes, malformed, parse_object};
use crate::registry::{Adapter, Field, any_text};

pub(crate) struct Xendit;

const BODY_TOKEN: &str = "callback_authentication_token";

const FIELDS: &[Field] = &[
    Field {
        key: "callback_token",
        label: "Callback verification token",
        required: true,
        secret: true,
        format: "the token as Xendit shows it",
        help: "Dashboard, Settings, Webhooks, Webhook verification token",
        example: "xnd_callback_example",
        accepts: any_text,
    },
    Field {
        key: "secret_key",
        label: "Secret API key",
        required: false,
        secret: true,
        format: "the key as Xendit shows it",
        help: "Dashboard, Settings, API keys",
        example: "xnd_production_example",
        accepts: any_text,
    },
];

impl Adapter for Xendit {
    fn provider_type(&self) -> ProviderType {
        ProviderType::Xendit
    }

    fn name(&self) -> &'static str {
        "Xendit"
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
        let expected = credentials.get("callback_token").ok_or(Refusal::UnusableCredentials)?;
        let given = match callback.header("x-callback-token") {
            Some(token) => token.to_owned(),
            None => body_token(callback.body).ok_or(Refusal::MissingSignature)?,
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
        let received_at = callback.received_at;
        let report = match body.find_text("event")?.as_deref() {
            Some("qr.payment") if body.find_object("data").is_some() => qr_2022(&body, received_at)?,
            Some("qr.payment") => qr_v1(&body, received_at)?,
            Some("ewallet.capture") => ewallet(&body, received_at)?,
            Some(event) if event.starts_with("payout.") => payout(&body, event, received_at)?,
            Some(event) if event.starts_with("payment.") => payment(&body, event, received_at)?,
            Some(event) => {
                return Err(malformed("event", &format!("{event} is not an event this adapter reads")));
            }
            None if body.value("callback_virtual_account_id").is_some() => {
                virtual_account(&body, received_at)?
            }
            None if body.value("ewallet_type").is_some() => ewallet_2019(&body, received_at)?,
            None => return Err(malformed("event", "is required")),
        };
        Ok(vec![report])
    }

    fn secret_members(&self) -> &'static [&'static str] {
        &[BODY_TOKEN]
    }

    fn personal_members(&self) -> &'static [&'static str] {
        &[
            "account_number",
            "sender_name",
            "account_holder_name",
            "phone",
            "mobile_number",
            "email",
            "email_to",
        ]
    }
}

/// The 2019 e-wallet version carries its token in the body.
fn body_token(body: &[u8]) -> Option<String> {
    let members = parse_object(body).ok()?;
    Reader::new(&members).find_text(BODY_TOKEN).ok()?
}

/// A report with what every kind of callback has; the rest is filled in by kind.
fn report(method: Option<Method>, word: String, status: Option<Status>, occurred_at: Timestamp) -> Report {
    Report {
        reference: None,
        provider_transaction_id: None,
        happening: status.map_or(Happening::Unknown { word }, |status| Happening::Status { status }),
        occurred_at,
        untimed: false,
        money: None,
        method,
        attributes: JsonObject::default(),
        code: None,
        message: None,
        submissions: Vec::new(),
        payment_reference: None,
    }
}

fn qr_v1(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let qr = body.object("qr_code")?;
    let word = body.text("status")?;
    let status = (word == "COMPLETED").then_some(Status::Paid);
    Ok(Report {
        reference: Some(qr.text("external_id")?),
        provider_transaction_id: Some(body.text("id")?),
        money: Some(body.money("amount", Currency::IDR)?),
        attributes: attributes(&[("qrData", qr.find_text("qr_string")?)]),
        payment_reference: receipt(body)?,
        ..report(Some(Method::Qris), word, status, body.first_time(&["created"], received_at)?)
    })
}

fn qr_2022(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let data = body.object("data")?;
    let word = data.text("status")?;
    let status = (word == "SUCCEEDED").then_some(Status::Paid);
    let currency = data.currency("currency", Currency::IDR)?;
    Ok(Report {
        reference: Some(data.text("reference_id")?),
        provider_transaction_id: Some(data.text("id")?),
        money: Some(data.money("amount", currency)?),
        attributes: attributes(&[("qrData", data.find_text("qr_string")?)]),
        payment_reference: receipt(&data)?,
        ..report(Some(Method::Qris), word, status, data.first_time(&["created"], received_at)?)
    })
}

/// The payer's bank gives a receipt; it is what statements show. Only those that fit the field are taken.
fn receipt(body: &Reader<'_>) -> Result<Option<String>, Malformed> {
    let details = body.find_object("payment_details");
    let receipt = details.map(|details| details.find_text("receipt_id")).transpose()?.flatten();
    Ok(receipt.filter(|receipt| receipt.chars().count() <= 35))
}

/// A paid virtual account carries no status: that it comes means that it was paid.
fn virtual_account(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    Ok(Report {
        reference: Some(body.text("external_id")?),
        provider_transaction_id: Some(body.text("payment_id")?),
        money: Some(body.money("amount", Currency::IDR)?),
        attributes: attributes(&[
            ("code", body.find_text("bank_code")?),
            ("va_number", full_account_number(body)?),
        ]),
        ..report(
            Some(Method::VirtualAccount),
            String::new(),
            Some(Status::Paid),
            body.first_time(&["transaction_timestamp"], received_at)?,
        )
    })
}

/// What a payer types: the bank's company code, then the account.
fn full_account_number(body: &Reader<'_>) -> Result<Option<String>, Malformed> {
    let (company, account) = (body.find_text("merchant_code")?, body.find_text("account_number")?);
    Ok(account.map(|account| match company {
        Some(company) if !account.starts_with(&company) => format!("{company}{account}"),
        _ => account,
    }))
}

fn ewallet(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let data = body.object("data")?;
    let word = data.text("status")?;
    let currency = data.currency("currency", Currency::IDR)?;
    let amount = if data.value("capture_amount").is_some() { "capture_amount" } else { "charge_amount" };
    Ok(Report {
        reference: Some(data.text("reference_id")?),
        provider_transaction_id: Some(data.text("id")?),
        money: Some(data.money(amount, currency)?),
        attributes: attributes(&[("code", data.find_text("channel_code")?.map(|code| wallet(&code)))]),
        code: data.find_text("failure_code")?,
        ..report(
            Some(Method::EWallet),
            word.clone(),
            charge_status(&word),
            data.first_time(&["updated", "created"], received_at)?,
        )
    })
}

/// The flat version of 2019, told by its `ewallet_type`.
fn ewallet_2019(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let word = match body.find_text("status")? {
        Some(word) => word,
        None => body.text("payment_status")?,
    };
    let status = match word.as_str() {
        "COMPLETED" | "PAID" | "SUCCESS_COMPLETED" => Some(Status::Paid),
        "FAILED" => Some(Status::Failed),
        _ => None,
    };
    Ok(Report {
        reference: Some(body.text("external_id")?),
        provider_transaction_id: body.find_text("business_id")?.and(body.find_text("id")?),
        money: Some(body.money("amount", Currency::IDR)?),
        attributes: attributes(&[("code", body.find_text("ewallet_type")?)]),
        code: body.find_text("failure_code")?,
        ..report(Some(Method::EWallet), word, status, body.first_time(&["transaction_date"], received_at)?)
    })
}

fn charge_status(word: &str) -> Option<Status> {
    match word {
        "SUCCEEDED" => Some(Status::Paid),
        "FAILED" | "VOIDED" => Some(Status::Failed),
        "PENDING" => Some(Status::Pending),
        _ => None,
    }
}

/// `ID_DANA` is DANA to everybody else.
fn wallet(channel: &str) -> String {
    channel
        .split_once('_')
        .filter(|(country, _)| country.len() == 2)
        .map_or(channel, |(_, name)| name)
        .to_owned()
}

/// A payout's event says more than its status: it can be reversed after it had succeeded.
fn payout(body: &Reader<'_>, event: &str, received_at: Timestamp) -> Result<Report, Malformed> {
    let data = body.object("data")?;
    let currency = data.currency("currency", Currency::IDR)?;
    let id = match data.find_text("id")? {
        Some(id) => id,
        None => data.text("payout_id")?,
    };
    let status = match event {
        "payout.succeeded" => Some(Status::Completed),
        "payout.failed" | "payout.expired" => Some(Status::Failed),
        "payout.reversed" => Some(Status::Reversed),
        _ => None,
    };
    Ok(Report {
        reference: Some(data.text("reference_id")?),
        provider_transaction_id: Some(id),
        money: Some(data.money("amount", currency)?),
        attributes: attributes(&[(
            "bankShortCode",
            data.find_text("channel_code")?.map(|code| wallet(&code)),
        )]),
        code: data.find_text("failure_code")?,
        ..report(
            Some(Method::BankTransfer),
            event.to_owned(),
            status,
            data.first_time(&["updated", "created"], received_at)?,
        )
    })
}

/// The current payments API: one event family for all methods.
fn payment(body: &Reader<'_>, event: &str, received_at: Timestamp) -> Result<Report, Malformed> {
    let data = body.object("data")?;
    let currency = data.currency("currency", Currency::IDR)?;
    let amount = if data.value("request_amount").is_some() { "request_amount" } else { "amount" };
    let id = match data.find_text("payment_id")? {
        Some(id) => id,
        None => data.text("id")?,
    };
    let status = match event {
        "payment.capture" | "payment.succeeded" => Some(Status::Paid),
        "payment.authorization" | "payment.pending" => Some(Status::Processing),
        "payment.failure" | "payment.failed" => Some(Status::Failed),
        _ => None,
    };
    Ok(Report {
        reference: Some(data.text("reference_id")?),
        provider_transaction_id: Some(id),
        money: Some(data.money(amount, currency)?),
        code: data.find_text("failure_code")?,
        ..report(
            channel_method(data.find_text("channel_code")?.as_deref()),
            event.to_owned(),
            status,
            data.first_time(&["updated", "created"], received_at)?,
        )
    })
}

/// The method behind a channel of the payments API. One that is not listed stays unknown; a recorded payment has its
/// method already.
fn channel_method(channel: Option<&str>) -> Option<Method> {
    match channel? {
        "QRIS" => Some(Method::Qris),
        "CARDS" => Some(Method::CreditCard),
        "DANA" | "OVO" | "SHOPEEPAY" | "LINKAJA" | "ASTRAPAY" | "GOPAY" => Some(Method::EWallet),
        other if other.ends_with("_VIRTUAL_ACCOUNT") => Some(Method::VirtualAccount),
        _ => None,
    }
}
