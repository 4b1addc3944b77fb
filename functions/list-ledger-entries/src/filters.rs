//! The query: which money is asked for.

use paywarden_domain::id::ProviderId;
use paywarden_domain::time::{Day, Timestamp, Zone};
use paywarden_domain::vocabulary::{Method, Status};
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_store::ledger::LedgerFilters;

use crate::totals::GroupBy;

/// Everything this endpoint takes.
pub const PARAMETERS: &[&str] =
    &["provider_id", "method", "status", "start_date", "end_date", "group_by", "limit", "cursor"];

/// Months that one request may span; the cost of totals grows with them.
const MAX_MONTHS: usize = 13;

/// What is asked for.
pub struct Asked {
    pub from: Day,
    pub until: Day,
    pub filters: LedgerFilters,
    /// What sums are shown by, beside those of the whole.
    pub group_by: Option<GroupBy>,
}

/// Reads the filters. Without an end it is today; without a start, the first of the end's month.
pub fn read(query: &QueryReader<'_>, zone: &Zone, now: Timestamp) -> Result<Asked, Problem> {
    let until = query.parsed("end_date", Day::parse)?.unwrap_or_else(|| zone.day_of(now));
    let from = query.parsed("start_date", Day::parse)?.unwrap_or_else(|| until.first_of_month());
    if from > until {
        return Err(Problem::invalid("start_date", "expected a day that is not after end_date"));
    }
    if months(from, until) > MAX_MONTHS {
        let message = format!("expected days within {MAX_MONTHS} months of each other");
        return Err(Problem::invalid("start_date", message));
    }
    Ok(Asked {
        from,
        until,
        group_by: query.word("group_by", GroupBy::parse)?,
        filters: LedgerFilters {
            providers: query.words("provider_id", ProviderId::parse)?.into_iter().collect(),
            methods: query.words("method", Method::parse)?.into_iter().collect(),
            statuses: query.words("status", Status::parse)?.into_iter().collect(),
        },
    })
}

fn months(from: Day, until: Day) -> usize {
    from.months_until(until).take(MAX_MONTHS + 1).count()
}
