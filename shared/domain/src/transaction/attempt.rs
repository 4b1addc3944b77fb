//! Attempts: the tries to pay one order, each under the id that its provider gave it.
//!
//! A payer opens a virtual account, lets it lie and pays by QR; a card is refused and another one is not. All of that is one
//! order, so one record keeps what was reported of each try, and the one that stands tells what the record shows: a success
//! before what is open, what is open before a failure, of several the one with the latest provider time. Which came first
//! is never asked.
//!
//! Some reports name no payment. They are about whichever of their provider's attempts stands, so they are kept by
//! themselves and counted with each of its named ones.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::id::ProviderId;
use crate::money::Money;
use crate::time::Timestamp;
use crate::transaction::learned::Learned;
use crate::transaction::refund::Refunds;
use crate::transaction::report::{Happening, Report};
use crate::transaction::state::{Mark, StatusReports};
use crate::transaction::submission::Submissions;
use crate::transaction::{ProviderBinding, Transaction, UnpaidReason};
use crate::vocabulary::{Method, Status};

/// What was reported of one try.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Attempt {
    /// Who carries it; none while nobody is known to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub provider: Option<ProviderBinding>,
    /// The provider's own id of it; none in reports that do not name it.
    #[serde(rename = "payment", skip_serializing_if = "Option::is_none", default)]
    pub provider_transaction_id: Option<String>,
    /// Whether the provider's own reports name the order's reference. Where only the merchant said that the payment is of
    /// this order, the provider may call the order whatever it likes.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub is_referenced: bool,
    /// Whether it was reported on, and no report named its amount; see [`unpriced`](crate::transaction::unpriced).
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub is_unpriced: bool,
    /// When each status was reported.
    #[serde(default)]
    pub reports: StatusReports,
    /// Details that came along.
    #[serde(skip_serializing_if = "Learned::is_empty", default)]
    pub learned: Learned,
    /// Parts of the money that went back.
    #[serde(skip_serializing_if = "Refunds::is_empty", default)]
    pub refunds: Refunds,
    /// Bank submissions and answers.
    #[serde(skip_serializing_if = "Submissions::is_empty", default)]
    pub submissions: Submissions,
    /// Why it failed: the words of the latest such report.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unpaid: Option<UnpaidReason>,
}

/// The provider, and its id of the payment.
type Key<'a> = (Option<&'a ProviderId>, Option<&'a str>);

/// What an attempt comes to with what is counted with it, what it says itself, when that was told, and at last its key.
type Rank<'a> = (Weight, Weight, Option<Timestamp>, Reverse<Key<'a>>);

/// How much an attempt says about the order, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Failed,
    Open,
    /// Money moved, and moved back.
    Undone,
    /// Money moved.
    Settled,
}

impl Weight {
    const fn of(status: Status) -> Self {
        match status {
            Status::Pending | Status::Processing => Self::Open,
            Status::Expired | Status::Failed => Self::Failed,
            Status::Reversed => Self::Undone,
            Status::Paid | Status::Completed => Self::Settled,
        }
    }
}

impl Attempt {
    /// Nothing reported yet.
    pub(crate) fn untold(provider: Option<ProviderBinding>, provider_transaction_id: Option<String>) -> Self {
        Self { provider, provider_transaction_id, ..Self::default() }
    }

    /// Whether it is the provider's payment of this id, or the provider's reports without one.
    #[must_use]
    pub fn is(&self, provider: &ProviderId, payment: Option<&str>) -> bool {
        self.provider_transaction_id.as_deref() == payment && self.is_of(provider)
    }

    /// Whether the provider carries it for sure.
    #[must_use]
    pub fn is_of(&self, provider: &ProviderId) -> bool {
        self.provider.as_ref().is_some_and(|bound| !bound.assumed && bound.id == *provider)
    }

    /// Whether its own reports say that money moved, under an id of its own. Such an attempt is a payment: two of them are
    /// two payments, however many ids an order was tried under.
    #[must_use]
    pub fn is_payment(&self, method: Method) -> bool {
        self.provider_transaction_id.is_some() && Weight::of(self.reports.status(method)) >= Weight::Undone
    }

    /// Whether it only says who is going to carry the payment: the provider's first report takes its place. That our clock
    /// ran out meanwhile is nothing that anybody told.
    fn waits_for(&self, provider: &ProviderId) -> bool {
        self.provider_transaction_id.is_none()
            && self.reports.is_untold()
            && self.provider.as_ref().is_none_or(|bound| bound.assumed || bound.id == *provider)
    }

