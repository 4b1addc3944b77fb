//! The endpoint.

use std::sync::Arc;

use lambda_http::http::Method;
use paywarden_domain::access::Scope;
use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::Clock;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_reconciliation::intake::Intake;
use paywarden_store::providers::Providers;

use crate::{announce, list};

/// What the endpoint works with.
pub struct Deps {
    pub providers: Providers,
    pub intake: Intake,
    pub cursors: Cursors,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

/// Takes or shows statements.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let caller = request.caller(deps.clock.as_ref())?;
    if request.method == Method::POST {
        caller.require(Scope::ReconciliationWrite)?;
        return announce::handle(deps, &caller, &request).await;
    }
    caller.require(Scope::ReconciliationRead)?;
    if request.path_parameters.contains_key("id") {
        list::one(deps, &caller, &request).await
    } else {
        list::all(deps, &caller, &request).await
    }
}

#[cfg(test)]
mod tests;
