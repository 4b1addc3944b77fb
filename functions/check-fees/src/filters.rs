//! The query: which month of which providers.

use std::collections::BTreeSet;

use paywarden_domain::id::ProviderId;
use paywarden_domain::time::{Day, Timestamp, Zone};
use paywarden_domain::vocabulary::Service;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;

/// Everything this endpoint takes.
pub const PARAMETERS: &[&str] = &["month", "provider_id", "service", "limit", "cursor"];

/// What is asked for.
pub struct Asked {
    /// `YYYY-MM`.
    pub month: String,
    /// Of these providers; of all when there are none.
    pub providers: BTreeSet<ProviderId>,
    pub service: Option<Service>,
}

/// Reads the filters. Without a month it is the present one on the merchant's clocks.
pub fn read(query: &QueryReader<'_>, zone: &Zone, now: Timestamp) -> Result<Asked, Problem> {
    Ok(Asked {
        month: query.parsed("month", month)?.unwrap_or_else(|| zone.day_of(now).month()),
        providers: query.words("provider_id", ProviderId::parse)?.into_iter().collect(),
        service: query.word("service", Service::parse)?,
    })
}

fn month(text: &str) -> Result<String, &'static str> {
    let first = Day::parse(&format!("{text}-01")).map_err(|_| "expected a month as YYYY-MM")?;
    Ok(first.month())
}
