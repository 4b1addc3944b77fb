//! Callbacks that have a name.
//!
//! | event | report |
//! |---|---|
//! | `qr.payment`, flat (2020) or nested (2022) | PAID |
//! | `ewallet.capture`, `ewallet.void`, `ewallet.refund` | by the status of the charge; voided; a refund of the charge |
//! | `payment.*` | PAID, PROCESSING, FAILED; EXPIRED when an authorisation ran out and nothing was taken |
//! | `payout.*`, `v3_payout.*` | COMPLETED, FAILED, REVERSED, which can follow COMPLETED |
//! | `direct_debit.payment`, flat | by its status |
//! | `refund.succeeded` | a refund; `reference_id` is the refund's own, the payment is named by its id alone |
//!
//! Anything else is not booked, and neither is a refund that did not come about.

use paywarden_domain::money::{Currency, Money};
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::refund::Refund;
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::vocabulary::{Method, Status};

use super::{report, told, without_country};
use crate::callback::Malformed;
use crate::heard::Heard;
use crate::reader::{Reader, attributes, fitting_reference};

/// Reads a callback called `event`.
pub(super) fn read(body: &Reader<'_>, event: &str, received_at: Timestamp) -> Result<Heard, Malformed> {
    let not_booked = || Ok(Heard::other(event, "nothing is booked for this event"));
    // The third version of payouts has a prefix and says the same.
    let known = event.strip_prefix("v3_").unwrap_or(event);
    let report = match known {
        "qr.payment" if body.find_object("data").is_some() => qr_2022(body, received_at)?,
        "qr.payment" => qr_v1(body, received_at)?,
        "ewallet.capture" | "ewallet.void" => wallet(body, known, received_at)?,
        "ewallet.refund" | "refund.succeeded" => return refund(body, event, received_at),
        "direct_debit.payment" => direct_debit(body, received_at)?,
        _ => match (payout_status(known), payment_status(known)) {
            (Some(status), _) => payout(body, status, received_at)?,
            (_, Some(status)) => payment(body, status, received_at)?,
            (None, None) => return not_booked(),
        },
    };
    Ok(Heard::report(report))
}

fn qr_v1(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let qr = body.object("qr_code")?;
    let word = body.text("status")?;
    let status = (word == "COMPLETED").then_some(Status::Paid);
    Ok(Report {
        reference: Some(qr.text("external_id")?),
        provider_transaction_id: Some(body.text("id")?),
        money: Some(body.money("amount", Currency::IDR)?),
        attributes: attributes(&[("qrData", qr.find_text("qr_string")?)])?,
        payment_reference: receipt(body)?,
        ..report(Some(Method::Qris), told(word, status), body.first_time(&["created"], received_at)?)
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
        attributes: attributes(&[("qrData", data.find_text("qr_string")?)])?,
        payment_reference: receipt(&data)?,
        ..report(Some(Method::Qris), told(word, status), data.first_time(&["created"], received_at)?)
    })
}

/// The payer's bank gives a receipt; it is what statements show.
fn receipt(body: &Reader<'_>) -> Result<Option<String>, Malformed> {
    match body.find_object("payment_details") {
        Some(details) => Ok(fitting_reference(details.find_text("receipt_id")?)),
        None => Ok(None),
    }
}

/// A charge of a wallet. A void takes it back whole, before it was settled.
fn wallet(body: &Reader<'_>, event: &str, received_at: Timestamp) -> Result<Report, Malformed> {
    let data = body.object("data")?;
    let word = data.text("status")?;
    let currency = data.currency("currency", Currency::IDR)?;
    let amount = if data.value("capture_amount").is_some() { "capture_amount" } else { "charge_amount" };
    let happening = match (event, word.as_str()) {
        (_, "VOIDED") | ("ewallet.void", "SUCCEEDED") => Happening::Voided,
        ("ewallet.capture", "SUCCEEDED") => Happening::Status { status: Status::Paid },
        ("ewallet.capture", "FAILED") => Happening::Status { status: Status::Failed },
        ("ewallet.capture", "PENDING") => Happening::Status { status: Status::Pending },
        _ => Happening::Unknown { word },
    };
    // A void has a time of its own, and may leave out what it takes back.
    let voided = happening == Happening::Voided;
    let money = if voided { data.find_money(amount, currency)? } else { Some(data.money(amount, currency)?) };
    let times: &[&str] = if voided { &["voided_at", "updated", "created"] } else { &["updated", "created"] };
    let code = data.find_text("channel_code")?.map(|code| without_country(&code));
    Ok(Report {
        reference: Some(data.text("reference_id")?),
        provider_transaction_id: Some(data.text("id")?),
        money,
        attributes: attributes(&[("code", code)])?,
        code: data.find_text("failure_code")?,
        ..report(Some(Method::EWallet), happening, data.first_time(times, received_at)?)
    })
}

