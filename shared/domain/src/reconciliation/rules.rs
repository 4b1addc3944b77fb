//! What counts as equal.

use serde::{Deserialize, Serialize};

use super::calendar::business_days_after;
use super::ids;
use crate::merchant::Merchant;
use crate::provider::{Provider, ProviderType};
use crate::time::Zone;

/// The version of the engine's rules. Raised with every change that can give a row another outcome, so that a run under new
/// rules is a new run. `tests/reconciliation/golden.json` holds what this version makes of every case.
pub const RULES_VERSION: u32 = 2;

/// What a merchant's runs let pass, unless they say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Tolerance {
    /// Minor units by which amounts may differ.
    pub minor: u32,
    /// And ten-thousandths of the ledger's amount.
    pub basis_points: u32,
}

impl Tolerance {
    /// The most minor units.
    pub const MOST_MINOR: u32 = 1_000_000_000;
    /// The most ten-thousandths: the whole amount.
    pub const MOST_BASIS_POINTS: u32 = 10_000;
}

/// The rules of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Amounts may differ by this many minor units.
    pub tolerance_minor: i64,
    /// And by this many ten-thousandths of the ledger's amount.
    pub tolerance_basis_points: i64,
    /// Business days from payment to settlement.
    pub lag_days: u32,
    /// On whose clocks a day begins and ends: the provider's, who promises settlement by its own days.
    pub zone: Zone,
    /// Whose ids the rows have, where that is known: types of providers differ in how they write them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_type: Option<ProviderType>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            tolerance_minor: 0,
            tolerance_basis_points: 0,
            lag_days: 2,
            zone: Zone::UTC,
            provider_type: None,
        }
    }
}

impl Rules {
    /// The usual rules for a merchant's provider. Where it does not say how it settles, its days are taken to be those of the
    /// merchant's clocks.
    #[must_use]
    pub fn usual(provider: &Provider, merchant: &Merchant) -> Self {
        let Tolerance { minor, basis_points } = merchant.settings.tolerance;
        let usual = Self {
            tolerance_minor: i64::from(minor),
            tolerance_basis_points: i64::from(basis_points),
            provider_type: Some(provider.provider_type),
            ..Self::default()
        };
        match &provider.settlement {
            Some(settlement) => {
                Self { lag_days: settlement.lag_days, zone: settlement.zone.clone(), ..usual }
            }
            None => Self { zone: merchant.zone.clone(), ..usual },
        }
    }

    /// The day, as days since 1970, that a second since 1970 counts to.
    #[must_use]
    pub fn day_of(&self, second: u32) -> i32 {
        self.zone.day_number(i64::from(second))
    }

    /// The day by which a payment of this second should be settled.
    #[must_use]
    pub fn due(&self, second: u32) -> i32 {
        business_days_after(self.day_of(second), self.lag_days)
    }

    /// A provider's id as it is compared, of either side.
    #[must_use]
    pub fn compared_id<'a>(&self, id: &'a str) -> &'a str {
        self.provider_type.map_or(id, |provider_type| ids::compared(provider_type, id))
    }

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
