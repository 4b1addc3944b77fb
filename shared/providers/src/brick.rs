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
//! `reversed` exists; none is read.

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
use crate::reader::{Reader, attributes, parse_object};
use crate::registry::{Adapter, Field, any_text};

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

impl Adapter for Brick {
    fn provider_type(&self) -> ProviderType {
        ProviderType::Brick
    }

    fn name(&self) -> &'static str {
        "Brick"
    }

    fn connection(&self) -> Connection {
        Connection::Aggregator
    }

    fn services(&self) -> &'static [Service] {
        &[Service::QrCodePayment, Service::EWallet, Service::VirtualAccount, Service::SendMoney]
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn needs_path_token(&self) -> bool {
        true
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

    fn parse(&self, callback: &Callback<'_>) -> Result<Vec<Report>, Malformed> {
        let members = parse_object(callback.body)?;
        let data = Reader::new(&members).object("data")?;
        let id = data.text("id")?;
        let report = match data.find_object("attributes") {
            None => wallet_or_code(&data, id, callback.received_at)?,
            Some(inner) if data.find_text("type")?.as_deref() == Some("disbursement") => {
                disbursement(&inner, id, callback.received_at)?
            }
            Some(inner) => virtual_account(&inner, id, callback.received_at)?,
        };
        Ok(vec![report])
    }

    /// The test call of its dashboard wants to see the reference again.
    fn acknowledgement(&self, reports: &[Report]) -> Acknowledgement {
        let reference = reports.first().and_then(|report| report.reference.as_deref());
        Acknowledgement { status: 200, body: json!({"status": true, "referenceId": reference}) }
    }

    fn personal_members(&self) -> &'static [&'static str] {
        &[
            "accountNo",
            "bankAccountNo",
            "bankAccountHolderName",
            "displayName",
            "customerName",
            "phoneNumber",
            "email",
            "sender",
        ]
    }
}

fn wallet_or_code(data: &Reader<'_>, id: String, received_at: Timestamp) -> Result<Report, Malformed> {
    let word = data.text("status")?;
    let status = match word.as_str() {
        "PAID" => Some(Status::Paid),
        "PENDING" | "WAITING_PAYMENT" => Some(Status::Pending),
        "EXPIRED" => Some(Status::Expired),
        "FAILED" | "CANCELLED" => Some(Status::Failed),
        _ => None,
    };
    let (method, details) = if id.starts_with("QR_") {
        (Some(Method::Qris), attributes(&[("nmid", data.find_text("merchantNmid")?)]))
    } else if id.starts_with("WA_") {
        (Some(Method::EWallet), attributes(&[("code", data.find_text("walletCode")?)]))
    } else {
        (None, JsonObject::default())
    };
    let occurred_at = data.first_time(&["paidAt", "createdAt"], received_at)?;
    Ok(Report { method, attributes: details, ..report(data, id, (word, status), occurred_at)? })
}

fn virtual_account(inner: &Reader<'_>, id: String, received_at: Timestamp) -> Result<Report, Malformed> {
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
            ("va_name", bank.find_text("displayName")?),
        ]),
        None => JsonObject::default(),
    };
    let occurred_at = inner.first_time(&["paidAt", "updatedAt", "createdAt"], received_at)?;
    Ok(Report {
        method: Some(Method::VirtualAccount),
        attributes: details,
        ..report(inner, id, (word, status), occurred_at)?
    })
}

fn disbursement(inner: &Reader<'_>, id: String, received_at: Timestamp) -> Result<Report, Malformed> {
    let word = inner.text("status")?;
    let reversed = inner.find_text("settlementStatus")?.as_deref() == Some("reversed");
    let status = match word.as_str() {
        _ if reversed => Some(Status::Reversed),
        "completed" => Some(Status::Completed),
        "failed" => Some(Status::Failed),
        "pending" | "processing" => Some(Status::Processing),
        _ => None,
    };
    let details = match inner.find_object("disbursementMethod") {
        Some(bank) => attributes(&[
            ("bankAccountNo", bank.find_text("bankAccountNo")?),
            ("bankShortCode", bank.find_text("bankShortCode")?),
            ("bankAccountHolderName", bank.find_text("bankAccountHolderName")?),
            ("bankName", bank.find_text("bankName")?),
        ]),
        None => JsonObject::default(),
    };
    let occurred_at = inner.first_time(&["createdAt"], received_at)?;
    Ok(Report {
        method: Some(Method::BankTransfer),
        attributes: details,
        ..report(inner, id, (word, status), occurred_at)?
    })
}

/// What all shapes have in common.
fn report(
    members: &Reader<'_>,
    id: String,
    (word, status): (String, Option<Status>),
    occurred_at: Timestamp,
) -> Result<Report, Malformed> {
    Ok(Report {
        reference: Some(members.text("referenceId")?),
        provider_transaction_id: Some(id),
        happening: status.map_or(Happening::Unknown { word }, |status| Happening::Status { status }),
        occurred_at,
        untimed: false,
        money: Some(members.money("amount", Currency::IDR)?),
        method: None,
        attributes: JsonObject::default(),
        code: members.find_text("errorCode")?,
        message: members.find_text("errorReason")?,
        submissions: Vec::new(),
        payment_reference: None,
    })
}
