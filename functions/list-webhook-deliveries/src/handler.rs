//! The endpoint.

use paywarden_domain::id::{DeliveryId, EndpointId};
use paywarden_domain::webhook::replay::Selection;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::webhooks::DeliveryQuery;
use serde_json::{Value, json};

use crate::deps::Deps;
use crate::filters;

/// Answers a page, newest first. The position is how far it was looked, which may be behind the last one shown.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, filters::PARAMETERS)?;
    let limit = usize::from(query.limit()?);
    let endpoint = request.path_id("id", EndpointId::parse)?;
    let selection = filters::read(&query, &caller.zone)?;
    if deps.endpoints.find(&caller.merchant_id, &endpoint).await?.is_none() {
        return Err(Problem::not_found("webhook endpoint"));
    }
    let binding = binding(&caller, &endpoint, &selection);
    let after = deps.cursors.position(&query, &binding).await?;
    let after = after.map(|id| DeliveryId::parse(&id)).transpose();
    let after = after.map_err(|error| Problem::invalid("cursor", error.to_string()))?;
    let wanted = DeliveryQuery {
        endpoint: &endpoint,
        selection: &selection,
        newest_first: true,
        limit,
        after: after.as_ref(),
    };
    let page = deps.deliveries.list(&wanted).await?;
    let next_cursor = deps.cursors.next(&binding, page.next.as_ref().map(|id| id.as_str())).await?;
    let deliveries: Vec<Value> = page.deliveries.iter().map(|one| one.to_json(&caller.zone)).collect();
    Answer::ok(&json!({"status": true, "deliveries": deliveries, "next_cursor": next_cursor}))
}

fn binding(caller: &Caller, endpoint: &EndpointId, selection: &Selection) -> Listing {
    Listing::new("list-webhook-deliveries/1", &caller.merchant_id)
        .with("id", endpoint)
        .with("status", &selection.status)
        .with("event", &selection.event)
        .with("transaction_id", &selection.transaction_id)
        .with("http_class", &selection.http_class)
        .with("from", &selection.from)
        .with("until", &selection.until)
}

#[cfg(test)]
mod tests;
