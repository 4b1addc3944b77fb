//! The transaction: one truthful record per payment.
//!
//! A record is what the merchant said when it was recorded ([`draft`]) and what providers reported since
//! ([`report`]), try by try ([`attempt`]). Its status is a pure function of the reports ([`state`]), so late, doubled and
//! disordered callbacks end in the same record. [`family`] decides which of the payments under a reference a report is
//! about, [`apply`] what it does to that record, [`key`] what the two recognise each other by; [`record`] and [`status_answer`] are its
//! two shapes in the API.

pub mod apply;
pub mod attempt;
mod attempt_answer;
pub mod callback;
pub mod crowd;
pub mod decision;
pub mod draft;
pub mod family;
pub mod held;
mod held_answer;
pub mod key;
pub mod learned;
pub mod record;
pub mod reference;
pub mod refund;
pub mod report;
pub mod state;
pub mod status_answer;
pub mod submission;
pub mod unpriced;

use serde::{Deserialize, Serialize};

use crate::id::{MerchantId, ProviderId, TransactionId};
use crate::json::JsonObject;
use crate::merchant::StuckLimits;
use crate::money::Money;
use crate::provider::fees::Charges;
use crate::time::{Timestamp, Zone};
use crate::vocabulary::{Direction, Method, Status};

use attempt::Attempt;
use decision::Decisions;
use held::HeldReport;
use learned::Learned;
use refund::{Refunds, completed_at};
use state::StatusReports;
use submission::Submissions;

/// The provider that carries a transaction, with the name it had when it was bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderBinding {
    pub id: ProviderId,
    /// Its name, kept so that reading a record reads one table.
    pub name: String,
    /// Whether it was only assumed, as the first of the sequence, because the merchant named none. The first provider
    /// that reports on the payment is the one that carries it.
    #[serde(skip_serializing_if = "is_false", default)]
    pub assumed: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What the merchant owns of a record: providers never change it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MerchantFields {
    /// Payment used to generate the transaction.
    pub payments_id: Option<String>,
    /// Customer used to generate it.
    pub customers_id: Option<String>,
    /// Bank account used to generate it.
    pub bank_accounts_id: Option<String>,
    /// Mandate used to generate it.
    pub mandates_id: Option<String>,
    /// Generated when the payment was sent to the bank; usually on bank statements.
    pub payment_reference: Option<String>,
    /// Group batch number sent to the bank.
    pub submission_batch_reference: Option<String>,
    /// Snapshot of the payment data at recording.
    pub payment_data: JsonObject,
    /// Whatever the merchant wants back.
    pub metadata: JsonObject,
    /// Where the money goes or comes from, for people: a bank, a wallet, a scheme.
    pub destination: Option<String>,
}

/// The record of one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Derived from merchant, reference and occurrence.
    pub id: TransactionId,
    pub merchant_id: MerchantId,
    /// The merchant's order id.
    pub reference: String,
    /// Which payment under this reference, from 1.
    pub occurrence: u32,
    /// How many payments the reference has; kept on the first one only.
    pub occurrences: u32,
    /// How it is paid.
    pub method: Method,
    /// What was ordered, or what its provider first reported; [`Transaction::settled`] is what it came to.
    pub money: Money,
    /// Who carries the attempt that stands, once known.
    pub provider: Option<ProviderBinding>,
    /// The provider's own id of the payment, once known.
    pub provider_transaction_id: Option<String>,
    /// What the merchant said.
    pub merchant_fields: MerchantFields,
    /// The method's details as the merchant said them; [`Transaction::attributes`] has them all.
    pub said_attributes: JsonObject,
    /// Every attempt to pay it, when there was more than one. Of a single one the record itself tells, see
    /// [`Transaction::attempts`].
    pub attempts: Vec<Attempt>,
    /// Whether the provider's own reports name the reference.
    pub is_referenced: bool,
    /// Whether no report of its payment named the amount: it is taken to be of what was ordered.
    pub is_unpriced: bool,
    /// What providers' reports brought along.
    pub learned: Learned,
    /// When each status was reported; the status follows from it.
    pub reports: StatusReports,
    /// What the provider charged, since it succeeded and if that is known.
    pub charges: Option<Charges>,
    /// Parts of the money that went back.
    pub refunds: Refunds,
    /// Bank submissions and answers of a debit order.
    pub submissions: Submissions,
    /// Why a debit order is unpaid, or a payment failed: the words of the latest such report.
    pub unpaid: Option<UnpaidReason>,
    /// Reports that contradict the record and wait for a person.
    pub held: Vec<HeldReport>,
    /// What people decided about such.
    pub decisions: Decisions,
    /// When it was logged.
    pub created_at: Timestamp,
    /// When anything last changed, if it has.
    pub updated_at: Option<Timestamp>,
    /// When we applied the last change of status.
    pub status_changed_at: Timestamp,
    /// When it has to be paid by.
    pub expired_at: Option<Timestamp>,
    /// SHA-256 of what the merchant posted; none while only the provider has spoken.
    pub fingerprint: Option<String>,
    /// The zone of its business days: its merchant's when it was recorded, so that a later change of the merchant's
    /// zone moves no money to another day.
    pub zone: Zone,
    /// Which of its merchant's index partitions lists it; fixed at creation.
    pub shard: u16,
    /// 1 at creation, one more with each write.
    pub version: u64,
    /// What caused the last write; it follows the change to timeline, webhook and logs.
    pub correlation_id: Option<String>,
}

