//! The endpoint.

use paywarden_domain::id::{DeliveryId, EndpointId};
use paywarden_domain::webhook::DeliveryKey;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Answers the delivery. Whose it is, its endpoint says.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let endpoint_id = request.path_id("id", EndpointId::parse)?;
    let delivery_id = request.path_id("delivery_id", DeliveryId::parse)?;
    if deps.endpoints.find(&caller.merchant_id, &endpoint_id).await?.is_none() {
        return Err(Problem::not_found("webhook endpoint"));
    }
    let found = deps.deliveries.find_booked(&DeliveryKey { endpoint_id, delivery_id }).await?;
    let delivery = found.ok_or_else(|| Problem::not_found("delivery"))?;
    Answer::ok(&json!({"status": true, "delivery": delivery.to_detailed_json(&caller.zone)}))
}

#[cfg(test)]
mod tests;
