//! Debit orders: a South African bureau that collects DebiCheck and EFT debit orders.
//!
//! There is no common format among bureaus; this is ours, in the shapes of the transactions API. Headers:
//! `x-bureau-timestamp` (unix seconds) and `x-bureau-signature`, lower-case hexadecimal HMAC-SHA256 over
//! `timestamp.body` under the shared key. Body:
//!
//! | member | meaning |
//! |---|---|
//! | `reference` | the merchant's reference |
//! | `collection_id` | the bureau's id of this presentation |
//! | `type` | `DEBICHECK` or `EFT` |
//! | `amount` | rand |
//! | `status` | `SUBMITTED`, `PAID`, `UNPAID`, `DISPUTED`, `CANCELLED` |
//! | `action_date` | `YYYY-MM-DD HH:mm:ss`, South African time (no daylight saving), when it happened |
//! | `unpaid_code` | the bank's code of an unpaid |
//! | `payment_reference` | what the bank statement shows |
//! | `submissions` | entries as the transactions API shows them, DebiCheck or EFT form |
//!
//! An unpaid can follow a paid by days. The unpaid codes are those of the South African clearing house (BankservAfrica)
//! for debit orders.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use paywarden_domain::bounds::is_last4;
use paywarden_domain::json::JsonObject;
use paywarden_domain::money::Currency;
use paywarden_domain::provider::{Connection, ProviderType};
use paywarden_domain::time::{Timestamp, fixed_hours, parse_civil_in};
use paywarden_domain::transaction::report::{Happening, Report, TrustGrade};
use paywarden_domain::transaction::submission::{Submission, Submissions};
use paywarden_domain::vocabulary::{Method, Service, Status};
use paywarden_domain::webhook::signature::TOLERANCE_SECONDS;
use serde_json::Value;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::callback::{Callback, Malformed, Refusal};
use crate::credentials::Credentials;
use crate::heard::Heard;
use crate::reader::{Reader, attributes, malformed, parse_object};
use crate::registry::{Adapter, Field, Profile, any_text};

pub(crate) struct DebitOrder;

const SOUTH_AFRICA_HOURS: i8 = 2;

const FIELDS: &[Field] = &[Field {
    key: "signing_key",
    label: "Signing key",
    required: true,
    secret: true,
    format: "the key as the bureau gave it",
    help: "Agreed with the bureau when the account is opened",
    example: "bureau-signing-key-example",
    accepts: any_text,
}];

/// What it is and asks for.
const PROFILE: Profile = Profile {
    provider_type: ProviderType::DebitOrder,
    name: "Debit-order bureau",
    connection: Connection::Direct,
    services: &[Service::DebitOrder],
    fields: FIELDS,
    needs_path_token: false,
    secret_members: &[],
    personal_members: &["account_number", "account_holder", "id_number", "phone", "email"],
};

impl Adapter for DebitOrder {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn verify(&self, callback: &Callback<'_>, credentials: &Credentials) -> Result<TrustGrade, Refusal> {
        let key = credentials.get("signing_key").ok_or(Refusal::UnusableCredentials)?;
        let timestamp = callback.header("x-bureau-timestamp").ok_or(Refusal::MissingSignature)?;
        let given = callback.header("x-bureau-signature").ok_or(Refusal::MissingSignature)?;
        let mut mac =
            Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| Refusal::UnusableCredentials)?;
        mac.update(timestamp.as_bytes());
        mac.update(b".");
        mac.update(callback.body);
        let expected = HEXLOWER.encode(&mac.finalize().into_bytes());
        if !bool::from(given.as_bytes().ct_eq(expected.as_bytes())) {
            return Err(Refusal::WrongSignature);
        }
        let signed_at: i64 = timestamp.parse().map_err(|_| Refusal::WrongSignature)?;
        let age = callback.received_at.as_seconds().saturating_sub(signed_at);
        if age.saturating_abs() > TOLERANCE_SECONDS {
            Err(Refusal::StaleTimestamp)
        } else {
            Ok(TrustGrade::Signed)
        }
    }

    fn parse(&self, callback: &Callback<'_>) -> Result<Heard, Malformed> {
        let members = parse_object(callback.body)?;
        let body = Reader::new(&members);
        let method = match body.text("type")?.as_str() {
            "DEBICHECK" => Method::DebiCheck,
            "EFT" => Method::EftDebit,
            _ => return Err(body.expected("type", "expected DEBICHECK or EFT")),
        };
        let code = body.find_text("unpaid_code")?;
        Ok(Heard::report(Report {
            reference: Some(body.text("reference")?),
            provider_transaction_id: body.find_text("collection_id")?,
            happening: happening(body.text("status")?),
            occurred_at: south_african_time(&body, "action_date")?.unwrap_or(callback.received_at),
            untimed: false,
            money: Some(body.money("amount", Currency::ZAR)?),
            method: Some(method),
            attributes: account(&body)?,
            message: code.as_deref().and_then(unpaid_reason).map(str::to_owned),
            code,
            submissions: submissions(&body)?,
            payment_reference: body.find_text("payment_reference")?,
            id_on_statements: None,
        }))
    }
}

