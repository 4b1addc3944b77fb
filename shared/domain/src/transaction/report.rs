//! Reports: what a provider says about a payment, in one vocabulary for all providers.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::json::JsonObject;
use crate::money::Money;
use crate::time::{Timestamp, days};
use crate::transaction::refund::Refund;
use crate::transaction::state::Mark;
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
    /// The payment was called off: money that was taken went back, money that was not taken never is.
    Voided,
    /// A part of the money was given back; the state stays while some is left.
    PartialRefund {
        /// The parts, as far as the provider names them.
        refunds: Vec<Refund>,
    },
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
    /// Whether it is the time of receipt, which says nothing of what came before what.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub untimed: bool,
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
    /// The provider's id of the payment as its own statements show it, where that is another one than it is known by.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id_on_statements: Option<String>,
}

impl Report {
    /// How long ago a payment may have been at which something still happens.
    const MAX_DAYS_BEFORE: i64 = 731;
    /// How far a provider's clock may be ahead, its zone mistaken for another included.
    const MAX_DAYS_AHEAD: i64 = 1;

    /// The report as it counts when it was received then: a time that it does not tell, or that cannot be, is the time of
    /// receipt, and orders nothing. A submission's is then the report's.
    #[must_use]
    pub fn received(mut self, received_at: Timestamp) -> Self {
        let earliest = received_at.plus_seconds(0_i64.saturating_sub(days(Self::MAX_DAYS_BEFORE)));
        let latest = received_at.plus_seconds(days(Self::MAX_DAYS_AHEAD));
        let can_be = |at: Timestamp| earliest <= at && at <= latest;
        if self.occurred_at == received_at || !can_be(self.occurred_at) {
            (self.occurred_at, self.untimed) = (received_at, true);
        }
        if let Happening::PartialRefund { refunds } = &mut self.happening {
            refunds.iter_mut().filter(|refund| !can_be(refund.at)).for_each(|refund| refund.at = received_at);
        }
        // The time of the report where it tells one, so that the same message delivered again adds no further entry.
        let occurred_at = self.occurred_at;
        self.submissions.iter_mut().for_each(|submission| submission.bound(can_be, occurred_at));
        self
    }

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

    /// The status that it reports by itself, if it reports one.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        match self.happening {
            Happening::Status { status } => Some(status),
            Happening::Voided => Some(Status::Failed),
            Happening::PartialRefund { .. } | Happening::Unknown { .. } => None,
        }
    }

    /// What it reports of the payment, if it is a mark of the payment itself.
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        match self.happening {
            Happening::Status { status } => Some(status.into()),
            Happening::Voided => Some(Mark::Voided),
            Happening::PartialRefund { .. } | Happening::Unknown { .. } => None,
        }
    }
}
