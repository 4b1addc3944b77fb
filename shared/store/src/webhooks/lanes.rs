//! Lanes: what an endpoint that wants order is still to be told of one transaction.

use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnConsumedCapacity, TransactWriteItem, Update};
use paywarden_domain::id::{DeliveryId, EndpointId, TransactionId};
use paywarden_domain::webhook::Delivery;

use super::deliveries::Deliveries;
use super::row;
use crate::StoreError;
use crate::dynamo::{Item, key2, number, unbuildable};

/// Digits of a version, so that texts are in the order of versions.
const DIGITS: usize = 20;

/// A delivery in a lane, in the order in which they go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InLane {
    pub version: u64,
    pub delivery_id: DeliveryId,
}

impl InLane {
    fn text(&self) -> String {
        format!("{:0DIGITS$}#{}", self.version, self.delivery_id)
    }

    fn parse(text: &str) -> Option<Self> {
        let (version, id) = text.split_once('#')?;
        Some(Self { version: version.parse().ok()?, delivery_id: DeliveryId::parse(id).ok()? })
    }
}

impl Deliveries {
    /// Freezes a delivery as [`Deliveries::plan`] does, and in the same moment puts it into its transaction's lane.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn plan_in_lane(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let (Some(transaction), Some(version)) = (&delivery.transaction_id, delivery.version) else {
            return self.plan(delivery).await;
        };
        let mut patience = self.dynamo.patience();
        let entry = InLane { version, delivery_id: delivery.id.clone() };
        loop {
            let actions = vec![
                TransactWriteItem::builder().put(self.new_put(delivery)?).build(),
                TransactWriteItem::builder().update(self.entering(delivery, transaction, &entry)?).build(),
            ];
            match self.dynamo.write_together(actions).await {
                Err(StoreError::Conflict) => {}
                outcome => return outcome,
            }
            // It was planned before, or somebody else is writing the lane.
            let is_there = self.dynamo.get(&self.table, row::key(&delivery.key()), true).await?.is_some();
            if is_there {
                return Ok(());
            }
            if !patience.wait().await {
                let detail = "a lane is written all the time".to_owned();
                return Err(StoreError::Unavailable { operation: "TransactWriteItems", detail });
            }
        }
    }

    fn new_put(&self, delivery: &Delivery) -> Result<Put, StoreError> {
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(self.planned(delivery)?))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(|error| unbuildable(&error))
    }

    fn entering(
        &self,
        delivery: &Delivery,
        transaction: &TransactionId,
        entry: &InLane,
    ) -> Result<Update, StoreError> {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(&delivery.endpoint_id, transaction)))
            .update_expression("SET expires_at = :expires_at ADD waiting :entry")
            .expression_attribute_values(":expires_at", number(row::expires_at(delivery.created_at)))
            .expression_attribute_values(":entry", AttributeValue::Ss(vec![entry.text()]))
            .build()
            .map_err(|error| unbuildable(&error))
    }

    /// What is in a lane, as last written, the next first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn lane(
        &self,
        endpoint: &EndpointId,
        transaction: &TransactionId,
    ) -> Result<Vec<InLane>, StoreError> {
        let item = self.dynamo.get(&self.table, key(endpoint, transaction), true).await?;
        let waiting = item.as_ref().and_then(|item| item.get("waiting")?.as_ss().ok());
        let mut lane: Vec<_> = waiting.into_iter().flatten().filter_map(|text| InLane::parse(text)).collect();
        lane.sort();
        Ok(lane)
    }

    /// Takes one out of a lane that has nothing to wait for any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn leave_lane(
        &self,
        endpoint: &EndpointId,
        transaction: &TransactionId,
        entry: &InLane,
    ) -> Result<(), StoreError> {
        let output = self
            .dynamo
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(endpoint, transaction)))
            .update_expression("DELETE waiting :entry")
            .expression_attribute_values(":entry", AttributeValue::Ss(vec![entry.text()]))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        Ok(())
    }
}

fn key(endpoint: &EndpointId, transaction: &TransactionId) -> Item {
    key2(("pk", endpoint.as_str()), ("sk", &format!("lane#{transaction}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_in_the_order_of_versions() {
        let entry = |version| InLane { version, delivery_id: DeliveryId::derived("test", &[b"one"]) };
        assert_eq!(InLane::parse(&entry(7).text()), Some(entry(7)));
        assert!(entry(9).text() < entry(10).text());
        assert_eq!(InLane::parse("7"), None);
    }
}