/// Why a payment failed, and when the provider said so. Later words replace earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UnpaidReason {
    /// When it failed, as the provider tells it.
    pub at: Timestamp,
    pub text: String,
}

impl Transaction {
    /// The status that the reports add up to: a success of which all the money was refunded is REVERSED, in however many
    /// parts and whatever came first.
    #[must_use]
    pub fn status(&self) -> Status {
        if self.refunded_at().is_some() { Status::Reversed } else { self.reports.status(self.method) }
    }

    /// When the last of a success was refunded, if nothing of it is left.
    fn refunded_at(&self) -> Option<Timestamp> {
        if self.refunds.is_empty() || !self.reports.status(self.method).is_success() {
            return None;
        }
        let (booked, _) = self.booked_refunds();
        completed_at(booked, self.settled())
    }

    /// When the status was last told.
    #[must_use]
    pub fn status_told_at(&self) -> Option<Timestamp> {
        self.refunded_at().or_else(|| self.reports.told_at(self.method))
    }

    /// Whether it is open longer than a payment of its method normally is by these limits.
    #[must_use]
    pub fn is_stuck(&self, limits: &StuckLimits, now: Timestamp) -> bool {
        let normally_until = self.created_at.plus_seconds(limits.seconds(self.method));
        self.status().is_open() && normally_until < now
    }

    /// Where the money goes.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.method.direction()
    }

    /// When it was paid, as the provider tells it: the earliest success.
    #[must_use]
    pub fn charged_at(&self) -> Option<Timestamp> {
        self.reports.charged_at()
    }

    /// When it was undone, as the provider tells it, if it is.
    #[must_use]
    pub fn reversed_at(&self) -> Option<Timestamp> {
        self.refunded_at().or_else(|| self.reports.reversed_at(self.method))
    }

    /// The method's details: what the merchant said, completed with what providers told. See
    /// [`Method::attribute_keys`].
    #[must_use]
    pub fn attributes(&self) -> JsonObject {
        self.learned.complete(&self.said_attributes)
    }

    /// What bank statements show: as the merchant said, else as a provider told.
    #[must_use]
    pub fn payment_reference(&self) -> Option<&str> {
        self.merchant_fields.payment_reference.as_deref().or(self.learned.payment_reference())
    }

    /// Where the money goes or comes from: what the merchant said, else what the method's attributes tell.
    #[must_use]
    pub fn destination(&self) -> Option<String> {
        let told = self.merchant_fields.destination.clone();
        let attribute = |key| self.attributes().text(key).map(str::to_owned);
        told.or_else(|| self.method.destination_attribute().and_then(attribute))
    }

    /// Why it is unpaid, while it is: a payment that came after all has no such reason, and none that was refunded.
    #[must_use]
    pub fn unpaid_reason(&self) -> Option<&str> {
        let is_unpaid = self.reports.status(self.method).is_refused_or_undone();
        self.unpaid.as_ref().filter(|_| is_unpaid).map(|reason| reason.text.as_str())
    }

    /// When it has to be paid by, or when a provider said it had expired.
    #[must_use]
    pub fn expires_or_expired_at(&self) -> Option<Timestamp> {
        self.expired_at.or_else(|| self.reports.first(Status::Expired))
    }
}
