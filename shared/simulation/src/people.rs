//! People: what is held on a record waits for somebody, who decides sooner or later, and perhaps twice.

use paywarden_domain::provider::Actor;
use paywarden_domain::transaction::decision::{HeldId, Ruling};
use paywarden_payments::decide::HeldDecision;

/// What somebody is going to say of an amount that is not the order's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decree {
    pub reference: String,
    pub amount: u32,
    pub ruling: Ruling,
}

impl Decree {
    /// What is held, as people name it.
    #[must_use]
    pub fn held(&self) -> HeldId {
        HeldId::new(&format!("amount:{}:IDR", self.amount))
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
