//! Decisions: what people say of what is held.
//!
//! A decision is about what contradicts the record, not about one message: a payment's amount that is not the order's, or a
//! refund that gives back more than came. It holds for every report of that amount of that payment, whether it came before or
//! comes later, so the order in which a person decides and a provider repeats itself says nothing. An amount that is accepted
//! is accepted of every payment; what is dismissed is dismissed of one, for the next may be good money.
//!
//! | decided | amount | refund |
//! |---|---|---|
//! | accepted | the record is of that amount: its reports count as any other's | it is booked, though more went back than came |
//! | dismissed | its reports count for nothing | it is not booked |
//!
//! What is accepted moves money, so it stays accepted. What is dismissed may be accepted later.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::id::ProviderId;
use crate::money::Money;
use crate::provider::Terms;
use crate::provider::fees::Charges;
use crate::time::Timestamp;
use crate::transaction::Transaction;
use crate::transaction::apply::{Origin, learn};
use crate::transaction::held::HeldReport;
use crate::transaction::refund::Refund;
use crate::vocabulary::words;

words! {
    /// What somebody decided.
    pub enum Ruling {
        /// What was reported is so.
        Accepted = "accepted",
        /// What was reported is none of this payment.
        Dismissed = "dismissed",
    }
}

/// What is held, as people name it: `amount:90000:IDR` and the provider's id of the payment, if there is one, or `refund:` and
/// that of the refund.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HeldId(String);

impl HeldId {
    /// Longest id, in characters: a provider's id of a refund has 128.
    pub const CHARACTERS: usize = 160;

    /// Any text: one that names nothing is not found.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn of_report(held: &HeldReport) -> Self {
        let of_amount = format!("amount:{}:{}", held.amount, held.currency);
        let payment = held.payment.as_ref().and_then(|held| held.report.provider_transaction_id.as_ref());
        Self(payment.map_or_else(|| of_amount.clone(), |payment| format!("{of_amount}:{payment}")))
    }

    pub(crate) fn of_refund(refund: &Refund) -> Self {
        Self(format!("refund:{}", refund.id))
    }
}

impl fmt::Display for HeldId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub ruling: Ruling,
    pub by: Actor,
    pub at: Timestamp,
    pub reason: String,
    /// The amount that the record is of from then on, of an accepted amount.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub money: Option<Money>,
    /// What a payment of that amount costs, if that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub charges: Option<Charges>,
}

impl Decision {
    /// Longest reason, in characters.
    pub const REASON_CHARACTERS: usize = 500;
}

/// All decisions about a record, one for each thing that is held.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decisions(BTreeMap<HeldId, Decision>);

/// What somebody wants decided.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    pub held: HeldId,
    pub ruling: Ruling,
    pub reason: &'a str,
    pub by: Actor,
    pub now: Timestamp,
    pub correlation_id: &'a str,
    /// What the provider that carries the record charges.
    pub terms: &'a Terms,
}

/// Why nothing was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDecided {
    /// It is not among what is held.
    #[error("nothing of that id is held on the transaction")]
    NotHeld,
    /// It moved money.
    #[error("it was accepted, and the money is booked")]
    Accepted,
    /// The ledger of a payment is of one currency.
    #[error("it is of another currency than the transaction; it can only be dismissed")]
    OtherCurrency,
}

impl Decisions {
    /// What was decided about it, if anything.
    #[must_use]
    pub fn find(&self, held: &HeldId) -> Option<&Decision> {
        self.0.get(held)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, by what they are about.
    pub fn iter(&self) -> impl Iterator<Item = (&HeldId, &Decision)> {
        self.0.iter()
    }

    /// The accepted amount that the record is of: the one decided last.
    fn standing(&self) -> Option<(Money, &Decision)> {
        let accepted = self.0.iter().filter(|(_, decision)| decision.ruling == Ruling::Accepted);
        let amounts =
            accepted.filter_map(|(id, decision)| Some((decision.at, id, decision.money?, decision)));
        amounts.max_by_key(|(at, id, _, _)| (*at, *id)).map(|(_, _, money, decision)| (money, decision))
    }

    fn accept_amount(&self, money: Money) -> bool {
        let accepted = |decision: &&Decision| decision.ruling == Ruling::Accepted;
        self.0.values().filter(accepted).any(|decision| decision.money == Some(money))
    }

    fn accept(&self, held: &HeldId) -> bool {
        self.find(held).is_some_and(|decision| decision.ruling == Ruling::Accepted)
    }
}

impl Transaction {
    /// The amount that the record is of: the order's, or another one that a person accepted.
    #[must_use]
    pub fn settled(&self) -> Money {
        self.decisions.standing().map_or(self.money, |(money, _)| money)
    }

