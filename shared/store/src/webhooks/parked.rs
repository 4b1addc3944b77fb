//! Deliveries that are put aside until their endpoint is told again.

use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, Select};
use paywarden_domain::id::EndpointId;
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::delivery::DeliveryKey;
use paywarden_domain::webhook::{Delivery, DeliveryStatus};

use super::deliveries::{Deliveries, Writing};
use super::due::{Due, key_of};
use super::row::Row;
use crate::StoreError;
use crate::dynamo::text;

/// Pages of the index that are counted at most: some ten thousand deliveries each.
const COUNTED_PAGES: usize = 10;

/// Some deliveries that are parked, oldest first.
#[derive(Debug, Default)]
pub struct ParkedPage {
    pub keys: Vec<DeliveryKey>,
    /// Whether there may be more behind them.
    pub more: bool,
}

impl Deliveries {
    /// Parks a delivery.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an attempt was made meanwhile.
    pub async fn park(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let mut writing = Writing::to(DeliveryStatus::Parked, delivery.attempts);
        writing.park(delivery);
        self.update(&delivery.key(), writing).await.map(|_| ())
    }

    /// Makes a parked delivery due now, for whoever queues a pointer to it, and answers it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not parked any more. [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn unpark(&self, key: &DeliveryKey, now: Timestamp) -> Result<Delivery, StoreError> {
        let mut writing = Writing::between(DeliveryStatus::Parked, Some(DeliveryStatus::Pending));
        writing.wait(now, &Due::behind_queue(key.clone(), now));
        let item = self.update(key, writing).await?;
        Ok(Row::read(&self.table, item)?.delivery)
    }

    /// What is parked of an endpoint, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn parked(&self, endpoint: &EndpointId, limit: u16) -> Result<ParkedPage, StoreError> {
        let query = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .index_name("due")
            .key_condition_expression("due_pk = :parked")
            .expression_attribute_values(":parked", text(partition(endpoint)));
        let (items, more) = self.dynamo.query_page(query, limit).await?;
        Ok(ParkedPage { keys: items.iter().filter_map(key_of).collect(), more })
    }

    /// How many are parked of an endpoint; of very many, some of them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn count_parked(&self, endpoint: &EndpointId) -> Result<u64, StoreError> {
        let (mut count, mut start) = (0_u64, None);
        for _ in 0..COUNTED_PAGES {
            let output = self
                .dynamo
                .client
                .query()
                .table_name(&self.table)
                .index_name("due")
                .key_condition_expression("due_pk = :parked")
                .expression_attribute_values(":parked", text(partition(endpoint)))
                .select(Select::Count)
                .set_exclusive_start_key(start)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("Query", &error))?;
            self.dynamo.measure(output.consumed_capacity());
            count = count.saturating_add(u64::try_from(output.count).unwrap_or_default());
            start = output.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(count)
    }
}

impl Writing {
    /// It stands among those of its endpoint that are parked.
    pub(super) fn park(&mut self, delivery: &Delivery) {
        self.set("due_pk", text(partition(&delivery.endpoint_id)));
        self.set("due_sk", text(delivery.id.as_str()));
        self.remove("next_attempt_at");
    }
}

fn partition(endpoint: &EndpointId) -> String {
    format!("parked#{endpoint}")
}