fn happening(word: String) -> Happening {
    let status = match word.as_str() {
        "SUBMITTED" => Status::Processing,
        "PAID" => Status::Paid,
        "UNPAID" | "CANCELLED" => Status::Failed,
        "DISPUTED" => Status::Reversed,
        _ => return Happening::Unknown { word },
    };
    Happening::Status { status }
}

fn account(body: &Reader<'_>) -> Result<JsonObject, Malformed> {
    let digits = body.find_text("account_last4")?.filter(|text| is_last4(text));
    attributes(&[("bank_code", body.find_text("bank_code")?), ("account_last4", digits)])
}

fn submissions(body: &Reader<'_>) -> Result<Vec<Submission>, Malformed> {
    let entries = match body.value("submissions") {
        None => return Ok(Vec::new()),
        Some(Value::Array(entries)) if entries.len() <= Submissions::LIMIT => entries,
        Some(_) => {
            return Err(
                body.expected("submissions", &format!("expected an array of at most {}", Submissions::LIMIT))
            );
        }
    };
    entries
        .iter()
        .map(|entry| match entry {
            Value::Object(members) => submission(&Reader::new(members)),
            _ => Err(malformed("submissions", "expected objects")),
        })
        .collect()
}

/// A DebiCheck entry has a `timestamp`, an EFT entry a `date`.
fn submission(entry: &Reader<'_>) -> Result<Submission, Malformed> {
    if let Some(date) = south_african_time(entry, "date")? {
        return Ok(Submission::Eft {
            date,
            code: entry.text("code")?,
            message: entry.find_words("message")?.ok_or_else(|| entry.expected("message", "is required"))?,
        });
    }
    let timestamp =
        entry.find_time("timestamp")?.ok_or_else(|| entry.expected("timestamp", "is required"))?;
    let bank_code = entry.find_text("bank_code")?.unwrap_or_else(|| "0".to_owned());
    Ok(Submission::DebiCheck {
        timestamp,
        status: entry.text("status")?,
        message: entry.find_words("message")?,
        bank_code: bank_code.parse().map_err(|_| entry.expected("bank_code", "expected a whole number"))?,
    })
}

fn south_african_time(reader: &Reader<'_>, name: &str) -> Result<Option<Timestamp>, Malformed> {
    let Some(text) = reader.find_text(name)? else {
        return Ok(None);
    };
    let moment = parse_civil_in(&text, &fixed_hours(SOUTH_AFRICA_HOURS));
    moment.map(Some).map_err(|_| reader.expected(name, "expected YYYY-MM-DD HH:mm:ss"))
}

/// The bank's reason in words. A code that is not listed stays a code.
fn unpaid_reason(code: &str) -> Option<&'static str> {
    Some(match code.trim_start_matches('0') {
        "2" => "NOT PROVIDED FOR",
        "3" => "DEBITS NOT ALLOWED TO THIS ACCOUNT",
        "4" => "PAYMENT STOPPED BY ACCOUNT HOLDER",
        "6" => "ACCOUNT FROZEN",
        "8" => "ACCOUNT IN SEQUESTRATION",
        "10" => "ACCOUNT IN LIQUIDATION",
        "12" => "ACCOUNT CLOSED",
        "26" => "NO SUCH ACCOUNT",
        "14" | "16" => "ACCOUNT TRANSFERRED",
        "18" => "ACCOUNT HOLDER DECEASED",
        "22" => "EFFECTS NOT CLEARED",
        "28" => "RECALL",
        "30" => "NO AUTHORITY TO DEBIT",
        "32" => "DEBIT IN CONTRAVENTION OF PAYER'S AUTHORITY",
        "34" => "AUTHORISATION CANCELLED",
        "36" => "PREVIOUSLY STOPPED",
        "50" => "ACCOUNT NUMBER INVALID",
        "51" => "RECALLED BY THE BANK",
        "56" => "NOT FICA COMPLIANT",
        "145" => "FINAL VALIDATION FAILED",
        _ => return None,
    })
}