/// Money that went back. Whether it was all of it, the record knows.
fn refund(body: &Reader<'_>, event: &str, received_at: Timestamp) -> Result<Heard, Malformed> {
    let data = body.object("data")?;
    // The newest sample of the documentation has the whole event once more inside `data`.
    let data = data.find_object("data").unwrap_or(data);
    if data.find_text("status")?.is_some_and(|word| word != "SUCCEEDED") {
        return Ok(Heard::other(event, "the refund has not come about"));
    }
    let mut payment = None;
    for name in ["charge_id", "payment_id", "invoice_id", "payment_request_id"] {
        payment = payment.or(data.find_text(name)?);
    }
    if payment.is_none() {
        return Ok(Heard::other(event, "it does not say which payment the refund is of"));
    }
    let currency = data.currency("currency", Currency::IDR)?;
    let amount = if data.value("refund_amount").is_some() { "refund_amount" } else { "amount" };
    let at = data.first_time(&["updated", "created"], received_at)?;
    let refund = Refund { id: data.text("id")?, at, money: data.money(amount, currency)? };
    let happening = Happening::PartialRefund { refunds: vec![refund] };
    Ok(Heard::report(Report { provider_transaction_id: payment, ..report(None, happening, at) }))
}

fn direct_debit(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let word = body.text("status")?;
    let status = match word.as_str() {
        "SUCCEEDED" => Some(Status::Paid),
        "FAILED" => Some(Status::Failed),
        "PENDING" => Some(Status::Processing),
        _ => None,
    };
    let currency = body.currency("currency", Currency::IDR)?;
    let occurred_at = body.first_time(&["timestamp", "updated", "created"], received_at)?;
    Ok(Report {
        reference: Some(body.text("reference_id")?),
        provider_transaction_id: Some(body.text("id")?),
        money: Some(body.money("amount", currency)?),
        code: body.find_text("failure_code")?,
        ..report(None, told(word, status), occurred_at)
    })
}

/// A payout's event says more than its status: it can be reversed after it had succeeded.
fn payout_status(event: &str) -> Option<Status> {
    match event {
        "payout.succeeded" => Some(Status::Completed),
        "payout.failed" | "payout.expired" => Some(Status::Failed),
        "payout.reversed" => Some(Status::Reversed),
        _ => None,
    }
}

fn payout(body: &Reader<'_>, status: Status, received_at: Timestamp) -> Result<Report, Malformed> {
    let data = body.object("data")?;
    let currency = data.currency("currency", Currency::IDR)?;
    let id = match data.find_text("id")? {
        Some(id) => id,
        None => data.text("payout_id")?,
    };
    let bank = data.find_text("channel_code")?.map(|code| without_country(&code));
    let occurred_at = data.first_time(&["updated", "created"], received_at)?;
    Ok(Report {
        reference: Some(data.text("reference_id")?),
        provider_transaction_id: Some(id),
        money: Some(data.money("amount", currency)?),
        attributes: attributes(&[("bankShortCode", bank)])?,
        code: data.find_text("failure_code")?,
        ..report(Some(Method::BankTransfer), Happening::Status { status }, occurred_at)
    })
}

/// The payments API: one event family for all methods. `expiry` is of an authorisation that nobody captured.
fn payment_status(event: &str) -> Option<Status> {
    match event {
        "payment.capture" | "payment.succeeded" => Some(Status::Paid),
        "payment.authorization" | "payment.pending" | "payment.awaiting_capture" => Some(Status::Processing),
        "payment.failure" | "payment.failed" => Some(Status::Failed),
        "payment.expiry" => Some(Status::Expired),
        _ => None,
    }
}

fn payment(body: &Reader<'_>, status: Status, received_at: Timestamp) -> Result<Report, Malformed> {
    let data = body.object("data")?;
    let currency = data.currency("currency", Currency::IDR)?;
    let amount = if data.value("request_amount").is_some() { "request_amount" } else { "amount" };
    let money = match status {
        Status::Paid => Some(captured(&data, currency)?.map_or_else(|| data.money(amount, currency), Ok)?),
        Status::Expired => data.find_money(amount, currency)?,
        _ => Some(data.money(amount, currency)?),
    };
    let id = match data.find_text("payment_id")? {
        Some(id) => id,
        None => data.text("id")?,
    };
    let occurred_at = data.first_time(&["updated", "created"], received_at)?;
    Ok(Report {
        reference: Some(data.text("reference_id")?),
        provider_transaction_id: Some(id),
        money,
        code: data.find_text("failure_code")?,
        ..report(payment_method(&data)?, Happening::Status { status }, occurred_at)
    })
}

/// What was taken, if the captures tell it: it may be less than what was asked for.
fn captured(data: &Reader<'_>, currency: Currency) -> Result<Option<Money>, Malformed> {
    let mut sum: Option<Money> = None;
    for members in data.find_objects("captures")? {
        let Some(part) = Reader::new(members).find_money("capture_amount", currency)? else {
            return Ok(None);
        };
        sum = match sum {
            None => Some(part),
            Some(so_far) => Some(
                so_far.checked_add(part).map_err(|error| data.expected("captures", &error.to_string()))?,
            ),
        };
    }
    Ok(sum)
}

/// The second version names the kind of method, the third the channel.
fn payment_method(data: &Reader<'_>) -> Result<Option<Method>, Malformed> {
    let kind = match data.find_object("payment_method") {
        Some(method) => method.find_text("type")?,
        None => None,
    };
    Ok(match kind.as_deref() {
        Some("QR_CODE") => Some(Method::Qris),
        Some("EWALLET") => Some(Method::EWallet),
        Some("VIRTUAL_ACCOUNT") => Some(Method::VirtualAccount),
        Some("CARD") => Some(Method::CreditCard),
        _ => channel_method(data.find_text("channel_code")?.as_deref()),
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
