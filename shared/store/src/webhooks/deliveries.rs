//! Deliveries, their attempts, and what is due.

use aws_sdk_dynamodb::types::{Put, ReturnConsumedCapacity, TransactWriteItem, Update};
use paywarden_domain::id::DeliveryId;
use paywarden_domain::time::{Timestamp, days};
use paywarden_domain::webhook::delivery::NextStep;
use paywarden_domain::webhook::{Attempt, AttemptOutcome, Delivery, DeliveryStatus};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::dynamo::{Dynamo, Item, from_item, key2, number, text, to_item, unbuildable};

/// Partitions of the due index, over all merchants.
pub const DUE_SHARDS: u8 = 4;

/// How long a delivery can be looked at.
const RETENTION_DAYS: i64 = 30;

const DELIVERY: &str = "delivery";

#[derive(Serialize, Deserialize)]
struct Row {
    pk: String,
    sk: String,
    #[serde(flatten)]
    delivery: Delivery,
    expires_at: i64,
}

#[derive(Serialize)]
struct AttemptRow<'a> {
    pk: &'a str,
    sk: String,
    number: u32,
    at: Timestamp,
    duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    response_excerpt: &'a str,
    expires_at: i64,
}

/// Deliveries.
pub struct Deliveries {
    dynamo: Dynamo,
    table: String,
}

