//! The endpoint.

use paywarden_domain::id::EndpointId;
use paywarden_domain::webhook::EndpointStatus;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::webhooks::BookedDelivery;
use serde_json::json;

use crate::deps::Deps;

/// Sends a test event on its way and answers its delivery.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", EndpointId::parse)?;
    let stored = deps.endpoints.find(&caller.merchant_id, &id).await?;
    let endpoint = stored.ok_or_else(|| Problem::not_found("webhook endpoint"))?.endpoint;
    if endpoint.status != EndpointStatus::Enabled {
        let message = format!("it is {}: set it ENABLED first", endpoint.status);
        return Err(Problem::conflict("endpoint_not_enabled", message));
    }
    let delivery = deps.trials.send(&endpoint, &caller.zone, &request.correlation_id).await?;
    let shown = BookedDelivery::from(delivery).to_json(&caller.zone);
    Answer::json(202, &json!({"status": true, "delivery": shown}))
}

#[cfg(test)]
mod tests;
