//! What the endpoint works with.

use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::transactions::Transactions;

pub struct Deps {
    pub transactions: Transactions,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { transactions: stores.transactions()? })
    }
}