    /// Takes in what a report tells. Taking it in again changes nothing.
    pub(crate) fn learn(&mut self, report: &Report, method: Method, ordered: Money) {
        self.is_unpriced = report.money.is_none() && (self.is_unpriced || self.is_untold());
        match &report.happening {
            // Providers say PAID of a payout and COMPLETED of a payment; the direction decides the word.
            Happening::Status { status } if status.is_success() => {
                let is_ordered = report.money.is_none_or(|money| money == ordered);
                self.note(if is_ordered { method.success_status().into() } else { Mark::Accepted }, report);
            }
            Happening::Status { status } => self.note((*status).into(), report),
            Happening::Voided => self.note(Mark::Voided, report),
            Happening::PartialRefund { refunds } => self.refunds.merge(refunds),
            Happening::Unknown { .. } => {}
        }
        self.submissions.merge(&report.submissions);
        self.learned.add(report);
    }

    /// Whether no provider reported anything of it.
    fn is_untold(&self) -> bool {
        self.reports.is_untold()
            && self.learned.is_empty()
            && self.refunds.is_empty()
            && self.submissions.is_empty()
    }

    fn note(&mut self, mark: Mark, report: &Report) {
        if report.untimed {
            self.reports.add_untimed(mark, report.occurred_at);
        } else {
            self.reports.add(mark, report.occurred_at);
        }
        let words = report.message.clone().or_else(|| report.code.clone());
        let is_ending = matches!(mark, Mark::Failed | Mark::Reversed | Mark::Voided);
        if let Some(text) = words.filter(|_| is_ending) {
            // An option without a reason sorts first, so the maximum is the latest words whatever the order of arrival.
            self.unpaid = self.unpaid.take().max(Some(UnpaidReason { at: report.occurred_at, text }));
        }
    }

    /// Itself, with what was reported without naming any attempt.
    fn with(&self, unnamed: Option<&Self>) -> Self {
        let mut whole = self.clone();
        if let Some(unnamed) = unnamed {
            whole.is_referenced |= unnamed.is_referenced;
            whole.reports.merge(&unnamed.reports);
            whole.learned.merge(&unnamed.learned);
            whole.refunds.merge(&unnamed.refunds.iter().cloned().collect::<Vec<_>>());
            whole.submissions.merge(&unnamed.submissions.in_order().into_iter().cloned().collect::<Vec<_>>());
            whole.unpaid = whole.unpaid.take().max(unnamed.unpaid.clone());
        }
        whole
    }

    /// Both as one: what was reported of it on two records.
    fn joined(&self, other: &Self) -> Self {
        let is_unpriced = match (self.is_untold(), other.is_untold()) {
            (true, _) => other.is_unpriced,
            (false, true) => self.is_unpriced,
            (false, false) => self.is_unpriced && other.is_unpriced,
        };
        Self { is_unpriced, ..self.with(Some(other)) }
    }

    /// For an order in which none stands twice.
    fn key(&self) -> Key<'_> {
        (self.provider.as_ref().map(|bound| &bound.id), self.provider_transaction_id.as_deref())
    }
}

/// Attempts kept on a record. An order is not tried that often; what does not count goes first.
const LIMIT: usize = 20;

/// The attempt that stands, with what is counted with it.
fn standing(attempts: &[Attempt], method: Method) -> Attempt {
    let unnamed_of = |one: &Attempt| {
        let provider = one.provider.as_ref().filter(|_| one.provider_transaction_id.is_some())?;
        attempts.iter().find(|other| other.is(&provider.id, None))
    };
    let is_counted_elsewhere = |one: &Attempt| {
        let provider = one.provider.as_ref().filter(|_| one.provider_transaction_id.is_none());
        provider.is_some_and(|provider| {
            attempts.iter().any(|other| other.provider_transaction_id.is_some() && other.is_of(&provider.id))
        })
    };
    let candidates = attempts.iter().filter(|one| !is_counted_elsewhere(one));
    let best = candidates.max_by_key(|one| rank(one, &one.with(unnamed_of(one)), method));
    best.map(|one| one.with(unnamed_of(one))).unwrap_or_default()
}

/// What of several attempts stands: by what they come to, then by what they say themselves, then by the provider's time.
fn rank<'a>(own: &'a Attempt, whole: &Attempt, method: Method) -> Rank<'a> {
    let status = whole.reports.status(method);
    let alone = Weight::of(own.reports.status(method));
    (Weight::of(status), alone, whole.reports.told_at(method), Reverse(own.key()))
}

