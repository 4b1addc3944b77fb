//! The due index: deliveries whose next attempt has to be remembered, and endpoints that somebody has to come back to, by when
//! the sweep sees to them.

use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValue};
use paywarden_domain::id::{DeliveryId, EndpointId, MerchantId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::Delivery;
use paywarden_domain::webhook::delivery::DeliveryKey;

use super::deliveries::Deliveries;
use super::health;
use super::row::{self, Row};
use crate::StoreError;
use crate::dynamo::{Dynamo, Item, text};

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

/// The place of an endpoint that is spared, or whose parked deliveries are being let go. It is written with how the endpoint
/// does, so that one is never forgotten that the other tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueEndpoint {
    pub merchant_id: MerchantId,
    pub endpoint_id: EndpointId,
    /// When the sweep sees to it.
    pub at: Timestamp,
}

/// Some places of a shard, in order.
#[derive(Debug, Default)]
pub struct DuePage {
    pub due: Vec<Due>,
    pub endpoints: Vec<DueEndpoint>,
    /// The last of them, when there may be more behind it.
    pub last: Option<DuePlace>,
}

/// How far a shard was read.
#[derive(Debug, Clone)]
pub struct DuePlace(Item);

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
        partition(shard(self.key.delivery_id.body(), DUE_SHARDS))
    }

    fn of(item: &Item) -> Option<Self> {
        Some(Self { key: key_of(item)?, at: Self::time(word(item, "due_sk")?)? })
    }
}

impl DueEndpoint {
    pub(super) fn sort_key(&self) -> String {
        format!("{}#{}", self.at, self.endpoint_id)
    }

    pub(super) fn partition(&self) -> String {
        partition(shard(self.endpoint_id.body(), DUE_SHARDS))
    }

    fn of(item: &Item) -> Option<Self> {
        Some(Self {
            merchant_id: MerchantId::parse(word(item, "pk")?).ok()?,
            endpoint_id: health::endpoint_of(word(item, "sk")?)?,
            at: Due::time(word(item, "due_sk")?)?,
        })
    }
}

fn word<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// Which delivery an item of the index is about.
pub(super) fn key_of(item: &Item) -> Option<DeliveryKey> {
    Some(DeliveryKey {
        endpoint_id: EndpointId::parse(word(item, "pk")?).ok()?,
        delivery_id: DeliveryId::parse(word(item, "sk")?).ok()?,
    })
}

impl Deliveries {
    /// What is due of one shard at `now`, the longest overdue first, behind `after`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn due(
        &self,
        shard: u8,
        now: Timestamp,
        limit: i32,
        after: Option<&DuePlace>,
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
            .set_exclusive_start_key(after.map(|place| place.0.clone()))
            .limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let items = output.items.unwrap_or_default();
        Ok(DuePage {
            due: items.iter().filter_map(Due::of).collect(),
            endpoints: items.iter().filter_map(DueEndpoint::of).collect(),
            last: output.last_evaluated_key.map(DuePlace),
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
        let (key, places) = (row::key(&due.key), (due.sort_key(), held.sort_key()));
        let item = hold(&self.dynamo, &self.table, key, places).await?;
        Ok(Row::read(&self.table, item)?.delivery)
    }
}

/// Moves an item from one place of its shard to another, and answers it.
pub(super) async fn hold(
    dynamo: &Dynamo,
    table: &str,
    key: Item,
    (seen, until): (String, String),
) -> Result<Item, StoreError> {
    let output = dynamo
        .client
        .update_item()
        .table_name(table)
        .set_key(Some(key))
        .update_expression("SET due_sk = :until")
        .condition_expression("due_sk = :seen")
        .expression_attribute_values(":until", text(until))
        .expression_attribute_values(":seen", text(seen))
        .return_values(ReturnValue::AllNew)
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .map_err(|error| StoreError::from_sdk("UpdateItem", &error))?;
    dynamo.measure(output.consumed_capacity());
    Ok(output.attributes.unwrap_or_default())
}

fn partition(shard: u8) -> String {
    format!("due#{shard}")
}

/// In which of so many an id belongs.
pub(super) fn shard(id: &str, shards: u8) -> u8 {
    id.bytes().fold(0_u8, u8::wrapping_add) % shards
}
