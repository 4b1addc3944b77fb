//! What a transaction adds to the table.

use paywarden_domain::counts::Standing;
use paywarden_domain::totals::{Totals, contribution};
use paywarden_domain::transaction::Transaction;

/// A transaction's part: what it moved, and where it is counted. A record that is not there has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    pub sums: Totals,
    pub standing: Option<Standing>,
}

impl Part {
    /// Of this version.
    #[must_use]
    pub fn of(transaction: &Transaction) -> Self {
        Self { sums: contribution(transaction), standing: Some(Standing::of(transaction)) }
    }

    /// Whether it adds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty() && self.standing.is_none()
    }
}
