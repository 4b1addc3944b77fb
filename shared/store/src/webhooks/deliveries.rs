//! Deliveries and the attempts at them.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use paywarden_domain::id::DeliveryId;
use paywarden_domain::time::{Timestamp, days};
use paywarden_domain::webhook::delivery::NextStep;
use paywarden_domain::webhook::{Attempt, AttemptOutcome, Delivery, DeliveryStatus};
use serde::{Deserialize, Serialize};

use super::due::Due;
use crate::StoreError;
use crate::dynamo::{Dynamo, Item, from_item, key2, number, text, to_item};

/// How long a delivery can be looked at.
const RETENTION_DAYS: i64 = 30;

/// Seconds for which a pointer in a queue is trusted. That is longer than a message is out of sight of whom it comes back to
/// after one failure of ours, and an attempt.
const QUEUE_PATIENCE_SECONDS: i64 = 300;

pub(super) const DELIVERY: &str = "delivery";

#[derive(Serialize, Deserialize)]
pub(super) struct Row {
    pk: String,
    sk: String,
    #[serde(flatten)]
    pub(super) delivery: Delivery,
    /// The partition and the place in it, while it is pending.
    #[serde(default)]
    due_pk: Option<String>,
    #[serde(default)]
    due_sk: Option<String>,
    expires_at: i64,
}

/// An attempt, as it stands in its delivery's row: one write books both.
#[derive(Serialize)]
struct BookEntry<'a> {
    number: u32,
    at: Timestamp,
    duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    response_excerpt: &'a str,
}

/// Deliveries.
pub struct Deliveries {
    pub(super) dynamo: Dynamo,
    pub(super) table: String,
}

impl Deliveries {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// Freezes a delivery. One that was planned before stays as it was, so that a repeated stream batch changes no
    /// body that may have been sent already. It stands in the due index from here on: when no pointer to it comes anywhere,
    /// the sweep finds it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn plan(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let due = delivery.next_attempt_at.map(|at| waiting_in_queue(&delivery.id, at));
        let row = Row {
            pk: delivery.id.to_string(),
            sk: DELIVERY.to_owned(),
            delivery: delivery.clone(),
            due_pk: due.as_ref().map(Due::partition),
            due_sk: due.as_ref().map(Due::sort_key),
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
        Ok(self.find_with_due(id).await?.map(|(delivery, _)| delivery))
    }

    /// The delivery, as last written, and its place in the due index, if it is to be attempted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find_with_due(
        &self,
        id: &DeliveryId,
    ) -> Result<Option<(Delivery, Option<Due>)>, StoreError> {
        let Some(item) = self.dynamo.get(&self.table, delivery_key(id), true).await? else {
            return Ok(None);
        };
        let row: Row = from_item(&self.table, item)?;
        Ok(Some((row.delivery, row.due_sk.as_deref().and_then(Due::parse))))
    }

    /// Books an attempt and what follows it, both or neither, so that who comes second overwrites nothing. `in_index`
    /// says whether the next one waits in the due index alone; otherwise a pointer to it is queued, and the index holds it for
    /// the case that the pointer is lost.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an attempt of this number was booked already.
    pub async fn book(
        &self,
        delivery: &Delivery,
        attempt: &Attempt,
        next: NextStep,
        in_index: bool,
    ) -> Result<(), StoreError> {
        let (status, at) = match next {
            NextStep::Delivered => (DeliveryStatus::Delivered, None),
            NextStep::RetryAt(at) => (DeliveryStatus::Pending, Some(at)),
            NextStep::GiveUp | NextStep::DisableEndpoint => (DeliveryStatus::Failed, None),
        };
        let mut writing = Writing::ending(status, attempt.number.saturating_sub(1));
        writing.set("attempts = :number", ":number", number(attempt.number));
        let entry = AttributeValue::M(to_item(&self.table, &BookEntry::of(attempt))?);
        writing.values.insert(":none".to_owned(), AttributeValue::L(Vec::new()));
        let appended = "book = list_append(if_not_exists(book, :none), :entry)";
        writing.set(appended, ":entry", AttributeValue::L(vec![entry]));
        match at {
            Some(at) if in_index => writing.wait(at, &Due { delivery_id: delivery.id.clone(), at }),
            Some(at) => writing.wait(at, &waiting_in_queue(&delivery.id, at)),
            None => writing.wait_no_more(),
        }
        self.update(&delivery.id, writing).await
    }

    /// Ends a delivery whose endpoint is gone or switched off.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an attempt was made meanwhile.
    pub async fn abandon(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let mut writing = Writing::ending(DeliveryStatus::Failed, delivery.attempts);
        writing.wait_no_more();
        self.update(&delivery.id, writing).await
    }

    async fn update(&self, id: &DeliveryId, writing: Writing) -> Result<(), StoreError> {
        let output = self
            .dynamo
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(delivery_key(id)))
            .update_expression(writing.expression)
            .condition_expression("attempts = :before")
            .expression_attribute_names("#status", "status")
            .set_expression_attribute_values(Some(writing.values))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        Ok(())
    }
}

/// An update, if as many attempts are booked as are known.
struct Writing {
    expression: String,
    values: Item,
}

impl Writing {
    fn ending(status: DeliveryStatus, attempts: u32) -> Self {
        Self {
            expression: "SET #status = :status".to_owned(),
            values: Item::from([
                (":status".to_owned(), text(status.as_str())),
                (":before".to_owned(), number(attempts)),
            ]),
        }
    }

    fn wait(&mut self, until: Timestamp, due: &Due) {
        self.set("next_attempt_at = :at", ":at", text(until.to_string()));
        self.set("due_pk = :due_pk", ":due_pk", text(due.partition()));
        self.set("due_sk = :due_sk", ":due_sk", text(due.sort_key()));
    }

    /// Comes last.
    fn wait_no_more(&mut self) {
        self.expression.push_str(" REMOVE next_attempt_at, due_pk, due_sk");
    }

    fn set(&mut self, assignment: &str, placeholder: &str, value: AttributeValue) {
        self.expression.push_str(&format!(", {assignment}"));
        self.values.insert(placeholder.to_owned(), value);
    }
}

impl BookEntry<'_> {
    fn of(attempt: &Attempt) -> BookEntry<'_> {
        let (http_status, error) = match &attempt.outcome {
            AttemptOutcome::Delivered { http_status } => (Some(*http_status), None),
            AttemptOutcome::Failed { error, http_status, .. } => (*http_status, Some(error.as_str())),
        };
        BookEntry {
            number: attempt.number,
            at: attempt.at,
            duration_ms: attempt.duration_ms,
            http_status,
            error,
            response_excerpt: &attempt.response_excerpt,
        }
    }
}

pub(super) fn delivery_key(id: &DeliveryId) -> Item {
    key2(("pk", id.as_str()), ("sk", DELIVERY))
}

/// The place of a delivery whose pointer is to come at this time.
fn waiting_in_queue(id: &DeliveryId, at: Timestamp) -> Due {
    Due { delivery_id: id.clone(), at: at.plus_seconds(QUEUE_PATIENCE_SECONDS) }
}

fn without_nulls(mut item: Item) -> Item {
    item.retain(|_, value| !value.is_null());
    item
}
