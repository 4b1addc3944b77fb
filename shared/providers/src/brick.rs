//! Brick: QRIS, e-wallet, virtual-account and disbursement callbacks.
//!
//! Facts from Brick's public documentation. It documents no signature, only the addresses it calls from, so the
//! callback's own address carries an unguessable token, which makes it keyed. Three shapes differ in where the members
//! stand and how an amount is written:
//!
//! | callback | members in | amount | success |
//! |---|---|---|---|
//! | QRIS (`QR_…`), e-wallet (`WA_…`) | `data` | number | `PAID` |
//! | virtual account | `data.attributes` | text, `"29999.00"` | `paid` |
//! | disbursement | `data.attributes` | text, `"29999"` | `completed` |
//!
//! Amounts are rupiah. Times carry an offset, and not always Jakarta's. A disbursement has only `createdAt`; one that
//! fails after it was completed says so in `settlementStatus`. Not confirmed: whether a `settlementStatus` other than
//! `reversed` exists; none is read. A disbursement that failed is told with the time at which it was made, whether it had
//! been completed or not, so it is voided: failed if the money never went, reversed if it did.
//!
//! Nothing covers the body, so that all that can be tested is that nobody without the token is believed. A body without
//! `data`, and data of another type, are events that are not booked.

use data_encoding::HEXLOWER;
use paywarden_domain::json::JsonObject;
use paywarden_domain::money::Currency;
use paywarden_domain::provider::{Connection, PATH_TOKEN, ProviderType};
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::report::{Happening, Report, TrustGrade};
use paywarden_domain::vocabulary::{Method, Service, Status};
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::callback::{Acknowledgement, Callback, Malformed, Refusal};
use crate::credentials::Credentials;
use crate::heard::Heard;
use crate::reader::{Reader, attributes, parse_object};
use crate::registry::{Adapter, Field, Profile, any_text};

pub(crate) struct Brick;

const FIELDS: &[Field] = &[
    Field {
        key: "client_id",
        label: "Client key",
        required: true,
        secret: false,
        format: "the client id as Brick shows it",
        help: "Brick dashboard, Developers, API keys",
        example: "b3f1c9f2-example",
        accepts: any_text,
    },
    Field {
        key: "client_secret",
        label: "Client secret",
        required: true,
        secret: true,
        format: "the client secret as Brick shows it",
        help: "Brick dashboard, Developers, API keys",
        example: "brick-client-secret-example",
        accepts: any_text,
    },
];

/// What it is and asks for.
const PROFILE: Profile = Profile {
    provider_type: ProviderType::Brick,
    name: "Brick",
    connection: Connection::Aggregator,
    services: &[Service::QrCodePayment, Service::EWallet, Service::VirtualAccount, Service::SendMoney],
    fields: FIELDS,
    needs_path_token: true,
    secret_members: &[],
    personal_members: &[
        "accountNo",
        "bankAccountNo",
        "bankAccountHolderName",
        "displayName",
        "customerName",
        "phoneNumber",
        "email",
        "sender",
    ],
};

impl Adapter for Brick {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn verify(&self, callback: &Callback<'_>, credentials: &Credentials) -> Result<TrustGrade, Refusal> {
        let expected = credentials.get(PATH_TOKEN).ok_or(Refusal::UnusableCredentials)?;
        let given = callback.path_token.ok_or(Refusal::MissingSignature)?;
        // Hashes are of one length, so not even the token's length shows in the time this takes.
        let digest = |token: &str| HEXLOWER.encode(&Sha256::digest(token));
        if digest(given).as_bytes().ct_eq(digest(expected).as_bytes()).into() {
            Ok(TrustGrade::Keyed)
        } else {
            Err(Refusal::WrongSignature)
        }
    }

    fn parse(&self, callback: &Callback<'_>) -> Result<Heard, Malformed> {
        let members = parse_object(callback.body)?;
        let body = Reader::new(&members);
        let Some(data) = body.find_object("data") else {
            let name = body.find_text("event")?.or(body.find_text("type")?);
            return Ok(Heard::other(name.as_deref().unwrap_or("nameless"), "it has no data of a payment"));
        };
        let kind = data.find_text("type")?;
        let read = match (data.find_object("attributes"), kind.as_deref()) {
            (None, _) if data.value("status").is_some() => wallet_or_code(&data, callback.received_at),
            (Some(inner), Some("disbursement")) => disbursement(&data, &inner, callback.received_at),
            (Some(inner), None | Some("virtual_account" | "closed_virtual_account")) => {
                virtual_account(&data, &inner, callback.received_at)
            }
            (_, kind) => {
                return Ok(Heard::other(kind.unwrap_or("nameless"), "it is of no kind that is known"));
            }
        };
        read.map(Heard::report)
    }

