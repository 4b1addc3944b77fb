//! The changes of a batch and what merchants are told of them.

use aws_lambda_events::event::dynamodb::Event;
use paywarden_domain::time::Zone;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::webhook::EventType;
use paywarden_lambda_kit::dispatch::{Announcement, Planner};
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_store::transactions::stream::{Change, changes};
use serde_json::json;

/// Plans the deliveries of a batch.
pub async fn handle(planner: &Planner, event: Event) -> Result<(), WorkerError> {
    let mut plans = planner.begin();
    for change in changes(event)? {
        if let Some((event, transaction)) = news(&change) {
            plans.announce(&announcement(event, transaction, &body(transaction))).await?;
        }
    }
    tracing::info!(planned = plans.planned(), "webhooks planned");
    Ok(())
}

/// What a change tells merchants. A write that no reader of the API could notice tells nothing.
fn news(change: &Change) -> Option<(EventType, &Transaction)> {
    match change {
        Change::Created(new) => Some((EventType::TransactionCreated, new)),
        Change::Changed { old, new } => {
            let record = |transaction: &Transaction| TransactionRecord::new(transaction, &Zone::UTC);
            record(new).differs_from(&record(old)).then_some((EventType::TransactionUpdated, new))
        }
        Change::Removed(_) => None,
    }
}

/// The body of a transaction webhook: exactly what the transactions API documents.
fn body(transaction: &Transaction) -> impl Fn(&Zone) -> serde_json::Value + '_ {
    |zone| json!({"transactions": [TransactionRecord::new(transaction, zone)]})
}

fn announcement<'a>(
    event: EventType,
    transaction: &'a Transaction,
    body: &'a (dyn Fn(&Zone) -> serde_json::Value + Sync),
) -> Announcement<'a> {
    Announcement {
        merchant_id: &transaction.merchant_id,
        event,
        subject: transaction.id.as_str(),
        version: transaction.version,
        transaction_id: Some(&transaction.id),
        correlation_id: transaction.correlation_id.as_deref(),
        body,
    }
}

#[cfg(test)]
mod tests;
