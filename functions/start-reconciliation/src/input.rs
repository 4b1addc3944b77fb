//! The body: whose statements, which days, by which rules.

use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::{ProviderId, StatementId};
use paywarden_domain::reconciliation::run::RunScope;
use paywarden_domain::reconciliation::{Rules, Tolerance};
use paywarden_domain::time::Day;
use serde_json::Value;

const MAX_LAG_DAYS: u32 = 30;

/// What is asked for.
pub struct Asked {
    pub provider_id: ProviderId,
    pub from: Day,
    pub until: Day,
    pub as_of: Option<Day>,
    pub statement_ids: Option<Vec<StatementId>>,
    pub dry_run: bool,
    pub rules: AskedRules,
}

/// Rules that are not to be the usual ones.
#[derive(Default)]
pub struct AskedRules {
    tolerance_minor: Option<u32>,
    tolerance_basis_points: Option<u32>,
    lag_days: Option<u32>,
}

impl AskedRules {
    /// These rules; what they leave open is as usual.
    pub fn over(&self, usual: Rules) -> Rules {
        Rules {
            tolerance_minor: self.tolerance_minor.map_or(usual.tolerance_minor, i64::from),
            tolerance_basis_points: self
                .tolerance_basis_points
                .map_or(usual.tolerance_basis_points, i64::from),
            lag_days: self.lag_days.unwrap_or(usual.lag_days),
            ..usual
        }
    }
}

/// Reads the body.
pub fn read(body: &Value) -> Result<Asked, InvalidField> {
    let fields = Fields::of(body)?;
    let asked = Asked {
        provider_id: fields.required("provider_id", ProviderId::parse)?,
        from: fields.required("start_date", Day::parse)?,
        until: fields.required("end_date", Day::parse)?,
        as_of: fields.parsed("as_of", Day::parse)?,
        statement_ids: statement_ids(&fields)?,
        dry_run: fields.flag("dry_run")?.unwrap_or(false),
        rules: rules(&fields)?,
    };
    fields.finish()?;
    if asked.from > asked.until {
        return Err(fields.refused("start_date", "expected a day that is not after end_date"));
    }
    if asked.from.plus_days(RunScope::MAX_DAYS.saturating_sub(1)) < asked.until {
        let message = format!("expected at most {} days", RunScope::MAX_DAYS);
        return Err(fields.refused("end_date", message));
    }
    Ok(asked)
}

fn statement_ids(fields: &Fields<'_>) -> Result<Option<Vec<StatementId>>, InvalidField> {
    let ids = fields.words("statement_ids", StatementId::parse)?;
    match ids.as_ref().map(Vec::len) {
        Some(0) => Err(fields.refused("statement_ids", "expected at least one, or none of this member")),
        Some(count) if count > RunScope::MAX_STATEMENTS => {
            Err(fields.refused("statement_ids", too_many_statements()))
        }
        _ => Ok(ids),
    }
}

/// What is said of more statements than a run takes.
pub fn too_many_statements() -> String {
    format!("expected at most {} statements", RunScope::MAX_STATEMENTS)
}

fn rules(fields: &Fields<'_>) -> Result<AskedRules, InvalidField> {
    let Some(nested) = fields.nested("rules")? else {
        return Ok(AskedRules::default());
    };
    let rules = AskedRules {
        tolerance_minor: nested.integer("tolerance_minor", 0..=Tolerance::MOST_MINOR)?,
        tolerance_basis_points: nested.integer("tolerance_basis_points", 0..=Tolerance::MOST_BASIS_POINTS)?,
        lag_days: nested.integer("lag_days", 0..=MAX_LAG_DAYS)?,
    };
    nested.finish()?;
    Ok(rules)
}
