//! Deliveries that wait for others which are to go into the same post, and the batches that they become.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use paywarden_domain::id::{DeliveryId, EndpointId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::delivery::DeliveryKey;
use paywarden_domain::webhook::{Delivery, DeliveryStatus};

use super::deliveries::Deliveries;
use super::due::{Due, key_of, shard};
use super::row;
use crate::StoreError;
use crate::dynamo::{Item, text, unbuildable};

/// Partitions of the index for those who wait for others, by endpoint: the sweep looks at another one in each run.
pub const GATHERING_SHARDS: u8 = 16;

/// Between the endpoint and the delivery in a sort key, and what no sort key of the endpoint is behind.
const SEPARATOR: char = '#';
const END: char = '~';

impl Deliveries {
    /// Those of an endpoint that wait for others, oldest first, as the index knows them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn gathering(&self, endpoint: &EndpointId, limit: u16) -> Result<Vec<DeliveryKey>, StoreError> {
        let query = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .index_name("due")
            .key_condition_expression("due_pk = :gathering AND begins_with(due_sk, :endpoint)")
            .expression_attribute_values(":gathering", text(partition(shard_of(endpoint))))
            .expression_attribute_values(":endpoint", text(format!("{endpoint}{SEPARATOR}")));
        let (items, _) = self.dynamo.query_page(query, limit).await?;
        Ok(items.iter().filter_map(key_of).collect())
    }

    /// Of the next endpoint of a shard, behind `after`, the oldest that waits for others, as the index knows it. However many wait,
    /// an endpoint is one read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn next_gathering(
        &self,
        shard: u8,
        after: Option<&EndpointId>,
    ) -> Result<Option<DeliveryKey>, StoreError> {
        let after = after.map_or_else(|| SEPARATOR.to_string(), |endpoint| format!("{endpoint}{END}"));
        let query = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .index_name("due")
            .key_condition_expression("due_pk = :gathering AND due_sk > :after")
            .expression_attribute_values(":gathering", text(partition(shard)))
            .expression_attribute_values(":after", text(after));
        let (items, _) = self.dynamo.query_page(query, 1).await?;
        Ok(items.iter().find_map(key_of))
    }

    /// Freezes a batch with its members out of the crowd, all or none. The due index holds it, for the case that the pointer to it
    /// is lost.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when one of the members does not wait any more.
    pub async fn gather(&self, batch: &Delivery, now: Timestamp) -> Result<(), StoreError> {
        let due = Due::behind_queue(batch.key(), now);
        let item = row::item(&self.table, batch, Some((due.partition(), due.sort_key())))?;
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(|error| unbuildable(&error))?;
        let mut actions = vec![TransactWriteItem::builder().put(put).build()];
        for member in &batch.members {
            let update = self.gathered(&batch.endpoint_id, &member.delivery_id, &batch.id)?;
            actions.push(TransactWriteItem::builder().update(update).build());
        }
        self.dynamo.write_together(actions).await
    }

    fn gathered(
        &self,
        endpoint: &EndpointId,
        member: &DeliveryId,
        batch: &DeliveryId,
    ) -> Result<Update, StoreError> {
        let key = DeliveryKey { endpoint_id: endpoint.clone(), delivery_id: member.clone() };
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(row::key(&key)))
            .update_expression("SET #status = :gathered, batch_id = :batch REMOVE due_pk, due_sk")
            .condition_expression("#status = :gathering")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":gathered", text(DeliveryStatus::Gathered.as_str()))
            .expression_attribute_values(":gathering", text(DeliveryStatus::Gathering.as_str()))
            .expression_attribute_values(":batch", text(batch.as_str()))
            .build()
            .map_err(|error| unbuildable(&error))
    }

    /// The item of a delivery that is planned: one that waits for others stands in the index among them.
    pub(super) fn planned(&self, delivery: &Delivery) -> Result<Item, StoreError> {
        let waits = delivery.status == DeliveryStatus::Gathering;
        row::item(&self.table, delivery, waits.then(|| place(delivery)))
    }
}

/// Where one stands that waits for others: beside those of its endpoint, the oldest first.
fn place(delivery: &Delivery) -> (String, String) {
    let endpoint = &delivery.endpoint_id;
    (partition(shard_of(endpoint)), format!("{endpoint}{SEPARATOR}{}", delivery.id))
}

fn shard_of(endpoint: &EndpointId) -> u8 {
    shard(endpoint.body(), GATHERING_SHARDS)
}

fn partition(shard: u8) -> String {
    format!("gathering#{shard}")
}
