//! The endpoint.

use std::collections::BTreeMap;

use paywarden_domain::counts::Counts;
use paywarden_domain::vocabulary::Status;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use crate::deps::Deps;
use crate::filters::{self, Asked};

/// Answers how many transactions there are of each status, the statuses that none has too.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, filters::PARAMETERS)?;
    let merchant = deps.merchants.get(&caller.merchant_id).await?;
    let asked = filters::read(&query, &merchant.zone, deps.clock.now())?;
    let counts = deps.totals.counts(&merchant.id, merchant.shard_count, asked.from, asked.until).await?;
    let of = by_status(&counts, &asked);
    Answer::ok(&json!({
        "status": true,
        "created_at_start_date": asked.from,
        "created_at_end_date": asked.until,
        "time_zone": merchant.zone.name(),
        "counts": Status::ALL.iter().map(|status| to_json(*status, &of)).collect::<Vec<_>>(),
        "total": of.values().sum::<i64>(),
    }))
}

fn by_status(counts: &Counts, asked: &Asked) -> BTreeMap<Status, i64> {
    let mut of = BTreeMap::new();
    for (_, own) in counts.iter().filter(|(key, _)| asked.matches(key)) {
        for (status, count) in own {
            let sum: &mut i64 = of.entry(*status).or_default();
            *sum = sum.saturating_add(*count);
        }
    }
    of
}

fn to_json(status: Status, of: &BTreeMap<Status, i64>) -> Value {
    let count = of.get(&status).copied().unwrap_or_default();
    json!({"status": status, "status_group": status.group(), "count": count})
}

#[cfg(test)]
mod tests;
