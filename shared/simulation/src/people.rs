//! People: what is held on a record waits for somebody, who decides sooner or later, and perhaps twice.

use paywarden_domain::actor::Actor;
use paywarden_domain::transaction::decision::{HeldId, Ruling};
use paywarden_payments::decide::HeldDecision;

/// What somebody is going to say of an amount that is not the order's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decree {
    pub reference: String,
    pub amount: u32,
    /// The provider's id of the payment, if it names one.
    pub payment: Option<String>,
    pub ruling: Ruling,
}

impl Decree {
    /// What is held, as people name it.
    #[must_use]
    pub fn held(&self) -> HeldId {
        let of_amount = format!("amount:{}:IDR", self.amount);
        HeldId::new(&self.payment.iter().fold(of_amount, |amount, payment| format!("{amount}:{payment}")))
    }
}

/// What somebody asks for.
#[must_use]
pub fn decision(decree: &Decree) -> HeldDecision<'static> {
    HeldDecision {
        held: decree.held(),
        ruling: decree.ruling,
        reason: "as the bank says",
        by: Actor::Operator,
        correlation_id: "decided",
    }
}
