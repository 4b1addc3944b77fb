//! The endpoint.

use paywarden_domain::money::{Currency, Money, amount_number};
use paywarden_domain::provider::sequence::{Excluded, Ranked, sequence};
use paywarden_domain::vocabulary::Service;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Answers who takes part, in order, and who does not.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, &["service", "amount", "currency"])?;
    let service = query.word("service", Service::parse)?;
    let service = service.ok_or_else(|| {
        Problem::invalid("service", format!("is required: one of {}", Service::WORDS.join(", ")))
    })?;
    let payment = payment(&query)?;
    let providers = deps.providers.list(&caller.merchant_id).await?;
    let (ranked, excluded) = sequence(&providers, service, payment);
    Answer::ok(&json!({
        "status": true,
        "sequence": ranked.iter().map(ranked_json).collect::<Vec<_>>(),
        "excluded": excluded.iter().map(excluded_json).collect::<Vec<_>>(),
    }))
}

/// The amount to compare costs for; without one only priority counts.
fn payment(query: &QueryReader<'_>) -> Result<Option<Money>, Problem> {
    let currency = query.parsed("currency", Currency::parse)?;
    match (query.single("amount")?, currency) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Problem::invalid("amount", "expected beside currency")),
        (Some(_), None) => Err(Problem::invalid("currency", "expected beside amount")),
        (Some(amount), Some(currency)) => Money::parse_payment(amount, currency)
            .map(Some)
            .map_err(|error| Problem::invalid("amount", error.to_string())),
    }
}

fn ranked_json(ranked: &Ranked<'_>) -> Value {
    json!({
        "provider_id": ranked.provider.id,
        "name": ranked.provider.name,
        "priority": ranked.provider.priority,
        "expected_cost": ranked.cost.as_ref().map(|cost| amount_number(cost.total())),
        "reason": ranked.reason,
    })
}

fn excluded_json(excluded: &Excluded<'_>) -> Value {
    json!({
        "provider_id": excluded.provider.id,
        "name": excluded.provider.name,
        "priority": excluded.provider.priority,
        "reason": excluded.reason,
    })
}

#[cfg(test)]
mod tests;
