//! Callbacks without a name, told apart by members that only one of them has.
//!
//! | told by | callback | report |
//! |---|---|---|
//! | `ewallet_type` | wallet of 2019 | by its status |
//! | `callback_virtual_account_id` | virtual account paid | PAID: it has no status, that it comes means that it was paid |
//! | `fixed_payment_code_id` | paid at a retail outlet | by its status |
//! | `disbursements` | batch of payouts | one report a row |
//! | `disbursement_description`, or `account_holder_name` with a status | payout | by its status |
//! | `merchant_name` | invoice | PAID (SETTLED is PAID once more), EXPIRED, PENDING |
//! | `is_closed`, `is_single_use` | virtual account made or changed | not booked |

use paywarden_domain::json::JsonObject;
use paywarden_domain::money::Currency;
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::vocabulary::{Method, Status};

use super::{report, told};
use crate::callback::Malformed;
use crate::heard::Heard;
use crate::reader::{Reader, attributes};

/// Whether it is a wallet's first version, which OVO sends with a name. Invoices know the member too.
pub(super) fn is_first_wallet(body: &Reader<'_>) -> bool {
    body.value("ewallet_type").is_some() && body.value("merchant_name").is_none()
}

/// Reads a callback by what it has.
pub(super) fn read(body: &Reader<'_>, received_at: Timestamp) -> Result<Heard, Malformed> {
    let has = |name: &str| body.value(name).is_some();
    let report = if is_first_wallet(body) {
        wallet(body, received_at)?
    } else if has("callback_virtual_account_id") {
        virtual_account(body, received_at)?
    } else if has("fixed_payment_code_id") {
        retail_outlet(body, received_at)?
    } else if has("disbursements") {
        let rows = body.find_objects("disbursements")?;
        let at = body.first_time(&["updated", "created"], received_at)?;
        return Heard::of_rows(
            rows.into_iter().map(|row| disbursement(&Reader::new(row), at)).map(|row| row.map(Heard::report)),
        );
    } else if has("is_closed") || has("is_single_use") {
        return Ok(Heard::other("virtual account", "an account was made or changed, and no payment told of"));
    } else if has("disbursement_description") || (has("account_holder_name") && has("status")) {
        disbursement(body, received_at)?
    } else if has("merchant_name") && has("external_id") {
        invoice(body, received_at)?
    } else {
        return Ok(Heard::other("nameless", "it is of no kind that is known"));
    };
    Ok(Heard::report(report))
}

/// The payment is asked for by its `payment_id`; the "Product ID" of the balance report is the callback's own `id`.
/// Source: <https://docs.xendit.co/docs/balance-report>.
fn virtual_account(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let payment = body.text("payment_id")?;
    Ok(Report {
        reference: Some(body.text("external_id")?),
        id_on_statements: body.find_text("id")?.filter(|id| *id != payment),
        provider_transaction_id: Some(payment),
        money: Some(body.money("amount", Currency::IDR)?),
        attributes: attributes(&[
            ("code", body.find_text("bank_code")?),
            ("va_number", full_account_number(body)?),
        ])?,
        ..report(
            Some(Method::VirtualAccount),
            Happening::Status { status: Status::Paid },
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

/// DANA and LinkAja say `payment_status` and `transaction_date`, OVO `status` and `created`.
fn wallet(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let word = match body.find_text("status")? {
        Some(word) => word,
        None => body.text("payment_status")?,
    };
    let status = match word.as_str() {
        "COMPLETED" | "PAID" | "SUCCESS_COMPLETED" => Some(Status::Paid),
        "FAILED" => Some(Status::Failed),
        _ => None,
    };
    let occurred_at = body.first_time(&["transaction_date", "created"], received_at)?;
    Ok(Report {
        reference: Some(body.text("external_id")?),
        provider_transaction_id: body.find_text("business_id")?.and(body.find_text("id")?),
        money: Some(body.money("amount", Currency::IDR)?),
        attributes: attributes(&[("code", body.find_text("ewallet_type")?)])?,
        code: body.find_text("failure_code")?,
        ..report(Some(Method::EWallet), told(word, status), occurred_at)
    })
}

/// Paid over a counter: no method of ours, so only a payment that was recorded before takes it.
fn retail_outlet(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let word = body.find_text("status")?.unwrap_or_else(|| "COMPLETED".to_owned());
    let status = (word == "COMPLETED").then_some(Status::Paid);
    let occurred_at = body.first_time(&["transaction_timestamp"], received_at)?;
    Ok(Report {
        reference: Some(body.text("external_id")?),
        provider_transaction_id: Some(body.text("payment_id")?),
        money: Some(body.money("amount", Currency::IDR)?),
        ..report(None, told(word, status), occurred_at)
    })
}

/// A payout of the first version, alone or as a row of a batch.
fn disbursement(body: &Reader<'_>, told_at: Timestamp) -> Result<Report, Malformed> {
    let word = body.text("status")?;
    let status = match word.as_str() {
        "COMPLETED" => Some(Status::Completed),
        "FAILED" => Some(Status::Failed),
        "PENDING" => Some(Status::Processing),
        _ => None,
    };
    let occurred_at = body.first_time(&["status_updated", "updated", "created"], told_at)?;
    Ok(Report {
        reference: Some(body.text("external_id")?),
        provider_transaction_id: Some(body.text("id")?),
        money: Some(body.money("amount", Currency::IDR)?),
        attributes: attributes(&[("bankShortCode", body.find_text("bank_code")?)])?,
        code: body.find_text("failure_code")?,
        ..report(Some(Method::BankTransfer), told(word, status), occurred_at)
    })
}

/// An invoice that was paid may be settled later, which is the same payment at the same time.
fn invoice(body: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let word = body.text("status")?;
    let status = match word.as_str() {
        "PAID" | "SETTLED" => Some(Status::Paid),
        "EXPIRED" => Some(Status::Expired),
        "PENDING" => Some(Status::Pending),
        _ => None,
    };
    let paid = status == Some(Status::Paid);
    let amount = if paid && body.value("paid_amount").is_some() { "paid_amount" } else { "amount" };
    let times: &[&str] = if paid { &["paid_at", "updated"] } else { &["updated"] };
    let method = invoice_method(body.find_text("payment_method")?.as_deref());
    let currency = body.currency("currency", Currency::IDR)?;
    Ok(Report {
        reference: Some(body.text("external_id")?),
        provider_transaction_id: Some(body.text("id")?),
        money: Some(body.money(amount, currency)?),
        attributes: invoice_attributes(body, method)?,
        ..report(method, told(word, status), body.first_time(times, received_at)?)
    })
}

fn invoice_method(word: Option<&str>) -> Option<Method> {
    match word? {
        "BANK_TRANSFER" | "CALLBACK_VIRTUAL_ACCOUNT" => Some(Method::VirtualAccount),
        "CREDIT_CARD" => Some(Method::CreditCard),
        "QR_CODE" | "QRIS" => Some(Method::Qris),
        "EWALLET" => Some(Method::EWallet),
        _ => None,
    }
}

fn invoice_attributes(body: &Reader<'_>, method: Option<Method>) -> Result<JsonObject, Malformed> {
    let channel = body.find_text("payment_channel")?;
    match method {
        Some(Method::VirtualAccount) => attributes(&[
            ("code", body.find_text("bank_code")?.or(channel)),
            ("va_number", body.find_text("payment_destination")?),
        ]),
        Some(Method::EWallet) => attributes(&[("code", body.find_text("ewallet_type")?.or(channel))]),
        _ => Ok(JsonObject::default()),
    }
}
