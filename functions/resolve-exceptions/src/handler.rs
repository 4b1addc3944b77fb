//! The endpoint.

use futures::StreamExt;
use paywarden_domain::audit::Changed;
use paywarden_domain::reconciliation::exception::Exception;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_reconciliation::decide::DecideError;
use serde_json::{Value, json};

use crate::deps::Deps;
use crate::input::{self, Decisions};

/// Decisions of one request that are carried out at the same time.
const CONCURRENCY: usize = 10;

/// Carries decisions out: an object is answered with its exception, an array or a table 207 with one result each.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    match input::read(&request)? {
        Decisions::One(value) => {
            let exception = decide(deps, &caller, &value).await?;
            let shown = exception.to_json(&caller.zone);
            let answer = Answer::ok(&json!({"status": true, "exception": shown}))?;
            Ok(answer.with_change(Changed::to(shown)))
        }
        Decisions::Many(values) => {
            let decided: Vec<_> =
                values.iter().map(|value| decide_one_of_many(deps, &caller, &request, value)).collect();
            let results: Vec<_> = futures::stream::iter(decided).buffered(CONCURRENCY).collect().await;
            let answer = Answer::json(207, &json!({"status": true, "results": results}))?;
            Ok(answer.with_change(Changed::to(json!({"results": results}))))
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
    let by = caller.actor();
    deps.decider.decide(&caller.merchant_id, &decision, &by).await.map_err(|error| match error {
        DecideError::NoSuchException => Problem::not_found("exception"),
        DecideError::Closed(_) => Problem::conflict("exception_closed", error.to_string()),
        DecideError::Store(error) => error.into(),
    })
}

#[cfg(test)]
mod tests;
