//! The endpoint.

use std::sync::Arc;

use futures::StreamExt;
use paywarden_domain::access::Scope;
use paywarden_domain::provider::Actor;
use paywarden_domain::reconciliation::exception::Exception;
use paywarden_domain::time::Clock;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::StoreError;
use paywarden_store::reconciliation::Reconciliation;
use serde_json::{Value, json};

use crate::input::{self, Decision, Decisions};

/// Decisions of one request that are carried out at the same time.
const CONCURRENCY: usize = 10;

/// Times a decision is made anew because somebody else was first.
const ATTEMPTS: usize = 4;

/// What the endpoint works with.
pub struct Deps {
    pub table: Reconciliation,
    pub clock: Arc<dyn Clock>,
}

/// Carries decisions out: an object is answered with its exception, an array or a table 207 with one result each.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let caller = request.caller(deps.clock.as_ref())?;
    caller.require(Scope::ReconciliationWrite)?;
    QueryReader::new(&request.query, &[])?;
    match input::read(&request)? {
        Decisions::One(value) => {
            let exception = decide(deps, &caller, &value).await?;
            Answer::ok(&json!({"status": true, "exception": exception.to_json(&caller.zone)}))
        }
        Decisions::Many(values) => {
            let decided: Vec<_> =
                values.iter().map(|value| decide_one_of_many(deps, &caller, &request, value)).collect();
            let results: Vec<_> = futures::stream::iter(decided).buffered(CONCURRENCY).collect().await;
            Answer::json(207, &json!({"status": true, "results": results}))
        }
    }
}

async fn decide_one_of_many(deps: &Deps, caller: &Caller, request: &ApiRequest, value: &Value) -> Value {
    match decide(deps, caller, value).await {
        Ok(exception) => json!({"status_code": 200, "exception": exception.to_json(&caller.zone)}),
        Err(problem) => {
            problem.log();
            json!({"status_code": problem.status(), "error": problem.error_json(&request.request_id)})
        }
    }
}

async fn decide(deps: &Deps, caller: &Caller, value: &Value) -> Result<Exception, Problem> {
    let decision = input::decision(value)?;
    for _ in 0..ATTEMPTS {
        let exception = deps.table.exception(&caller.merchant_id, &decision.id).await?;
        let exception = exception.ok_or_else(|| Problem::not_found("exception"))?;
        let next = after(deps, caller, &decision, &exception)?;
        match deps.table.put_exception(&next).await {
            Ok(()) => return Ok(next),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

fn after(
    deps: &Deps,
    caller: &Caller,
    decision: &Decision,
    exception: &Exception,
) -> Result<Exception, Problem> {
    let by = Actor::Client(caller.client_id.clone());
    let (reason, assignee) = (&decision.reason, decision.assignee.as_deref());
    exception
        .after(decision.action, &by, reason, assignee, deps.clock.now())
        .map_err(|refused| Problem::conflict("exception_closed", refused.to_string()))
}

#[cfg(test)]
mod tests;
