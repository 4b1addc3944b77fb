//! Midtrans: payment notifications, and payouts from Iris.
//!
//! Facts from Midtrans' public documentation. Amounts are text (`"5539.00"`). Times have no zone and are Jakarta's (GMT+7); Iris
//! writes RFC 3339. A payment's signature covers order, status code and amount, but not `transaction_status`, so a callback is
//! keyed and not signed; what it vouches for all the same is in [`proof`]. A payout's covers the whole body.
//!
//! Which signature verified decides how a body is read: a payment is never read as a payout, nor the other way round.

mod payment;
mod payout;
mod proof;

use paywarden_domain::provider::{Connection, ProviderType};
use paywarden_domain::transaction::report::TrustGrade;
use paywarden_domain::vocabulary::Service;

use crate::callback::{Callback, Malformed, Refusal};
use crate::credentials::Credentials;
use crate::heard::Heard;
use crate::reader::{Reader, parse_object};
use crate::registry::{Adapter, Field, Profile, any_text};
use proof::Proof;

pub(crate) struct Midtrans;

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

/// What it is and asks for.
const PROFILE: Profile = Profile {
    provider_type: ProviderType::Midtrans,
    name: "Midtrans",
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
    secret_members: &["signature_key"],
    personal_members: &[
        "va_number",
        "bill_key",
        "masked_card",
        "customer_details",
        "payer_name",
        "payer_email",
        "beneficiary_account",
    ],
};

impl Adapter for Midtrans {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn verify(&self, callback: &Callback<'_>, credentials: &Credentials) -> Result<TrustGrade, Refusal> {
        // What is no object has no members, and nothing but a header could prove it.
        let members = parse_object(callback.body).unwrap_or_default();
        match Proof::of(callback, &members) {
            Proof::Payout => proof::of_payout(callback, credentials),
            Proof::Payment => proof::of_payment(&members, credentials),
            Proof::None { .. } => Ok(TrustGrade::None),
        }
    }

    fn parse(&self, callback: &Callback<'_>) -> Result<Heard, Malformed> {
        let members = parse_object(callback.body)?;
        let body = Reader::new(&members);
        match Proof::of(callback, &members) {
            Proof::Payout => payout::read(&body, callback.received_at),
            Proof::Payment => payment::read(&body, callback.received_at).map(Heard::report),
            Proof::None { event } => Ok(Heard::other(event, "nothing is booked for this event")),
        }
    }
}
