//! The sweep.

use std::sync::Arc;

use paywarden_domain::id::DeliveryId;
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::DeliveryStatus;
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_store::StoreError;
use paywarden_store::queue::{Message, Queue};
use paywarden_store::webhooks::{DUE_SHARDS, Deliveries};

/// Deliveries of one shard that one run queues.
const BATCH: i32 = 250;

/// What the function works with.
pub struct Deps {
    pub deliveries: Deliveries,
    pub retries: Arc<dyn Queue>,
    pub clock: Arc<dyn Clock>,
}

/// Queues what is due in every shard.
pub async fn handle(deps: &Deps) -> Result<(), WorkerError> {
    let mut queued: usize = 0;
    for shard in 0..DUE_SHARDS {
        for id in deps.deliveries.due(shard, deps.clock.now(), BATCH).await? {
            queue(deps, &id).await?;
            queued = queued.saturating_add(1);
        }
    }
    tracing::info!(queued, "due webhooks queued");
    Ok(())
}

/// Queues one, then takes it out of the index: the other way round, a crash would lose it.
async fn queue(deps: &Deps, id: &DeliveryId) -> Result<(), WorkerError> {
    let Some(delivery) = deps.deliveries.find(id).await? else {
        return Ok(());
    };
    if delivery.status == DeliveryStatus::Pending {
        let pointer =
            Pointer { delivery_id: delivery.id.clone(), attempt: delivery.attempts.saturating_add(1) };
        let message = Message {
            body: serde_json::to_string(&pointer)?,
            delay_seconds: 0,
            group: Some(delivery.endpoint_id.to_string()),
            correlation_id: delivery.correlation_id.clone(),
        };
        deps.retries.send(message).await?;
    }
    match deps.deliveries.leave_due(&delivery).await {
        // An attempt was made meanwhile and decided anew when the next one is due.
        Ok(()) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
