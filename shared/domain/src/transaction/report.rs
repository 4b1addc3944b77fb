//! Reports: what a provider says about a payment, in one vocabulary for all providers.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::json::JsonObject;
use crate::money::Money;
use crate::time::Timestamp;
use crate::transaction::refund::Refund;
use crate::transaction::submission::Submission;
use crate::vocabulary::{Method, Status, words};

words! {
    /// How far a callback can be believed.
    pub enum TrustGrade {
        /// A signature covers the body.
        Signed = "signed",
        /// A shared secret came along, but it does not cover the status.
        Keyed = "keyed",
        /// Neither. Such a report never ends a payment.
        None = "none",
    }
}

/// What a report says happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    /// The payment reached a status.
    Status { status: Status },
    /// A part of the money was given back; the state stays.
    PartialRefund {
        /// The parts, as far as the provider names them.
        refunds: Vec<Refund>,
    },
    /// It was cancelled or denied for good, before it was paid or after: what was paid goes back whole.
    Voided,
    /// The provider used a word we do not know; nothing is guessed from it.
    Unknown { word: String },
}

/// One provider's report about one payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The merchant's reference, if the provider sent it.
    pub reference: Option<String>,
    /// The provider's own id of the payment, if it sent one.
    pub provider_transaction_id: Option<String>,
    pub happening: Happening,
    /// When, as the provider tells it; the time of receipt if it doesn't.
    pub occurred_at: Timestamp,
    /// The amount it names, if any.
    pub money: Option<Money>,
    /// The method, if the report tells it; needed to record a payment nobody announced.
    pub method: Option<Method>,
    /// The method's details that came along.
    #[serde(default)]
    pub attributes: JsonObject,
    /// The provider's code for what happened, if any.
    pub code: Option<String>,
    /// The provider's words for it, if any; the unpaid reason of a failure.
    pub message: Option<String>,
    /// What the bank said, for debit orders.
    #[serde(default)]
    pub submissions: Vec<Submission>,
    /// What bank statements will show, if it came along.
    pub payment_reference: Option<String>,
}

impl Report {
    /// What timelines keep of it.
    #[must_use]
    pub fn summary(&self) -> Value {
        json!({
            "status": self.status(),
            "occurred_at": self.occurred_at,
            "amount": self.money.map(|money| money.amount_text()),
            "currency": self.money.map(|money| money.currency()),
            "provider_transaction_id": self.provider_transaction_id,
            "code": self.code,
            "message": self.message,
        })
    }

    /// The status it reports, if it reports one.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        match self.happening {
            Happening::Status { status } => Some(status),
            Happening::Voided => Some(Status::Failed),
            Happening::PartialRefund { .. } | Happening::Unknown { .. } => None,
        }
    }
}

/// A report that contradicts the record's amount or currency. It moved nothing and waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeldReport {
    /// When it happened, as the provider tells it.
    pub occurred_at: Timestamp,
    /// The status it reported.
    pub status: Option<Status>,
    /// The amount it named.
    pub amount: String,
    /// The currency it named.
    pub currency: String,
}

impl HeldReport {
    /// Held reports kept on a record; all of them are on its timeline.
    pub const LIMIT: usize = 20;
}
