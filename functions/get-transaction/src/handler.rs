//! The endpoint.

use paywarden_domain::transaction::family::answering;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::transaction::reference::{MAX_REFERENCE_CHARACTERS, is_reference};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Answers the payment that stands for the reference.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let reference = request.path_parameter("reference")?;
    if !is_reference(reference) {
        let message = format!("expected 1 to {MAX_REFERENCE_CHARACTERS} printable characters");
        return Err(Problem::invalid("reference", message));
    }
    // The first one keeps the count, so the usual case, one payment a reference, reads one item.
    let payments = deps.transactions.family_of(&caller.merchant_id, reference).await?;
    let payment = answering(&payments).ok_or_else(|| Problem::not_found("transaction"))?;
    Answer::ok(&json!({"status": true, "transaction": TransactionRecord::new(payment, &caller.zone)}))
}

#[cfg(test)]
mod tests;
