//! The query: which transactions are counted.

use std::collections::BTreeSet;

use paywarden_domain::counts::CountsKey;
use paywarden_domain::id::ProviderId;
use paywarden_domain::time::{Day, Timestamp, Zone};
use paywarden_domain::vocabulary::{Direction, Method};
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;

/// Everything this endpoint takes.
pub const PARAMETERS: &[&str] =
    &["direction", "provider_id", "method", "created_at_start_date", "created_at_end_date"];

/// Months that one request may span; the cost grows with them.
const MAX_MONTHS: usize = 13;

/// What is asked for. Empty sets ask for everything; all filters hold at once.
pub struct Asked {
    pub from: Day,
    pub until: Day,
    direction: Option<Direction>,
    providers: BTreeSet<ProviderId>,
    methods: BTreeSet<Method>,
}

impl Asked {
    /// Whether what is counted together is asked for.
    pub fn matches(&self, key: &CountsKey) -> bool {
        self.direction.is_none_or(|direction| direction == key.method.direction())
            && (self.methods.is_empty() || self.methods.contains(&key.method))
            && (self.providers.is_empty()
                || key.provider.as_ref().is_some_and(|id| self.providers.contains(id)))
    }
}

/// Reads the filters. Without an end it is today; without a start, the first of the end's month.
pub fn read(query: &QueryReader<'_>, zone: &Zone, now: Timestamp) -> Result<Asked, Problem> {
    let until = query.parsed("created_at_end_date", Day::parse)?.unwrap_or_else(|| zone.day_of(now));
    let from = query.parsed("created_at_start_date", Day::parse)?.unwrap_or_else(|| until.first_of_month());
    if from > until {
        let message = "expected a day that is not after created_at_end_date";
        return Err(Problem::invalid("created_at_start_date", message));
    }
    if from.months_until(until).take(MAX_MONTHS + 1).count() > MAX_MONTHS {
        let message = format!("expected days within {MAX_MONTHS} months of each other");
        return Err(Problem::invalid("created_at_start_date", message));
    }
    Ok(Asked {
        from,
        until,
        direction: query.word("direction", Direction::parse)?,
        providers: query.words("provider_id", ProviderId::parse)?.into_iter().collect(),
        methods: query.words("method", Method::parse)?.into_iter().collect(),
    })
}