    /// The test call of its dashboard wants to see the reference again.
    fn acknowledgement(&self, _callback: &Callback<'_>, reports: &[Report]) -> Acknowledgement {
        let reference = reports.first().and_then(|report| report.reference.as_deref());
        Acknowledgement { status: 200, body: json!({"status": true, "referenceId": reference}) }
    }
}

fn wallet_or_code(data: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let id = data.text("id")?;
    let word = data.text("status")?;
    let status = match word.as_str() {
        "PAID" => Some(Status::Paid),
        "PENDING" | "WAITING_PAYMENT" => Some(Status::Pending),
        "EXPIRED" => Some(Status::Expired),
        "FAILED" | "CANCELLED" => Some(Status::Failed),
        _ => None,
    };
    let (method, details) = if id.starts_with("QR_") {
        (Some(Method::Qris), attributes(&[("nmid", data.find_text("merchantNmid")?)])?)
    } else if id.starts_with("WA_") {
        (Some(Method::EWallet), attributes(&[("code", data.find_text("walletCode")?)])?)
    } else {
        (None, JsonObject::default())
    };
    let occurred_at = data.first_time(&["paidAt", "createdAt"], received_at)?;
    Ok(Report { method, attributes: details, ..report(data, id, told(word, status), occurred_at)? })
}

fn virtual_account(
    data: &Reader<'_>,
    inner: &Reader<'_>,
    received_at: Timestamp,
) -> Result<Report, Malformed> {
    let id = data.text("id")?;
    let word = inner.text("status")?;
    let status = match word.as_str() {
        "paid" | "completed" => Some(Status::Paid),
        "pending" | "active" => Some(Status::Pending),
        "expired" => Some(Status::Expired),
        "failed" | "cancelled" => Some(Status::Failed),
        _ => None,
    };
    let instructions = inner.find_object("paymentMethod").and_then(|way| way.find_object("instructions"));
    let details = match instructions {
        Some(bank) => attributes(&[
            ("code", bank.find_text("bankShortCode")?),
            ("va_number", bank.find_text("accountNo")?),
            ("va_name", bank.find_words("displayName")?),
        ])?,
        None => JsonObject::default(),
    };
    let occurred_at = inner.first_time(&["paidAt", "updatedAt", "createdAt"], received_at)?;
    Ok(Report {
        method: Some(Method::VirtualAccount),
        attributes: details,
        ..report(inner, id, told(word, status), occurred_at)?
    })
}

fn disbursement(data: &Reader<'_>, inner: &Reader<'_>, received_at: Timestamp) -> Result<Report, Malformed> {
    let id = data.text("id")?;
    let word = inner.text("status")?;
    let reversed = inner.find_text("settlementStatus")?.as_deref() == Some("reversed");
    let happening = match word.as_str() {
        _ if reversed => Happening::Status { status: Status::Reversed },
        "completed" => Happening::Status { status: Status::Completed },
        "failed" => Happening::Voided,
        "pending" | "processing" => Happening::Status { status: Status::Processing },
        _ => Happening::Unknown { word },
    };
    let details = match inner.find_object("disbursementMethod") {
        Some(bank) => attributes(&[
            ("bankAccountNo", bank.find_text("bankAccountNo")?),
            ("bankShortCode", bank.find_text("bankShortCode")?),
            ("bankAccountHolderName", bank.find_words("bankAccountHolderName")?),
            ("bankName", bank.find_words("bankName")?),
        ])?,
        None => JsonObject::default(),
    };
    let occurred_at = inner.first_time(&["createdAt"], received_at)?;
    Ok(Report {
        method: Some(Method::BankTransfer),
        attributes: details,
        ..report(inner, id, happening, occurred_at)?
    })
}

/// What a word means; one that is not known stays a word.
fn told(word: String, status: Option<Status>) -> Happening {
    status.map_or(Happening::Unknown { word }, |status| Happening::Status { status })
}

/// What all shapes have in common.
fn report(
    members: &Reader<'_>,
    id: String,
    happening: Happening,
    occurred_at: Timestamp,
) -> Result<Report, Malformed> {
    Ok(Report {
        reference: Some(members.text("referenceId")?),
        provider_transaction_id: Some(id),
        happening,
        occurred_at,
        untimed: false,
        money: Some(members.money("amount", Currency::IDR)?),
        method: None,
        attributes: JsonObject::default(),
        code: members.find_text("errorCode")?,
        message: members.find_words("errorReason")?,
        submissions: Vec::new(),
        payment_reference: None,
        id_on_statements: None,
    })
}
