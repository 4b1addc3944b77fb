//! What counts as equal.

use serde::{Deserialize, Serialize};

/// The version of the engine's rules. Raised with every change that can give a row another outcome, so that a run under new
/// rules is a new run. `tests/reconciliation/golden.json` holds what this version makes of every case.
pub const RULES_VERSION: u32 = 1;

/// The rules of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Amounts may differ by this many minor units.
    pub tolerance_minor: i64,
    /// And by this many ten-thousandths of the ledger's amount.
    pub tolerance_basis_points: i64,
    /// Business days from payment to settlement.
    pub lag_days: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { tolerance_minor: 0, tolerance_basis_points: 0, lag_days: 2 }
    }
}

impl Rules {
    /// Whether a difference from the ledger's amount is tolerated.
    #[must_use]
    pub fn tolerate(&self, ledger_minor: i64, difference: i64) -> bool {
        let by_part = i128::from(ledger_minor.unsigned_abs())
            .saturating_mul(i128::from(self.tolerance_basis_points))
            / 10_000;
        let allowed = i128::from(self.tolerance_minor).max(by_part);
        i128::from(difference.unsigned_abs()) <= allowed
    }
}
