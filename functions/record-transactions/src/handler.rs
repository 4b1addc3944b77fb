//! The endpoint.

use futures::StreamExt;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::time::Zone;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_payments::record::{RecordError, Recorded};
use serde_json::{Value, json};

use crate::deps::Deps;
use crate::input;

/// Transactions one request may record.
const MAX_TRANSACTIONS: usize = 100;

/// Transactions of one request that are written at the same time.
const CONCURRENCY: usize = 10;

/// Records what the body holds: an object is answered 201, or 200 when it was known; an array 207 with one result each.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let body = request.json()?;
    let merchant = deps.merchants.get(&caller.merchant_id).await?;
    match &body {
        Value::Object(_) => {
            let recorded = record(deps, &merchant, &request.correlation_id, &body).await?;
            let answer = json!({"status": true, "transaction": shown(&recorded, &merchant.zone)});
            Answer::json(status_code(&recorded), &answer)
        }
        Value::Array(items) if (1..=MAX_TRANSACTIONS).contains(&items.len()) => {
            let recordings: Vec<_> =
                items.iter().map(|item| record_in_batch(deps, &merchant, &request, item)).collect();
            let results: Vec<_> = futures::stream::iter(recordings).buffered(CONCURRENCY).collect().await;
            Answer::json(207, &json!({"status": true, "results": results}))
        }
        _ => Err(Problem::unprocessable(
            "body",
            format!("expected an object or an array of 1 to {MAX_TRANSACTIONS}"),
        )),
    }
}

async fn record_in_batch(deps: &Deps, merchant: &Merchant, request: &ApiRequest, item: &Value) -> Value {
    match record(deps, merchant, &request.correlation_id, item).await {
        Ok(recorded) => {
            json!({"status_code": status_code(&recorded), "transaction": shown(&recorded, &merchant.zone)})
        }
        Err(problem) => {
            problem.log();
            json!({"status_code": problem.status(), "error": problem.error_json(&request.request_id)})
        }
    }
}

async fn record(
    deps: &Deps,
    merchant: &Merchant,
    correlation_id: &str,
    item: &Value,
) -> Result<Recorded, Problem> {
    let order = input::order(item, &merchant.zone, deps.clock.as_ref(), deps.entropy.as_ref())?;
    deps.recorder.record(merchant, order, correlation_id).await.map_err(|error| {
        let message = error.to_string();
        match error {
            RecordError::UnknownProvider => Problem::unprocessable("provider_id", message),
            RecordError::OccurrenceAhead { .. } => Problem::unprocessable("occurrence", message),
            RecordError::ReferenceConflict => Problem::conflict("reference_conflict", message),
            RecordError::ProviderTransactionConflict => {
                Problem::conflict("provider_transaction_conflict", message)
            }
            RecordError::Busy => Problem::unavailable(),
            RecordError::Store(error) => error.into(),
        }
    })
}

fn status_code(recorded: &Recorded) -> u16 {
    match recorded {
        Recorded::Created(_) => 201,
        Recorded::Known(_) => 200,
    }
}

fn shown(recorded: &Recorded, zone: &Zone) -> TransactionRecord {
    let (Recorded::Created(transaction) | Recorded::Known(transaction)) = recorded;
    TransactionRecord::new(transaction, zone)
}

#[cfg(test)]
mod tests;
