//! The query: which exceptions are looked for.

use paywarden_domain::id::{ProviderId, RunId};
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::ExceptionStatus;
use paywarden_domain::time::Timestamp;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_reconciliation::search::{MAX_AGE_DAYS, Wanted, found_before};
use paywarden_store::transactions::list::AmountRange;

/// Everything this endpoint takes.
pub const PARAMETERS: &[&str] = &[
    "run_id",
    "provider_id",
    "outcome",
    "status",
    "assignee",
    "min_age_days",
    "amount_min",
    "amount_max",
    "limit",
    "cursor",
];

/// What is asked for.
pub struct Asked {
    /// What this run found; without one, what is open.
    pub run: Option<RunId>,
    pub min_age_days: Option<u16>,
    pub wanted: Wanted,
}

/// Reads the filters.
pub fn read(query: &QueryReader<'_>, now: Timestamp) -> Result<Asked, Problem> {
    let run = query.parsed("run_id", RunId::parse)?;
    let statuses = query.words("status", ExceptionStatus::parse)?;
    if run.is_none() && statuses.iter().any(|status| !status.is_open()) {
        let message =
            "expected OPEN or ASSIGNED; what is closed is listed by its run, so give run_id beside it";
        return Err(Problem::unprocessable("status", message));
    }
    let (min, max) = query.amounts("amount_min", "amount_max")?;
    let min_age_days = query.parsed("min_age_days", age)?;
    let wanted = Wanted {
        outcome: query.word("outcome", Outcome::parse)?,
        statuses,
        assignee: query.single("assignee")?.map(str::to_owned),
        found_before: min_age_days.map(|age| found_before(age, now)),
        amount: AmountRange { min, max },
        providers: query.words("provider_id", ProviderId::parse)?.into_iter().collect(),
    };
    Ok(Asked { run, min_age_days, wanted })
}

fn age(text: &str) -> Result<u16, String> {
    let age = text.parse().ok().filter(|age| *age <= MAX_AGE_DAYS);
    age.ok_or_else(|| format!("expected whole days from 0 to {MAX_AGE_DAYS}"))
}
