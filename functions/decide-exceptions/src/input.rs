//! The body: which exceptions, what about them, and how many they should be.

use std::ops::RangeInclusive;

use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::{ProviderId, RunId};
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::{Action, Exception, ExceptionStatus};
use paywarden_domain::time::Timestamp;
use paywarden_reconciliation::bulk::{BulkDecision, MAX_LOOKED_AT};
use paywarden_reconciliation::search::{MAX_AGE_DAYS, Wanted, found_before};
use paywarden_store::transactions::list::AmountRange;
use rust_decimal::Decimal;
use serde_json::Value;

/// What is asked for.
pub struct Asked {
    /// Among what this run found; without one, among what is open.
    pub run: Option<RunId>,
    pub wanted: Wanted,
    pub decision: BulkDecision,
}

/// Reads the body.
pub fn read(body: &Value, now: Timestamp) -> Result<Asked, InvalidField> {
    let fields = Fields::of(body)?;
    let filter = fields
        .nested("filter")?
        .ok_or_else(|| fields.refused("filter", "is required; {} covers all that is open"))?;
    let (run, wanted) = (filter.parsed("run_id", RunId::parse)?, wanted(&filter, now)?);
    filter.finish()?;
    let decision = BulkDecision {
        action: fields.required("action", Action::parse)?,
        reason: fields
            .text("reason", Exception::REASON_CHARACTERS)?
            .ok_or_else(|| fields.refused("reason", "is required"))?,
        assignee: fields.text("assignee", Exception::ASSIGNEE_CHARACTERS)?,
        expected: expected(&fields)?,
    };
    fields.finish()?;
    if decision.action == Action::Assign && decision.assignee.is_none() {
        return Err(fields.refused("assignee", "is required to assign"));
    }
    Ok(Asked { run, wanted, decision })
}

fn wanted(filter: &Fields<'_>, now: Timestamp) -> Result<Wanted, InvalidField> {
    let statuses = filter.words("status", ExceptionStatus::parse)?.unwrap_or_default();
    if statuses.iter().any(|status| !status.is_open()) {
        return Err(filter.refused("status", "expected OPEN or ASSIGNED: what is closed cannot be decided"));
    }
    let age: RangeInclusive<u32> = 0..=u32::from(MAX_AGE_DAYS);
    let min_age_days = filter.integer("min_age_days", age)?.and_then(|age| u16::try_from(age).ok());
    Ok(Wanted {
        providers: filter.words("provider_id", ProviderId::parse)?.unwrap_or_default().into_iter().collect(),
        outcome: filter.parsed("outcome", Outcome::parse)?,
        statuses,
        assignee: filter.text("assignee", Exception::ASSIGNEE_CHARACTERS)?,
        found_before: min_age_days.map(|age| found_before(age, now)),
        amount: amounts(filter)?,
    })
}

fn amounts(filter: &Fields<'_>) -> Result<AmountRange, InvalidField> {
    let amount = |name: &str| {
        let amount = filter.value(name).map(|_| filter.decimal(name)).transpose()?;
        match amount {
            Some(amount) if amount < Decimal::ZERO => Err(filter.refused(name, "expected an amount from 0")),
            amount => Ok(amount),
        }
    };
    let range = AmountRange { min: amount("amount_min")?, max: amount("amount_max")? };
    match (range.min, range.max) {
        (Some(min), Some(max)) if min > max => {
            Err(filter.refused("amount_min", "expected an amount that is not above amount_max"))
        }
        _ => Ok(range),
    }
}

/// How many it has to be about; none when it is only counted.
fn expected(fields: &Fields<'_>) -> Result<Option<usize>, InvalidField> {
    let is_dry_run = fields.flag("dry_run")?.unwrap_or_default();
    let most = u32::try_from(MAX_LOOKED_AT).unwrap_or(u32::MAX);
    let expected = fields.integer("expected_count", 0..=most)?.and_then(|count| usize::try_from(count).ok());
    match (is_dry_run, expected) {
        (true, Some(_)) => Err(fields.refused("expected_count", "expected without dry_run")),
        (false, None) => {
            let message =
                "is required: ask with \"dry_run\": true first, the answer's count is what is expected here";
            Err(fields.refused("expected_count", message))
        }
        (_, expected) => Ok(expected),
    }
}
