//! SNAP: banks that speak Indonesia's national open API for payments (Standar Nasional Open API Pembayaran).
//!
//! Facts from Bank Indonesia's standard and the banks' public documentation. Three notifications are read, each with a
//! service code that the acknowledgement repeats:
//!
//! | code | notification | told by | status |
//! |---|---|---|---|
//! | 25 | virtual account | `virtualAccountNo` | `additionalInfo.paymentFlagStatus`, two digits; without it, it means paid |
//! | 52 | QR paid | `latestTransactionStatus` | two digits |
//! | 56 | direct debit or wallet | the same, and `createdTime` or `finishedTime` | two digits |
//!
//! | digits | meaning |
//! |---|---|
//! | 00 | paid |
//! | 01, 03 | initiated, pending |
//! | 02 | under way |
//! | 04 | refunded; in part where `additionalInfo` says that less than the amount went back |
//! | 05 | cancelled, before or after it was paid |
//! | 06, 09 | failed, denied |
//! | 08 | expired |
//!
//! Banks leave out what they hold for optional: references, and amounts of what was not paid. Other services are not booked.
//!
//! `X-SIGNATURE` is base 64 of SHA256withRSA over `METHOD:path:hash:timestamp`, where the hash is the lower-case
//! hexadecimal SHA-256 of the body without the white space between its tokens, and the timestamp is `X-TIMESTAMP`.
//! `X-EXTERNAL-ID` is unique per day; we need no memory of it, because a report that comes twice changes nothing and
//! an old one is refused by its timestamp.
//!
//! Not read: the symmetric signature, whose access token we would have to issue; notifications of transfers, for which
//! the banks' documents differ.

use data_encoding::{BASE64, HEXLOWER};
use paywarden_domain::json::JsonObject;
use paywarden_domain::money::{Currency, Money};
use paywarden_domain::provider::{Connection, ProviderType};
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::refund::Refund;
use paywarden_domain::transaction::report::{Happening, Report, TrustGrade};
use paywarden_domain::vocabulary::{Method, Service, Status};
use paywarden_domain::webhook::signature::TOLERANCE_SECONDS;
use rsa::pkcs8::DecodePublicKey;
use rsa::{Pkcs1v15Sign, RsaPublicKey};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::callback::{Acknowledgement, Callback, Malformed, Refusal};
use crate::credentials::Credentials;
use crate::heard::Heard;
use crate::reader::{Reader, attributes, fitting_reference, parse_object};
use crate::registry::{Adapter, Field};

pub(crate) struct Snap;

/// The words that more than one place asks for.
const PAID: &str = "00";
const REFUNDED: &str = "04";

const FIELDS: &[Field] = &[Field {
    key: "public_key",
    label: "Bank's public key",
    required: true,
    secret: false,
    format: "an RSA public key of 2048 to 8192 bits in PEM form, -----BEGIN PUBLIC KEY-----",
    help: "The bank gives it out when the notification address is agreed",
    example: "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq…\n-----END PUBLIC KEY-----",
    accepts: is_public_key,
}];

impl Adapter for Snap {
    fn provider_type(&self) -> ProviderType {
        ProviderType::Snap
    }

