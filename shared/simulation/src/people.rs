//! People: what is held on a record waits for somebody, who decides sooner or later, and perhaps twice.

use paywarden_domain::id::TransactionId;
use paywarden_domain::provider::{Actor, Terms};
use paywarden_domain::transaction::decision::{HeldId, NotDecided, Ruling, Wish};
use paywarden_store::StoreError;
use paywarden_store::stores::Stores;

use crate::words::Speaker;

/// What somebody is going to say of an amount that is not the order's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decree {
    pub reference: String,
    pub amount: u32,
    pub ruling: Ruling,
    /// Who carries the payment.
    pub speaker: Speaker,
}

impl Decree {
    /// What is held, as people name it.
    #[must_use]
    pub fn held(&self) -> HeldId {
        HeldId::new(&format!("amount:{}:IDR", self.amount))
    }
}

/// What became of a wish.
pub(crate) enum Decided {
    Done,
    /// Nothing of the kind is held, as yet.
    NotHeld,
}

/// Somebody reads a record and decides about it, in one write under the version that was read.
pub(crate) async fn decide(
    stores: &Stores,
    id: &TransactionId,
    decree: &Decree,
    terms: &Terms,
) -> Result<Decided, StoreError> {
    let transactions = stores.transactions_writer().expect("the template names the table");
    let Some(record) = transactions.find(id).await? else {
        return Ok(Decided::NotHeld);
    };
    let wish = Wish {
        held: decree.held(),
        ruling: decree.ruling,
        reason: "as the bank says",
        by: Actor::Operator,
        now: stores.clock().now(),
        correlation_id: "decided",
        terms,
    };
    match record.decide(&wish) {
        Ok(Some(next)) => transactions.replace(&next).await.map(|()| Decided::Done),
        Ok(None) => Ok(Decided::Done),
        Err(NotDecided::NotHeld | NotDecided::Accepted | NotDecided::OtherCurrency) => Ok(Decided::NotHeld),
    }
}
