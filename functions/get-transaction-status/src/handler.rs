//! The endpoint.

use paywarden_domain::transaction::status_answer::{StatusAnswer, StatusId};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Answers the transaction that the id names, if its prefix fits the method.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let id = QueryReader::new(&request.query, &["id"])?.single("id")?;
    let id = id.ok_or_else(|| Problem::invalid("id", "is required: the transaction id with its prefix"))?;
    // The document says that an id which is none does not exist.
    let id = StatusId::parse(id).ok_or_else(not_found)?;
    let transaction = deps.transactions.find_of(&caller.merchant_id, &id.transaction_id).await?;
    let transaction = transaction.filter(|transaction| id.fits(transaction.method)).ok_or_else(not_found)?;
    Answer::ok(&json!({"status": 200, "data": StatusAnswer::new(&transaction, &caller.zone)}))
}

fn not_found() -> Problem {
    Problem::not_found("transaction")
}

/// Refusals in the status API's own shape. A 404 has its two documented members and no more.
pub fn render(problem: &Problem, request_id: &str) -> Answer {
    let status = problem.status();
    let body = match status {
        404 => json!({"status": status, "message": "Transaction not found"}),
        401 | 403 => {
            json!({"status": status, "message": "Unauthorized", "error": problem.error_json(request_id)})
        }
        500.. => {
            json!({"status": status, "message": "Internal server error", "error": problem.error_json(request_id)})
        }
        _ => json!({"status": status, "message": problem.message(), "error": problem.error_json(request_id)}),
    };
    problem.to_answer_with(&body)
}

#[cfg(test)]
mod tests;
