//! Xendit: QR codes, virtual accounts, e-wallets, invoices, payouts and the payments API, told apart by their shape.
//!
//! Facts from Xendit's public API reference. A callback carries the account's callback token, and **nothing covers the body**:
//! whoever knows the token can write what they like, so it is keyed and not signed, and all that can be tested is that
//! nobody without the token is believed. Amounts are JSON numbers, whole for IDR. Times are ISO 8601 in UTC.
//!
//! | shape | module |
//! |---|---|
//! | an `event` with its `data`; QR codes of 2020 and direct debits have the name and a flat body | `events` |
//! | a flat body without a name: virtual accounts, invoices, retail outlets, disbursements, wallets of 2019 | `flat` |
//!
//! OVO's first version has both a name and the flat body. What is of no payment (tokens, sessions, subscriptions, accounts
//! that were made) is not booked: Xendit is told that it was heard, or it would send it six times more.
//! Not confirmed by a published sample: the payout's `payout_id` instead of `id` in older versions; both are taken.

mod events;
mod flat;

use paywarden_domain::json::JsonObject;
use paywarden_domain::provider::{Connection, ProviderType};
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::report::{Happening, Report, TrustGrade};
use paywarden_domain::vocabulary::{Method, Service, Status};
use subtle::ConstantTimeEq;

use crate::callback::{Callback, Malformed, Refusal};
use crate::credentials::Credentials;
use crate::heard::Heard;
use crate::reader::{Reader, parse_object};
use crate::registry::{Adapter, Field, Profile, any_text};

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

/// What it is and asks for.
const PROFILE: Profile = Profile {
    provider_type: ProviderType::Xendit,
    name: "Xendit",
    connection: Connection::Aggregator,
    services: &[
        Service::QrCodePayment,
        Service::EWallet,
        Service::VirtualAccount,
        Service::CreditCard,
        Service::SendMoney,
    ],
    fields: FIELDS,
    needs_path_token: false,
    secret_members: &[BODY_TOKEN],
    personal_members: &[
        "account_number",
        "bank_account_number",
        "bank_account_name",
        "payment_destination",
        "sender_name",
        "account_holder_name",
        "phone",
        "mobile_number",
        "email",
        "email_to",
        "payer_email",
    ],
};

impl Adapter for Xendit {
    fn profile(&self) -> &'static Profile {
        &PROFILE
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

    fn parse(&self, callback: &Callback<'_>) -> Result<Heard, Malformed> {
        let members = parse_object(callback.body)?;
        let body = Reader::new(&members);
        match body.find_text("event")? {
            Some(event) if !flat::is_first_wallet(&body) => events::read(&body, &event, callback.received_at),
            _ => flat::read(&body, callback.received_at),
        }
    }
}

/// The 2019 e-wallet version carries its token in the body.
fn body_token(body: &[u8]) -> Option<String> {
    let members = parse_object(body).ok()?;
    Reader::new(&members).find_text(BODY_TOKEN).ok()?
}

/// A report with what every kind of callback has; the rest is filled in by kind.
fn report(method: Option<Method>, happening: Happening, occurred_at: Timestamp) -> Report {
    Report {
        reference: None,
        provider_transaction_id: None,
        happening,
        occurred_at,
        untimed: false,
        money: None,
        method,
        attributes: JsonObject::default(),
        code: None,
        message: None,
        submissions: Vec::new(),
        payment_reference: None,
        id_on_statements: None,
    }
}

/// What a word means; one that is not known stays a word.
fn told(word: String, status: Option<Status>) -> Happening {
    status.map_or(Happening::Unknown { word }, |status| Happening::Status { status })
}

/// `ID_DANA` is DANA to everybody else.
fn without_country(channel: &str) -> String {
    channel
        .split_once('_')
        .filter(|(country, _)| country.len() == 2)
        .map_or(channel, |(_, name)| name)
        .to_owned()
}
