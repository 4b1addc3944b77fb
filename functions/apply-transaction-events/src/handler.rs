//! The batch and its messages.

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use paywarden_domain::time::Clock;
use paywarden_domain::transaction::apply::Origin;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_lambda_kit::batch::{self, Outcome};
use paywarden_store::StoreError;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::timeline::Timeline;
use paywarden_store::transactions::Transactions;

use crate::{apply, notes};

/// What the function works with.
pub struct Deps {
    pub merchants: Merchants,
    pub providers: Providers,
    pub transactions: Transactions,
    pub timeline: Timeline,
    pub clock: Arc<dyn Clock>,
}

/// Handles a batch; only the messages that failed come back.
pub async fn handle(deps: &Deps, event: SqsEvent) -> SqsBatchResponse {
    batch::process(event, |callback: VerifiedCallback| async move {
        match handle_callback(deps, &callback).await {
            Ok(()) => Outcome::Done,
            Err(error) if error.is_retryable() => Outcome::Retry(error.to_string()),
            Err(error) => Outcome::GiveUp(error.to_string()),
        }
    })
    .await
}

/// Applies the reports of a callback one after the other, then writes down what came and what was made of it. When
/// something fails in between, all of it is done again and changes nothing twice.
async fn handle_callback(deps: &Deps, callback: &VerifiedCallback) -> Result<(), StoreError> {
    // What it charges: as it is configured when the payment succeeds.
    let provider = deps.providers.find_of(&callback.merchant_id, &callback.provider.id).await?;
    let origin = Origin {
        provider: callback.provider.clone(),
        terms: provider.map(|stored| stored.provider.terms()).unwrap_or_default(),
        grade: callback.grade,
        now: deps.clock.now(),
        correlation_id: callback.correlation_id.clone(),
    };
    let mut notes = Vec::new();
    for (index, report) in callback.reports.iter().enumerate() {
        let applied = apply::apply(deps, &callback.merchant_id, report, &origin).await?;
        applied.log(report, callback);
        notes.extend(notes::of_report(callback, index, report, &applied));
    }
    if callback.reports.is_empty() {
        notes.push(notes::of_no_payment(callback));
    }
    deps.timeline.append(&notes).await
}

#[cfg(test)]
mod tests;
