//! The batch and its messages.

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use paywarden_domain::time::Clock;
use paywarden_lambda_kit::batch::{self, Outcome};
use paywarden_reconciliation::work::{Work, give_up};
use paywarden_store::reconciliation::Reconciliation;

/// What the merchant is told. The log has the failures.
const REASON: &str = "a step failed each time it was tried; start the run again";

/// What the function works with.
pub struct Deps {
    pub table: Reconciliation,
    pub clock: Arc<dyn Clock>,
}

/// Gives up the run of every message of the batch.
pub async fn handle(deps: &Deps, event: SqsEvent) -> SqsBatchResponse {
    batch::process(event, |work: Work| async move {
        match give_up(&deps.table, deps.clock.as_ref(), &work, REASON).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    })
    .await
}

#[cfg(test)]
mod tests;