impl Transaction {
    /// Every attempt as its own reports tell it, in the order of their ids.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        if !self.attempts.is_empty() {
            return self.attempts.clone();
        }
        vec![Attempt {
            provider: self.provider.clone(),
            provider_transaction_id: self.provider_transaction_id.clone(),
            is_referenced: self.is_referenced,
            is_unpriced: self.is_unpriced,
            reports: self.reports.clone(),
            learned: self.learned.clone(),
            refunds: self.refunds.clone(),
            submissions: self.submissions.clone(),
            unpaid: self.unpaid.clone(),
        }]
    }

    /// Replaces the attempts; what the record shows follows.
    pub(crate) fn set_attempts(&mut self, mut attempts: Vec<Attempt>) {
        attempts.sort_by(|one, other| one.key().cmp(&other.key()));
        while attempts.len() > LIMIT {
            let least = (0..attempts.len())
                .min_by_key(|index| attempts.get(*index).map(|one| rank(one, one, self.method)));
            attempts.remove(least.unwrap_or_default());
        }
        let standing = standing(&attempts, self.method);
        self.attempts = if attempts.len() > 1 { attempts } else { Vec::new() };
        self.provider = standing.provider;
        self.provider_transaction_id = standing.provider_transaction_id;
        self.is_referenced = standing.is_referenced;
        self.is_unpriced = standing.is_unpriced;
        self.reports = standing.reports;
        self.learned = standing.learned;
        self.refunds = standing.refunds;
        self.submissions = standing.submissions;
        self.unpaid = standing.unpaid;
    }

    /// Adds what a provider reports of one of its payments to that attempt, which may be a new one.
    pub(crate) fn attempt(&mut self, provider: &ProviderBinding, report: &Report) {
        let mut attempts = self.attempts();
        let payment = report.provider_transaction_id.as_deref();
        let known = attempts.iter().position(|one| one.is(&provider.id, payment));
        let waiting = || attempts.iter().position(|one| one.waits_for(&provider.id));
        let mut attempt = match known.or_else(waiting) {
            Some(index) => attempts.remove(index),
            None => Attempt::default(),
        };
        attempt.provider = Some(ProviderBinding { assumed: false, ..provider.clone() });
        attempt.provider_transaction_id = payment.map(str::to_owned);
        attempt.is_referenced |= report.reference.as_deref() == Some(self.reference.as_str());
        attempt.learn(report, self.method, self.money);
        attempts.push(attempt);
        self.set_attempts(attempts);
    }

    /// Names a provider that is going to carry the payment, unless it has spoken already.
    pub(crate) fn expect_attempt(&mut self, provider: ProviderBinding, payment: Option<String>) {
        let mut attempts = self.attempts();
        let is_known = |one: &Attempt| match &payment {
            Some(payment) => one.is(&provider.id, Some(payment)),
            None => one.is_of(&provider.id),
        };
        if attempts.iter().any(is_known) {
            return;
        }
        attempts.retain(|one| !one.waits_for(&provider.id));
        attempts.push(Attempt::untold(Some(provider), payment));
        self.set_attempts(attempts);
    }

    /// Takes an attempt away, to be kept on another record.
    pub(crate) fn take_attempt(&mut self, provider: &ProviderId, payment: &str) -> Option<Attempt> {
        let mut attempts = self.attempts();
        let index = attempts.iter().position(|one| one.is(provider, Some(payment)))?;
        let taken = attempts.remove(index);
        self.set_attempts(attempts);
        Some(taken)
    }

    /// Adds an attempt that was kept on another record.
    pub(crate) fn join(&mut self, attempt: Attempt) {
        let mut attempts = self.attempts();
        let (provider, payment) = attempt.key();
        let known = provider.and_then(|provider| attempts.iter().position(|one| one.is(provider, payment)));
        let joined = match known {
            Some(index) => attempts.remove(index).joined(&attempt),
            None => attempt,
        };
        attempts.push(joined);
        self.set_attempts(attempts);
    }

    /// Whether a report of one of its payments calls the order by another reference than the provider did before: it is about
    /// something else than it seems.
    #[must_use]
    pub fn is_disowned_by(&self, provider: &ProviderId, report: &Report) -> bool {
        let is_elsewhere = report.reference.as_ref().is_some_and(|reference| *reference != self.reference);
        let payment = report.provider_transaction_id.as_deref();
        let is_known = |one: &Attempt| one.is_referenced && one.is(provider, payment);
        is_elsewhere && self.attempts().iter().any(is_known)
    }

    /// Whether another payment than this one of the provider's is what the record is of.
    #[must_use]
    pub fn is_of_another_payment(&self, provider: &ProviderId, payment: &str) -> bool {
        self.attempts().iter().any(|one| one.is_payment(self.method) && !one.is(provider, Some(payment)))
    }
}
