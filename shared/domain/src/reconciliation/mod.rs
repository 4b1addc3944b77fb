//! Reconciliation: the merchant's ledger held against what a provider says it settled.
//!
//! Both sides come as rows: one movement of money each, a Transfer, a Fee or a Tax. [`row`] reads a row into a fixed-width
//! form, [`matching`] gives each row of both sides exactly one [`Outcome`], [`rules`] says what counts as equal. Nothing
//! here depends on the order of rows or on how they are spread over shards: rows are grouped by what they name, and where
//! another choice would be told of another order, amount or status, none is picked.

mod alike;
mod amount;
pub mod calendar;
pub mod digest;
pub mod exception;
mod fallback;
pub mod fees;
pub mod fields;
mod groups;
mod ids;
mod judge;
pub mod keys;
pub mod matching;
mod references;
pub mod row;
pub mod rules;
pub mod run;
pub mod schedule;
pub mod tally;

use serde::{Deserialize, Serialize};

use crate::vocabulary::words;

pub use fields::RowFields;
pub use matching::{Reconciled, RowVerdict, reconcile};
pub use row::{Row, RowProblem};
pub use rules::{RULES_VERSION, Rules, Tolerance};

words! {
    /// What became of one row.
    pub enum Outcome {
        /// It has its counterpart, equal in all that counts.
        Matched = "MATCHED",
        /// It has its counterpart, and the amounts differ by no more than is tolerated.
        MatchedWithVariance = "MATCHED_WITH_VARIANCE",
        /// The statement may still bring it: it is inside the settlement lag.
        PendingSettlement = "PENDING_SETTLEMENT",
        /// The ledger has it, the statement does not.
        MissingExternal = "MISSING_EXTERNAL",
        /// The statement has it, the ledger does not.
        MissingInternal = "MISSING_INTERNAL",
        /// The statement's amount is higher.
        AmountOver = "AMOUNT_OVER",
        /// The statement's amount is lower.
        AmountUnder = "AMOUNT_UNDER",
        /// The statement's fee is higher, or there is one where none was expected.
        FeeOver = "FEE_OVER",
        /// The statement's fee is lower.
        FeeUnder = "FEE_UNDER",
        /// The payment was settled without the fee that the ledger has.
        FeeMissing = "FEE_MISSING",
        /// The taxes differ, or only one side has one.
        TaxVariance = "TAX_VARIANCE",
        /// Fees or taxes differ by less than one step of their rounding.
        Rounding = "ROUNDING",
        /// The currencies differ.
        Currency = "CURRENCY",
        /// One side has a debit where the other has a credit.
        Direction = "DIRECTION",
        /// The statuses do not mean the same.
        Status = "STATUS",
        /// The ledger has the row twice.
        DuplicateInternal = "DUPLICATE_INTERNAL",
        /// The statement has the row twice.
        DuplicateExternal = "DUPLICATE_EXTERNAL",
        /// Several rows would do, and which of them it is makes a difference.
        Ambiguous = "AMBIGUOUS",
        /// A payout's rows do not add up to it.
        GroupIncomplete = "GROUP_INCOMPLETE",
        /// It has its counterpart, which was booked later than the settlement lag allows.
        Late = "LATE",
        /// What is left of a payout when its rows are taken off.
        UnexplainedResidual = "UNEXPLAINED_RESIDUAL",
        /// It cannot be read.
        ParseError = "PARSE_ERROR",
    }
}

words! {
    /// Whose row it is.
    pub enum BookSide {
        /// The merchant's ledger.
        Ledger = "ledger",
        /// The provider's statement.
        Statement = "statement",
    }
}

impl Outcome {
    /// Whether somebody has to look at it.
    #[must_use]
    pub const fn is_exception(self) -> bool {
        match self {
            Self::Matched | Self::MatchedWithVariance | Self::PendingSettlement => false,
            Self::MissingExternal
            | Self::MissingInternal
            | Self::AmountOver
            | Self::AmountUnder
            | Self::FeeOver
            | Self::FeeUnder
            | Self::FeeMissing
            | Self::TaxVariance
            | Self::Rounding
            | Self::Currency
            | Self::Direction
            | Self::Status
            | Self::DuplicateInternal
            | Self::DuplicateExternal
            | Self::Ambiguous
            | Self::GroupIncomplete
            | Self::Late
            | Self::UnexplainedResidual
            | Self::ParseError => true,
        }
    }

    /// Whether nothing of the other side had a part in it: rows of days that a run does not judge have such outcomes because
    /// what they belong to was not looked for.
    #[must_use]
    pub const fn is_alone(self) -> bool {
        match self {
            Self::PendingSettlement
            | Self::MissingExternal
            | Self::MissingInternal
            | Self::DuplicateInternal
            | Self::DuplicateExternal => true,
            Self::Matched
            | Self::MatchedWithVariance
            | Self::AmountOver
            | Self::AmountUnder
            | Self::FeeOver
            | Self::FeeUnder
            | Self::FeeMissing
            | Self::TaxVariance
            | Self::Rounding
            | Self::Currency
            | Self::Direction
            | Self::Status
            | Self::Ambiguous
            | Self::GroupIncomplete
            | Self::Late
            | Self::UnexplainedResidual
            | Self::ParseError => false,
        }
    }
}