    /// What that amount costs, if it was charged and is known.
    #[must_use]
    pub fn settled_charges(&self) -> Option<&Charges> {
        self.charged_at()?;
        match self.decisions.standing() {
            Some((_, decision)) => decision.charges.as_ref(),
            None => self.charges.as_ref(),
        }
    }

    /// When the accepted amount was decided, if it corrects one that was charged before.
    #[must_use]
    pub(crate) fn corrected_at(&self) -> Option<Timestamp> {
        let (_, decision) = self.decisions.standing()?;
        self.reports.charged_as_ordered().then_some(decision.at)
    }

    /// Whether reports of this amount are about this record.
    #[must_use]
    pub(crate) fn takes(&self, money: Money) -> bool {
        money == self.money || self.decisions.accept_amount(money)
    }

    /// Whether somebody decided that a report of this payment is none of the order.
    #[must_use]
    pub(crate) fn dismisses(&self, provider: &ProviderId, payment: &str, money: Option<Money>) -> bool {
        let mut held = self.held.iter().filter(|held| held.money() == money);
        held.any(|held| {
            let is_of_it = held.payment.as_ref().is_some_and(|held| held.is(provider, payment));
            is_of_it && self.decisions.find(&HeldId::of_report(held)).is_some()
        })
    }

    /// The refunds that are booked, and those that wait for a person: more went back than came.
    #[must_use]
    pub fn booked_refunds(&self) -> (Vec<&Refund>, Vec<&Refund>) {
        let (mut booked, surplus) = self.refunds.of(self.settled());
        let (accepted, surplus): (Vec<_>, Vec<_>) =
            surplus.into_iter().partition(|refund| self.decisions.accept(&HeldId::of_refund(refund)));
        booked.extend(accepted);
        (booked, surplus)
    }

    /// Decides about what is held. `None` when that was decided before.
    ///
    /// # Errors
    /// [`NotDecided`].
    pub fn decide(&self, wish: &Wish<'_>) -> Result<Option<Self>, NotDecided> {
        let before = self.decisions.find(&wish.held).map(|decision| decision.ruling);
        match (before, wish.ruling) {
            (Some(before), ruling) if before == ruling => return Ok(None),
            (Some(Ruling::Accepted), _) => return Err(NotDecided::Accepted),
            (Some(Ruling::Dismissed), _) | (None, _) => {}
        }
        let money = self.held_amount(&wish.held)?;
        let accepted = money.filter(|_| wish.ruling == Ruling::Accepted);
        if accepted.is_some_and(|money| money.currency() != self.money.currency()) {
            return Err(NotDecided::OtherCurrency);
        }
        let decision = Decision {
            ruling: wish.ruling,
            by: wish.by.clone(),
            at: wish.now,
            reason: wish.reason.to_owned(),
            money: accepted,
            charges: accepted.and_then(|money| wish.terms.charge(self.method.service(), money)),
        };
        let mut next = self.clone();
        next.decisions.0.insert(wish.held.clone(), decision);
        next.take_accepted(wish);
        if next.status() != self.status() {
            next.status_changed_at = wish.now;
        }
        Ok(Some(Self {
            updated_at: Some(wish.now),
            version: self.version.saturating_add(1),
            correlation_id: Some(wish.correlation_id.to_owned()),
            ..next
        }))
    }

    /// The amount of what is held under an id; none of a refund.
    fn held_amount(&self, id: &HeldId) -> Result<Option<Money>, NotDecided> {
        if let Some(held) = self.held.iter().find(|held| HeldId::of_report(held) == *id) {
            return Ok(held.money());
        }
        let (_, surplus) = self.refunds.of(self.settled());
        let is_refund = surplus.iter().any(|refund| HeldId::of_refund(refund) == *id);
        is_refund.then_some(None).ok_or(NotDecided::NotHeld)
    }

    /// Reports of an amount that is the record's now count as any other's.
    fn take_accepted(&mut self, wish: &Wish<'_>) {
        let held = std::mem::take(&mut self.held);
        let (taken, left): (Vec<_>, Vec<_>) = held
            .into_iter()
            .partition(|held| held.payment.is_some() && held.money().is_some_and(|money| self.takes(money)));
        self.held = left;
        for payment in taken.into_iter().filter_map(|held| held.payment) {
            let origin = Origin {
                provider: payment.provider,
                terms: wish.terms.clone(),
                grade: payment.grade,
                now: wish.now,
                correlation_id: wish.correlation_id.to_owned(),
            };
            learn(self, &payment.report, &origin);
        }
    }
}
