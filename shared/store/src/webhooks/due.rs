//! The due index: every delivery that is to be attempted, by when the sweep sees to it.

use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValue};
use paywarden_domain::id::DeliveryId;
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::Delivery;

use super::deliveries::{Deliveries, Row, delivery_key};
use crate::StoreError;
use crate::dynamo::{Item, from_item, text};

/// Partitions of the due index, over all merchants.
pub const DUE_SHARDS: u8 = 4;

/// A delivery's place in the index. Whoever moves it there by [`Deliveries::hold`] has the delivery for himself until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub delivery_id: DeliveryId,
    /// When the sweep sees to it.
    pub at: Timestamp,
}

/// Some places of a shard, in order.
#[derive(Debug, Default)]
pub struct DuePage {
    pub due: Vec<Due>,
    /// The last of them, when there may be more behind it.
    pub last: Option<Due>,
}

impl Due {
    /// Reads a sort key of the index.
    pub(super) fn parse(sort_key: &str) -> Option<Self> {
        let (at, id) = sort_key.split_once('#')?;
        Some(Self { delivery_id: DeliveryId::parse(id).ok()?, at: Timestamp::parse(at).ok()? })
    }

    pub(super) fn sort_key(&self) -> String {
        format!("{}#{}", self.at, self.delivery_id)
    }

    pub(super) fn partition(&self) -> String {
        partition(shard(&self.delivery_id))
    }

    fn key(&self) -> Item {
        let mut key = delivery_key(&self.delivery_id);
        key.insert("due_pk".to_owned(), text(self.partition()));
        key.insert("due_sk".to_owned(), text(self.sort_key()));
        key
    }
}

impl Deliveries {
    /// Deliveries of one shard that are due at `now`, the longest overdue first, behind `after`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn due(
        &self,
        shard: u8,
        now: Timestamp,
        limit: i32,
        after: Option<&Due>,
    ) -> Result<DuePage, StoreError> {
        let output = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .index_name("due")
            .key_condition_expression("due_pk = :shard AND due_sk < :now")
            .expression_attribute_values(":shard", text(partition(shard)))
            .expression_attribute_values(":now", text(now.next().to_string()))
            .set_exclusive_start_key(after.map(Due::key))
            .limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let place = |item: &Item| Due::parse(item.get("due_sk")?.as_s().ok()?);
        Ok(DuePage {
            due: output.items.unwrap_or_default().iter().filter_map(place).collect(),
            last: output.last_evaluated_key.as_ref().and_then(place),
        })
    }

    /// Moves a delivery to another time in the index, and answers it as it is. Of two who want it one gets it. One that cannot
    /// be read is moved too, so that it is in nobody's way.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not in this place any more: somebody else has it, or it is over.
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn hold(&self, due: &Due, until: Timestamp) -> Result<Delivery, StoreError> {
        let held = Due { at: until, ..due.clone() };
        let output = self
            .dynamo
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(delivery_key(&due.delivery_id)))
            .update_expression("SET due_sk = :until")
            .condition_expression("due_sk = :seen")
            .expression_attribute_values(":until", text(held.sort_key()))
            .expression_attribute_values(":seen", text(due.sort_key()))
            .return_values(ReturnValue::AllNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let row: Row = from_item(&self.table, output.attributes.unwrap_or_default())?;
        Ok(row.delivery)
    }
}

fn partition(shard: u8) -> String {
    format!("due#{shard}")
}

fn shard(id: &DeliveryId) -> u8 {
    id.body().bytes().fold(0_u8, u8::wrapping_add) % DUE_SHARDS
}