impl Deliveries {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// Freezes a delivery. One that was planned before stays as it was, so that a repeated stream batch changes no
    /// body that may have been sent already.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn plan(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let row = Row {
            pk: delivery.id.to_string(),
            sk: DELIVERY.to_owned(),
            delivery: delivery.clone(),
            expires_at: delivery.created_at.plus_seconds(days(RETENTION_DAYS)).as_seconds(),
        };
        match self
            .dynamo
            .put(&self.table, without_nulls(to_item(&self.table, &row)?), Some("attribute_not_exists(pk)"))
            .await
        {
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The delivery, as last written.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find(&self, id: &DeliveryId) -> Result<Option<Delivery>, StoreError> {
        let item = self.dynamo.get(&self.table, delivery_key(id), true).await?;
        item.map(|item| from_item::<Row>(&self.table, item).map(|row| row.delivery)).transpose()
    }

    /// Books an attempt and what follows it, both or neither, so that who comes second overwrites nothing. `in_index`
    /// says whether the next one waits in the due index rather than in a queue.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an attempt of this number was booked already, or is being booked just now.
    pub async fn book(
        &self,
        delivery: &Delivery,
        attempt: &Attempt,
        next: NextStep,
        in_index: bool,
    ) -> Result<(), StoreError> {
        let booking = self.booking(delivery, attempt, next, in_index)?;
        let row = self.attempt_put(delivery, attempt)?;
        let actions = vec![
            TransactWriteItem::builder().put(row).build(),
            TransactWriteItem::builder().update(booking).build(),
        ];
        self.dynamo.write_together(actions).await
    }

    fn booking(
        &self,
        delivery: &Delivery,
        attempt: &Attempt,
        next: NextStep,
        in_index: bool,
    ) -> Result<Update, StoreError> {
        let (status, due) = match next {
            NextStep::Delivered => (DeliveryStatus::Delivered, None),
            NextStep::RetryAt(at) => (DeliveryStatus::Pending, Some(at)),
            NextStep::GiveUp | NextStep::DisableEndpoint => (DeliveryStatus::Failed, None),
        };
        let mut set = "SET #status = :status, attempts = :number".to_owned();
        let mut gone = Vec::new();
        let mut values = Item::from([
            (":status".to_owned(), text(status.as_str())),
            (":number".to_owned(), number(attempt.number)),
            (":before".to_owned(), number(attempt.number.saturating_sub(1))),
        ]);
        match due {
            Some(at) => {
                set.push_str(", next_attempt_at = :at");
                values.insert(":at".to_owned(), text(at.to_string()));
            }
            None => gone.push("next_attempt_at"),
        }
        if let (Some(at), true) = (due, in_index) {
            set.push_str(", due_pk = :due_pk, due_sk = :due_sk");
            values.insert(":due_pk".to_owned(), text(due_partition(due_shard(&delivery.id))));
            values.insert(":due_sk".to_owned(), text(format!("{at}#{}", delivery.id)));
        } else {
            gone.extend(["due_pk", "due_sk"]);
        }
        let remove = if gone.is_empty() { String::new() } else { format!(" REMOVE {}", gone.join(", ")) };
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(delivery_key(&delivery.id)))
            .update_expression(format!("{set}{remove}"))
            .condition_expression("attempts = :before")
            .expression_attribute_names("#status", "status")
            .set_expression_attribute_values(Some(values))
            .build()
            .map_err(|error| unbuildable(&error))
    }

    /// Ends a delivery whose endpoint is gone or switched off.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an attempt was made meanwhile.
    pub async fn abandon(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let values = Item::from([
            (":status".to_owned(), text(DeliveryStatus::Failed.as_str())),
            (":attempts".to_owned(), number(delivery.attempts)),
        ]);
        let expression = "SET #status = :status REMOVE next_attempt_at, due_pk, due_sk";
        self.update(&delivery.id, expression, "attempts = :attempts", values, true).await
    }

    /// Ids of deliveries that are due at `now` in one shard, the longest overdue first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn due(&self, shard: u8, now: Timestamp, limit: i32) -> Result<Vec<DeliveryId>, StoreError> {
        let output = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .index_name("due")
            .key_condition_expression("due_pk = :shard AND due_sk < :now")
            .expression_attribute_values(":shard", text(due_partition(shard)))
            .expression_attribute_values(":now", text(now.next().to_string()))
            .limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let ids = output
            .items
            .unwrap_or_default()
            .into_iter()
            .filter_map(|item| item.get("pk")?.as_s().ok().cloned());
        Ok(ids.filter_map(|id| DeliveryId::parse(&id).ok()).collect())
    }

    /// Takes a delivery out of the due index, because it has been queued.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an attempt was made meanwhile.
    pub async fn leave_due(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let values = Item::from([(":attempts".to_owned(), number(delivery.attempts))]);
        self.update(&delivery.id, "REMOVE due_pk, due_sk", "attempts = :attempts", values, false).await
    }

    fn attempt_put(&self, delivery: &Delivery, attempt: &Attempt) -> Result<Put, StoreError> {
        let (http_status, error) = match &attempt.outcome {
            AttemptOutcome::Delivered { http_status } => (Some(*http_status), None),
            AttemptOutcome::Failed { error, http_status, .. } => (*http_status, Some(error.as_str())),
        };
        let row = AttemptRow {
            pk: delivery.id.as_str(),
            sk: format!("attempt#{:04}", attempt.number),
            number: attempt.number,
            at: attempt.at,
            duration_ms: attempt.duration_ms,
            http_status,
            error,
            response_excerpt: &attempt.response_excerpt,
            expires_at: attempt.at.plus_seconds(days(RETENTION_DAYS)).as_seconds(),
        };
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(to_item(&self.table, &row)?))
            .build()
            .map_err(|error| unbuildable(&error))
    }

    async fn update(
        &self,
        id: &DeliveryId,
        expression: &str,
        condition: &str,
        values: Item,
        names_status: bool,
    ) -> Result<(), StoreError> {
        let mut request = self
            .dynamo
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(delivery_key(id)))
            .update_expression(expression)
            .condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if names_status {
            request = request.expression_attribute_names("#status", "status");
        }
        let output = request.send().await.map_err(|error| StoreError::from_sdk("UpdateItem", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        Ok(())
    }
}

fn delivery_key(id: &DeliveryId) -> Item {
    key2(("pk", id.as_str()), ("sk", DELIVERY))
}

fn due_partition(shard: u8) -> String {
    format!("due#{shard}")
}

fn due_shard(id: &DeliveryId) -> u8 {
    id.body().bytes().fold(0_u8, u8::wrapping_add) % DUE_SHARDS
}

fn without_nulls(mut item: Item) -> Item {
    item.retain(|_, value| !value.is_null());
    item
}
