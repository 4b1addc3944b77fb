//! Held reports: what contradicts a record moved nothing and waits, for a person or for what explains it.

use serde::{Deserialize, Serialize};

use crate::id::ProviderId;
use crate::money::{Currency, Money};
use crate::time::Timestamp;
use crate::transaction::apply::Origin;
use crate::transaction::decision::HeldId;
use crate::transaction::report::{Happening, Report, TrustGrade};
use crate::transaction::{ProviderBinding, Transaction};
use crate::vocabulary::Status;

/// When it happened, which status, whether it was called off, amount and currency.
type Claim<'a> = (Timestamp, Option<Status>, bool, &'a str, &'a str);

/// The provider, and its id of the payment.
type Payment<'a> = (&'a str, Option<&'a str>);

/// A report that contradicts the record's amount or currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldReport {
    /// When it happened, as the provider tells it.
    pub occurred_at: Timestamp,
    /// The status it reported.
    pub status: Option<Status>,
    /// The amount it named.
    pub amount: String,
    /// The currency it named.
    pub currency: String,
    /// The report itself, to be applied once that is decided, or when it turns out to be of a payment of its own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub payment: Option<Box<HeldPayment>>,
}

/// A report that is held, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldPayment {
    /// Who reported it.
    pub provider: ProviderBinding,
    /// How far it can be believed.
    pub grade: TrustGrade,
    pub report: Report,
}

impl HeldPayment {
    /// Whether it is the provider's payment of this id.
    #[must_use]
    pub fn is(&self, provider: &ProviderId, payment: &str) -> bool {
        self.provider.id == *provider && self.report.provider_transaction_id.as_deref() == Some(payment)
    }
}

impl HeldReport {
    /// Held reports kept on a record; all of them are on its timeline.
    pub const LIMIT: usize = 20;

    pub(crate) fn of(report: &Report, origin: &Origin) -> Self {
        let payment =
            HeldPayment { provider: origin.provider.clone(), grade: origin.grade, report: report.clone() };
        Self {
            occurred_at: report.occurred_at,
            status: report.status(),
            amount: report.money.map(|money| money.amount_text()).unwrap_or_default(),
            currency: report.money.map(|money| money.currency().to_string()).unwrap_or_default(),
            payment: Some(Box::new(payment)),
        }
    }

    /// Whether it is of the provider's payment of this id.
    pub(crate) fn is_of(&self, provider: &ProviderId, payment: &str) -> bool {
        self.payment.as_ref().is_some_and(|held| held.is(provider, payment))
    }

    /// Whether it says that money moved.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.is_some_and(Status::is_success)
    }

    /// Whether it says that money moved, or moved back. What was called off moved nothing unless a success is known, and that
    /// has a record of its own.
    fn moved_money(&self) -> bool {
        self.status.is_some_and(|status| status.is_success() || status == Status::Reversed)
    }

    /// The amount it named.
    #[must_use]
    pub fn money(&self) -> Option<Money> {
        Money::parse_payment(&self.amount, Currency::parse(&self.currency).ok()?).ok()
    }

    fn words(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What tells one from another: what it says, and of which payment.
    fn key(&self) -> (Claim<'_>, Option<Payment<'_>>) {
        let report = self.payment.as_ref().map(|held| &held.report);
        let is_call_off = report.is_some_and(|report| report.happening == Happening::Voided);
        let payment = self.payment.as_ref();
        let payment =
            payment.map(|held| (held.provider.id.as_str(), held.report.provider_transaction_id.as_deref()));
        ((self.occurred_at, self.status, is_call_off, &self.amount, &self.currency), payment)
    }
}

impl Transaction {
    /// Whether anything waits for a person: a report that contradicts it, or more going back than came.
    #[must_use]
    pub fn is_held(&self) -> bool {
        let (_, surplus) = self.booked_refunds();
        let refunds = surplus.into_iter().map(HeldId::of_refund);
        let mut all = self.held_reports().map(HeldId::of_report).chain(refunds);
        all.any(|held| self.decisions.find(&held).is_none())
    }

    /// The held reports that somebody has to look at. Once the order was paid, a try of another amount that moved no money
    /// asks nothing of anybody, and lies with whichever payment of the order was known when it came.
    pub(crate) fn held_reports(&self) -> impl Iterator<Item = &HeldReport> {
        let status = self.status();
        let was_paid = status.is_success() || status == Status::Reversed;
        self.held.iter().filter(move |held| !was_paid || held.moved_money() || !self.is_of_another_try(held))
    }

    /// Whether it is of another payment than the one that the record is of.
    fn is_of_another_try(&self, held: &HeldReport) -> bool {
        let payment = held.payment.as_ref();
        let named = payment.and_then(|held| Some((held, held.report.provider_transaction_id.as_deref()?)));
        named.is_some_and(|(held, payment)| {
            let is_own = self.provider_transaction_id.as_deref() == Some(payment)
                && self.provider.as_ref().is_some_and(|own| own.id == held.provider.id);
            !is_own
        })
    }

    /// Whether it ends by itself when its time to pay has run out.
    #[must_use]
    pub fn can_expire(&self) -> bool {
        let is_undecided = |held: &&HeldReport| self.decisions.find(&HeldId::of_report(held)).is_none();
        self.status().is_open() && !self.held.iter().filter(is_undecided).any(HeldReport::is_success)
    }

    /// Takes off what is held of a provider's payment of this id.
    pub(crate) fn take_held_of(&mut self, provider: &ProviderId, payment: &str) -> Vec<HeldReport> {
        self.held.extract_if(.., |held| held.is_of(provider, payment)).collect()
    }

    /// Keeps a contradicting report. While money may have come, nothing says that the time to pay has run out.
    pub(crate) fn hold(&mut self, held: HeldReport) {
        if held.is_success() && self.decisions.find(&HeldId::of_report(&held)).is_none() {
            let mut attempts = self.attempts();
            attempts.iter_mut().for_each(|attempt| attempt.reports.forget_time_out());
            self.set_attempts(attempts);
        }
        // Of two that differ in words only, one stands whatever the order they came in.
        match self.held.iter_mut().find(|known| known.key() == held.key()) {
            Some(known) if held.words() < known.words() => *known = held,
            Some(_) => return,
            None => self.held.push(held),
        }
        self.held.sort_by(|one, other| one.key().cmp(&other.key()));
        let surplus = self.held.len().saturating_sub(HeldReport::LIMIT);
        self.held.drain(..surplus);
    }
}
