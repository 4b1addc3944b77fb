//! What the notifications say.

use paywarden_domain::json::JsonObject;
use paywarden_domain::money::{Currency, Money};
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::refund::Refund;
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::vocabulary::{Method, Status};

use crate::callback::Malformed;
use crate::heard::Heard;
use crate::reader::{Reader, attributes, fitting_reference};

/// The words that more than one place asks for.
const PAID: &str = "00";
const REFUNDED: &str = "04";

/// Which of the services it is of, by what is paid with.
pub(super) fn service(body: &Reader<'_>) -> Option<Method> {
    let has = |name: &str| body.value(name).is_some();
    if has("virtualAccountNo") {
        Some(Method::VirtualAccount)
    } else if !has("latestTransactionStatus") {
        None
    } else if has("createdTime") || has("finishedTime") {
        Some(Method::EWallet)
    } else {
        Some(Method::Qris)
    }
}

pub(super) fn virtual_account(body: &Reader<'_>, told_at: Timestamp) -> Result<Report, Malformed> {
    let details = body.find_object("additionalInfo");
    let word = match &details {
        Some(details) => details.find_text("paymentFlagStatus")?,
        None => None,
    };
    let happening = happening(word.clone().unwrap_or_else(|| PAID.to_owned()));
    let paid = happening == Happening::Status { status: Status::Paid };
    let paid_at = details.map_or(Ok(None), |details| details.find_time("paidTime"))?;
    // What was not paid has no amount that was paid, and the one that was asked for only sometimes.
    let money = match find_amount(body, "paidAmount")? {
        Some(money) => Some(money),
        None if paid => return Err(body.expected("paidAmount", "is required")),
        None => find_amount(body, "totalAmount")?,
    };
    let told = paid_at.or(body.find_time("trxDateTime")?);
    Ok(Report {
        reference: body.find_text("trxId")?,
        provider_transaction_id: body.find_text("paymentRequestId")?,
        code: word.filter(|_| is_failure(&happening)),
        happening,
        occurred_at: told.unwrap_or(told_at),
        // When it was sent says nothing: it is sent again.
        untimed: told.is_none(),
        money,
        method: Some(Method::VirtualAccount),
        attributes: attributes(&[
            ("va_number", body.find_text("virtualAccountNo")?),
            ("va_name", body.find_words("virtualAccountName")?),
        ])?,
        message: None,
        submissions: Vec::new(),
        payment_reference: fitting_reference(body.find_text("referenceNo")?),
        id_on_statements: None,
    })
}

pub(super) fn code_or_wallet(
    body: &Reader<'_>,
    method: Method,
    told_at: Timestamp,
) -> Result<Heard, Malformed> {
    let word = body.text("latestTransactionStatus")?;
    let reference = body.find_text("originalPartnerReferenceNo")?;
    let provider_transaction_id = body.find_text("originalReferenceNo")?;
    if reference.is_none() && provider_transaction_id.is_none() {
        return Ok(Heard::other(&word, "it does not say which payment it is of"));
    }
    let money = find_amount(body, "amount")?;
    let refunds = if word == REFUNDED { refunds(body, told_at)? } else { Vec::new() };
    let happening = match happening(word.clone()) {
        Happening::Status { status: Status::Reversed } if went_back_in_part(body, money)? => {
            Happening::PartialRefund { refunds: refunds.clone() }
        }
        whole => whole,
    };
    // What was given back has a time of its own; the others', the payment's.
    let told = match refunds.iter().map(|refund| refund.at).max() {
        None if word != REFUNDED => body.find_time("finishedTime")?,
        given_back => given_back,
    };
    let failed = is_failure(&happening);
    Ok(Heard::report(Report {
        reference,
        provider_transaction_id,
        code: failed.then_some(word),
        message: body.find_words("transactionStatusDesc")?.filter(|_| failed),
        happening,
        occurred_at: told.unwrap_or(told_at),
        // When it was sent says nothing: it is sent again.
        untimed: told.is_none(),
        money,
        method: Some(method),
        attributes: JsonObject::default(),
        submissions: Vec::new(),
        payment_reference: None,
        id_on_statements: None,
    }))
}

fn happening(word: String) -> Happening {
    let status = match word.as_str() {
        PAID => Status::Paid,
        "01" | "03" => Status::Pending,
        "02" => Status::Processing,
        REFUNDED => Status::Reversed,
        "05" => return Happening::Voided,
        "06" | "09" => Status::Failed,
        "08" => Status::Expired,
        _ => return Happening::Unknown { word },
    };
    Happening::Status { status }
}

fn is_failure(happening: &Happening) -> bool {
    matches!(happening, Happening::Voided | Happening::Status { status: Status::Failed })
}

/// Whether `additionalInfo` says that less than the amount went back.
fn went_back_in_part(body: &Reader<'_>, money: Option<Money>) -> Result<bool, Malformed> {
    let total = match body.find_object("additionalInfo") {
        Some(details) => find_amount(&details, "totalRefundAmount")?,
        None => None,
    };
    Ok(
        matches!((total, money), (Some(total), Some(money)) if total.currency() == money.currency() && total < money),
    )
}

/// The parts that went back so far, as far as they are told one by one.
fn refunds(body: &Reader<'_>, told_at: Timestamp) -> Result<Vec<Refund>, Malformed> {
    let Some(details) = body.find_object("additionalInfo") else {
        return Ok(Vec::new());
    };
    let mut refunds = Vec::new();
    for members in details.find_objects("refundHistory")? {
        let part = Reader::new(members);
        // One that did not come about is told too.
        if part.find_text("refundStatus")?.is_some_and(|word| word != PAID) {
            continue;
        }
        if let Some(money) = find_amount(&part, "refundAmount")? {
            let at = part.first_time(&["refundTime", "refundDate"], told_at)?;
            refunds.push(Refund { id: part.text("refundNo")?, at, money });
        }
    }
    Ok(refunds)
}

/// `{"value": "10000.00", "currency": "IDR"}`.
fn find_amount(body: &Reader<'_>, name: &'static str) -> Result<Option<Money>, Malformed> {
    if body.value(name).is_none() {
        return Ok(None);
    }
    let inner = body.object(name)?;
    inner.money("value", inner.currency("currency", Currency::IDR)?).map(Some)
}
