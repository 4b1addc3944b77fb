//! The changes of a batch and their deliveries.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lambda_events::event::dynamodb::Event;
use paywarden_domain::id::{DeliveryId, MerchantId};
use paywarden_domain::time::{Clock, Zone};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_domain::webhook::{Delivery, DeliveryStatus, Endpoint, EventType};
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_store::merchants::Merchants;
use paywarden_store::queue::{Message, Queue};
use paywarden_store::transactions::stream::{Change, changes};
use paywarden_store::webhooks::{Deliveries, Endpoints};
use serde::Serialize;

/// What the function works with.
pub struct Deps {
    pub merchants: Merchants,
    pub endpoints: Endpoints,
    pub deliveries: Deliveries,
    pub queue: Arc<dyn Queue>,
    pub clock: Arc<dyn Clock>,
}

/// The body of a transaction webhook: exactly what the transactions API documents.
#[derive(Serialize)]
struct Body<'a> {
    transactions: [&'a TransactionRecord; 1],
}

/// Plans the deliveries of a batch. Each merchant's endpoints are read once a batch, never kept longer: an endpoint
/// hears of everything that changes after it was created.
pub async fn handle(deps: &Deps, event: Event) -> Result<(), WorkerError> {
    let mut endpoints: HashMap<MerchantId, Vec<Endpoint>> = HashMap::new();
    let mut planned: usize = 0;
    for change in changes(event)? {
        let Some((event, transaction)) = announcement(&change) else {
            continue;
        };
        let merchant = &transaction.merchant_id;
        if !endpoints.contains_key(merchant) {
            let stored = deps.endpoints.list(merchant).await?;
            endpoints.insert(merchant.clone(), stored.into_iter().map(|stored| stored.endpoint).collect());
        }
        for endpoint in endpoints.get(merchant).into_iter().flatten().filter(|endpoint| endpoint.wants(event))
        {
            plan(deps, endpoint, event, transaction).await?;
            planned = planned.saturating_add(1);
        }
    }
    tracing::info!(planned, "webhooks planned");
    Ok(())
}

/// What a change tells merchants. A write that no reader of the API could notice tells nothing.
fn announcement(change: &Change) -> Option<(EventType, &Transaction)> {
    match change {
        Change::Created(new) => Some((EventType::TransactionCreated, new)),
        Change::Changed { old, new } => {
            let record = |transaction: &Transaction| TransactionRecord::new(transaction, &Zone::UTC);
            record(new).differs_from(&record(old)).then_some((EventType::TransactionUpdated, new))
        }
        Change::Removed(_) => None,
    }
}

/// Freezes the delivery, then queues the pointer: the other way round, the sender could look for it in vain.
async fn plan(
    deps: &Deps,
    endpoint: &Endpoint,
    event: EventType,
    transaction: &Transaction,
) -> Result<(), WorkerError> {
    let merchant = deps.merchants.get(&transaction.merchant_id).await?;
    let record = TransactionRecord::new(transaction, &merchant.zone);
    let now = deps.clock.now();
    let delivery = Delivery {
        id: DeliveryId::of(&endpoint.id, &transaction.id, transaction.version),
        endpoint_id: endpoint.id.clone(),
        merchant_id: endpoint.merchant_id.clone(),
        transaction_id: Some(transaction.id.clone()),
        event,
        body: serde_json::to_string(&Body { transactions: [&record] })?,
        status: DeliveryStatus::Pending,
        attempts: 0,
        next_attempt_at: Some(now),
        created_at: now,
        correlation_id: transaction.correlation_id.clone(),
    };
    deps.deliveries.plan(&delivery).await?;
    let pointer = Pointer { delivery_id: delivery.id, attempt: 1 };
    let message = Message {
        body: serde_json::to_string(&pointer)?,
        delay_seconds: 0,
        group: Some(endpoint.id.to_string()),
        correlation_id: transaction.correlation_id.clone(),
    };
    deps.queue.send(message).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
