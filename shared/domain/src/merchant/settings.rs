//! What a merchant may set for itself, and how it is read from outside. What nobody set is as usual.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Merchant;
use crate::fields::{Fields, InvalidField};
use crate::ledger_export::LedgerExport;
use crate::provider::monitor::Thresholds;
use crate::provider::settlement::ClockTime;
use crate::reconciliation::Tolerance;
use crate::time::Zone;
use crate::vocabulary::Method;

/// Longest name, in characters.
const NAME_CHARACTERS: usize = 128;

/// A merchant's settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// From when on its open payments are stuck.
    #[serde(skip_serializing_if = "is_usual")]
    pub stuck: StuckLimits,
    /// From when on monitoring finds that a provider is in trouble.
    #[serde(skip_serializing_if = "is_usual")]
    pub monitoring: Thresholds,
    /// What reconciliation lets pass, unless a run says otherwise.
    #[serde(skip_serializing_if = "is_usual")]
    pub tolerance: Tolerance,
    /// Whether each day's ledger is written to a file, and when.
    #[serde(skip_serializing_if = "is_usual")]
    pub ledger_export: Option<LedgerExport>,
}

/// Whether nobody has set anything of it: then nothing is kept, and what is usual may change.
fn is_usual<T: Default + PartialEq>(setting: &T) -> bool {
    *setting == T::default()
}

/// How long a payment is normally open, by method, where that is not what is usual for the method.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StuckLimits(BTreeMap<Method, u32>);

impl StuckLimits {
    /// The shortest and the longest limit, in seconds: a minute and thirty days.
    const SECONDS: std::ops::RangeInclusive<u32> = 60..=30 * 24 * 3600;

    /// Seconds for which a payment of this method is normally open.
    #[must_use]
    pub fn seconds(&self, method: Method) -> i64 {
        self.0.get(&method).map_or_else(|| method.normally_open_seconds(), |seconds| i64::from(*seconds))
    }

    fn to_json(&self) -> Value {
        let limits = Method::ALL.iter().map(|method| (method.to_string(), json!(self.seconds(*method))));
        Value::Object(limits.collect::<Map<_, _>>())
    }

    fn read_into(&mut self, fields: &Fields<'_>) -> Result<(), InvalidField> {
        for method in Method::ALL {
            if fields.is_cleared(method.as_str()) {
                self.0.remove(method);
            }
            if let Some(seconds) = fields.integer(method.as_str(), Self::SECONDS)? {
                self.0.insert(*method, seconds);
            }
        }
        fields.finish()
    }
}

impl Merchant {
    /// The merchant as the API shows it, with every setting, those that nobody has set too. Its times are on its own clocks.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Thresholds { least_outcomes, failures_above_usual_per_mille, silent_minutes, missing_callbacks } =
            self.settings.monitoring;
        json!({
            "id": self.id,
            "name": self.name,
            "time_zone": self.zone.name(),
            "stuck_after_seconds": self.settings.stuck.to_json(),
            "monitoring": {
                "least_outcomes": least_outcomes,
                "failures_above_usual_per_mille": failures_above_usual_per_mille,
                "silent_minutes": silent_minutes,
                "missing_callbacks": missing_callbacks,
            },
            "reconciliation": {
                "tolerance_minor": self.settings.tolerance.minor,
                "tolerance_basis_points": self.settings.tolerance.basis_points,
            },
            "ledger_export": self.settings.ledger_export,
            "created_at": self.zone.clock_text(self.created_at),
            "updated_at": self.updated_at.map(|at| self.zone.clock_text(at)),
            "version": self.version,
        })
    }

    /// The merchant with what `body` names changed and nothing else. A setting that is null is as usual again.
    ///
    /// # Errors
    /// Naming what cannot be accepted, or is not known.
    pub fn with_changes(&self, body: &Value) -> Result<Self, InvalidField> {
        let fields = Fields::of(body)?;
        let mut changed = self.clone();
        if let Some(name) = fields.text("name", NAME_CHARACTERS)? {
            changed.name = name;
        }
        if let Some(zone) = fields.parsed("time_zone", Zone::parse)? {
            changed.zone = zone;
        }
        let settings = &mut changed.settings;
        setting(&fields, "stuck_after_seconds", &mut settings.stuck, StuckLimits::read_into)?;
        setting(&fields, "monitoring", &mut settings.monitoring, thresholds)?;
        setting(&fields, "reconciliation", &mut settings.tolerance, tolerance)?;
        setting(&fields, "ledger_export", &mut settings.ledger_export, ledger_export)?;
        fields.finish()?;
        Ok(changed)
    }
}

/// A setting that is an object: absent it stays, null it is as usual, else its members are read into it.
fn setting<T: Default>(
    fields: &Fields<'_>,
    name: &str,
    setting: &mut T,
    read_into: impl FnOnce(&mut T, &Fields<'_>) -> Result<(), InvalidField>,
) -> Result<(), InvalidField> {
    if fields.is_cleared(name) {
        *setting = T::default();
    }
    match fields.nested(name)? {
        Some(nested) => read_into(setting, &nested),
        None => Ok(()),
    }
}

fn thresholds(thresholds: &mut Thresholds, fields: &Fields<'_>) -> Result<(), InvalidField> {
    let usual = Thresholds::default();
    let members = [
        ("least_outcomes", &mut thresholds.least_outcomes, usual.least_outcomes, 5..=10_000),
        (
            "failures_above_usual_per_mille",
            &mut thresholds.failures_above_usual_per_mille,
            usual.failures_above_usual_per_mille,
            Thresholds::LEAST_MARGIN..=900,
        ),
        ("silent_minutes", &mut thresholds.silent_minutes, usual.silent_minutes, 5..=24 * 60),
        ("missing_callbacks", &mut thresholds.missing_callbacks, usual.missing_callbacks, 5..=10_000),
    ];
    for (name, threshold, usual, range) in members {
        if fields.is_cleared(name) {
            *threshold = usual;
        }
        *threshold = fields.integer(name, range)?.unwrap_or(*threshold);
    }
    fields.finish()
}

fn tolerance(tolerance: &mut Tolerance, fields: &Fields<'_>) -> Result<(), InvalidField> {
    let members = [
        ("tolerance_minor", &mut tolerance.minor, Tolerance::MOST_MINOR),
        ("tolerance_basis_points", &mut tolerance.basis_points, Tolerance::MOST_BASIS_POINTS),
    ];
    for (name, tolerated, most) in members {
        if fields.is_cleared(name) {
            *tolerated = 0;
        }
        *tolerated = fields.integer(name, 0..=most)?.unwrap_or(*tolerated);
    }
    fields.finish()
}

fn ledger_export(export: &mut Option<LedgerExport>, fields: &Fields<'_>) -> Result<(), InvalidField> {
    *export = Some(LedgerExport { at: fields.required("at", ClockTime::parse)? });
    fields.finish()
}

#[cfg(test)]
mod tests;