    fn name(&self) -> &'static str {
        "Bank (SNAP)"
    }

    fn connection(&self) -> Connection {
        Connection::Direct
    }

    fn services(&self) -> &'static [Service] {
        &[Service::VirtualAccount, Service::QrCodePayment, Service::EWallet]
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn verify(&self, callback: &Callback<'_>, credentials: &Credentials) -> Result<TrustGrade, Refusal> {
        let key = credentials.get("public_key").and_then(public_key).ok_or(Refusal::UnusableCredentials)?;
        let signature = callback.header("x-signature").ok_or(Refusal::MissingSignature)?;
        let timestamp = callback.header("x-timestamp").ok_or(Refusal::MissingSignature)?;
        let signature = BASE64.decode(signature.as_bytes()).map_err(|_| Refusal::WrongSignature)?;
        let signed = text_to_sign(callback.path, callback.body, timestamp);
        key.verify(Pkcs1v15Sign::new::<rsa::sha2::Sha256>(), &Sha256::digest(signed), &signature)
            .map_err(|_| Refusal::WrongSignature)?;
        // What was signed can be trusted to say when.
        let sent_at = Timestamp::parse(timestamp).map_err(|_| Refusal::StaleTimestamp)?;
        let age = callback.received_at.as_seconds().saturating_sub(sent_at.as_seconds());
        if age.abs() <= TOLERANCE_SECONDS { Ok(TrustGrade::Signed) } else { Err(Refusal::StaleTimestamp) }
    }

    fn parse(&self, callback: &Callback<'_>) -> Result<Heard, Malformed> {
        let members = parse_object(callback.body)?;
        let body = Reader::new(&members);
        let sent_at = callback.header("x-timestamp").and_then(|text| Timestamp::parse(text).ok());
        let told_at = sent_at.unwrap_or(callback.received_at);
        match service(&body) {
            Some(Method::VirtualAccount) => virtual_account(&body, told_at).map(Heard::report),
            Some(method) => code_or_wallet(&body, method, told_at),
            None => Ok(Heard::other("other service", "it is of no service that is booked")),
        }
    }

    fn acknowledgement(&self, callback: &Callback<'_>, _reports: &[Report]) -> Acknowledgement {
        let members = parse_object(callback.body).unwrap_or_default();
        let service = match service(&Reader::new(&members)) {
            Some(Method::VirtualAccount) => "25",
            Some(Method::EWallet) => "56",
            _ => "52",
        };
        let code = format!("200{service}00");
        Acknowledgement { status: 200, body: json!({"responseCode": code, "responseMessage": "Successful"}) }
    }

    fn personal_members(&self) -> &'static [&'static str] {
        &[
            "virtualAccountNo",
            "virtualAccountName",
            "virtualAccountEmail",
            "virtualAccountPhone",
            "customerNo",
            "customerNumber",
            "destinationNumber",
            "destinationAccountName",
        ]
    }
}

fn public_key(pem: &str) -> Option<RsaPublicKey> {
    RsaPublicKey::from_public_key_pem(pem.trim()).ok()
}

fn is_public_key(pem: &str) -> bool {
    use rsa::traits::PublicKeyParts;
    public_key(pem).is_some_and(|key| (256..=1024).contains(&key.size()))
}

/// What a bank signs of a notification to `path`.
pub(crate) fn text_to_sign(path: &str, body: &[u8], timestamp: &str) -> String {
    format!("POST:{path}:{}:{timestamp}", HEXLOWER.encode(&Sha256::digest(minified(body))))
}

/// The body without white space between tokens; text in quotes stays as it is.
fn minified(body: &[u8]) -> Vec<u8> {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |byte: &u8| {
        let kept = quoted || !byte.is_ascii_whitespace();
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
        kept
    };
    body.iter().copied().filter(keep).collect()
}

/// Which of the services it is of, by what is paid with.
fn service(body: &Reader<'_>) -> Option<Method> {
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

fn virtual_account(body: &Reader<'_>, told_at: Timestamp) -> Result<Report, Malformed> {
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
    Ok(Report {
        reference: body.find_text("trxId")?,
        provider_transaction_id: body.find_text("paymentRequestId")?,
        code: word.filter(|_| is_failure(&happening)),
        happening,
        occurred_at: paid_at.map_or_else(|| body.first_time(&["trxDateTime"], told_at), Ok)?,
        money,
        method: Some(Method::VirtualAccount),
        attributes: attributes(&[
            ("va_number", body.find_text("virtualAccountNo")?),
            ("va_name", body.find_words("virtualAccountName")?),
        ])?,
        message: None,
        submissions: Vec::new(),
        payment_reference: fitting_reference(body.find_text("referenceNo")?),
    })
}

fn code_or_wallet(body: &Reader<'_>, method: Method, told_at: Timestamp) -> Result<Heard, Malformed> {
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
    let occurred_at = match refunds.iter().map(|refund| refund.at).max() {
        Some(at) => at,
        None if word == REFUNDED => told_at,
        None => body.first_time(&["finishedTime"], told_at)?,
    };
    let failed = is_failure(&happening);
    Ok(Heard::report(Report {
        reference,
        provider_transaction_id,
        code: failed.then_some(word),
        message: body.find_words("transactionStatusDesc")?.filter(|_| failed),
        happening,
        occurred_at,
        money,
        method: Some(method),
        attributes: JsonObject::default(),
        submissions: Vec::new(),
        payment_reference: None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_between_tokens_goes() {
        let body = b"{ \"a b\" : \"c \\\" d\" ,\n\t\"e\": [1, 2 ] }";
        assert_eq!(minified(body), b"{\"a b\":\"c \\\" d\",\"e\":[1,2]}");
    }
}
