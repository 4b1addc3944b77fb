//! The endpoint.

use paywarden_domain::id::{MerchantId, TransactionId};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::transaction::reference::{MAX_REFERENCE_CHARACTERS, is_reference};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::StoreError;
use serde_json::json;

use crate::deps::Deps;

/// Answers the latest transaction under the reference.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let reference = request.path_parameter("reference")?;
    if !is_reference(reference) {
        let message = format!("expected 1 to {MAX_REFERENCE_CHARACTERS} printable characters");
        return Err(Problem::invalid("reference", message));
    }
    let latest = find_latest(deps, &caller.merchant_id, reference).await?;
    let latest = latest.ok_or_else(|| Problem::not_found("transaction"))?;
    Answer::ok(&json!({"status": true, "transaction": TransactionRecord::new(&latest, &caller.zone)}))
}

/// The first occurrence keeps the count, so the usual case, one payment a reference, reads one item.
async fn find_latest(
    deps: &Deps,
    merchant: &MerchantId,
    reference: &str,
) -> Result<Option<Transaction>, StoreError> {
    let Some(first) = deps.transactions.find_of(merchant, &TransactionId::of(merchant, reference, 1)).await?
    else {
        return Ok(None);
    };
    if first.occurrences <= 1 {
        return Ok(Some(first));
    }
    deps.transactions.find_of(merchant, &TransactionId::of(merchant, reference, first.occurrences)).await
}

#[cfg(test)]
mod tests;
