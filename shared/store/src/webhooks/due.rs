//! The due index: deliveries whose next attempt has to be remembered, by when the sweep sees to them.

use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValue};
use paywarden_domain::id::{DeliveryId, EndpointId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::Delivery;
use paywarden_domain::webhook::delivery::DeliveryKey;

use super::deliveries::Deliveries;
use super::row::{self, Row};
use crate::StoreError;
use crate::dynamo::{Item, text};

/// Partitions of the due index, over all merchants.
pub const DUE_SHARDS: u8 = 4;

/// Seconds for which a pointer in a queue is trusted. That is longer than a message is out of sight of whom it comes back to
/// after one failure of ours, and an attempt.
const QUEUE_PATIENCE_SECONDS: i64 = 300;

/// A delivery's place in the index. Whoever moves it there by [`Deliveries::hold`] has the delivery for himself until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub key: DeliveryKey,
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
    /// The place of a delivery whose pointer is to come at this time.
    pub(super) fn behind_queue(key: DeliveryKey, at: Timestamp) -> Self {
        Self { key, at: at.plus_seconds(QUEUE_PATIENCE_SECONDS) }
    }

    /// When a sort key of the index says that it is due; none in that of a delivery that is parked.
    pub(super) fn time(sort_key: &str) -> Option<Timestamp> {
        Timestamp::parse(sort_key.split_once('#')?.0).ok()
    }

    pub(super) fn sort_key(&self) -> String {
        format!("{}#{}", self.at, self.key.delivery_id)
    }

    pub(super) fn partition(&self) -> String {
        partition(shard(&self.key.delivery_id))
    }

    fn start(&self) -> Item {
        let mut start = row::key(&self.key);
        start.insert("due_pk".to_owned(), text(self.partition()));
        start.insert("due_sk".to_owned(), text(self.sort_key()));
        start
    }

    fn of(item: &Item) -> Option<Self> {
        let word = |name: &str| item.get(name)?.as_s().ok();
        let key = key_of(item)?;
        Some(Self { key, at: Self::time(word("due_sk")?)? })
    }
}

/// Which delivery an item of the index is about.
pub(super) fn key_of(item: &Item) -> Option<DeliveryKey> {
    let word = |name: &str| item.get(name)?.as_s().ok();
    Some(DeliveryKey {
        endpoint_id: EndpointId::parse(word("pk")?).ok()?,
        delivery_id: DeliveryId::parse(word("sk")?).ok()?,
    })
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
            .set_exclusive_start_key(after.map(Due::start))
            .limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        Ok(DuePage {
            due: output.items.unwrap_or_default().iter().filter_map(Due::of).collect(),
            last: output.last_evaluated_key.as_ref().and_then(Due::of),
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
            .set_key(Some(row::key(&due.key)))
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
        Ok(Row::read(&self.table, output.attributes.unwrap_or_default())?.delivery)
    }
}

fn partition(shard: u8) -> String {
    format!("due#{shard}")
}

fn shard(id: &DeliveryId) -> u8 {
    id.body().bytes().fold(0_u8, u8::wrapping_add) % DUE_SHARDS
}
