//! The batch and its messages.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use paywarden_lambda_kit::batch::{self, Outcome};
use paywarden_reconciliation::partition::Partitioner;
use paywarden_reconciliation::work::Work;

/// Does the step for every message of the batch; only those that failed come back.
pub async fn handle(step: &Partitioner, event: SqsEvent) -> SqsBatchResponse {
    batch::process(event, |work: Work| async move {
        match step.handle(&work).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    })
    .await
}

#[cfg(test)]
mod tests;
