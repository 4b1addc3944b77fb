//! Deliveries and the attempts at them.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValue};
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::delivery::{DeliveryKey, NextStep};
use paywarden_domain::webhook::{Attempt, Delivery, DeliveryStatus};

use super::attempted::Attempted;
use super::due::Due;
use super::row::{self, BookedDelivery, Row};
use crate::StoreError;
use crate::dynamo::{Dynamo, Item, number, text, to_item};

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
    /// body that may have been sent already. No index remembers it: until its first attempt is booked, the stream and then the
    /// queue do.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn plan(&self, delivery: &Delivery) -> Result<(), StoreError> {
        self.put_new(self.planned(delivery)?).await
    }

    pub(super) async fn put_new(&self, item: Item) -> Result<(), StoreError> {
        match self.dynamo.put(&self.table, item, Some("attribute_not_exists(pk)")).await {
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The delivery, as last written.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find(&self, key: &DeliveryKey) -> Result<Option<Delivery>, StoreError> {
        Ok(self.find_booked(key).await?.map(|found| found.delivery))
    }

    /// The delivery with the attempts at it, as last written.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find_booked(&self, key: &DeliveryKey) -> Result<Option<BookedDelivery>, StoreError> {
        Ok(self.find_row(key).await?.map(BookedDelivery::from))
    }

    /// The delivery, as last written, and its place in the due index, if it has one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find_with_due(
        &self,
        key: &DeliveryKey,
    ) -> Result<Option<(Delivery, Option<Due>)>, StoreError> {
        Ok(self.find_row(key).await?.map(|row| {
            let due = row.due();
            (row.delivery, due)
        }))
    }

    async fn find_row(&self, key: &DeliveryKey) -> Result<Option<Row>, StoreError> {
        let item = self.dynamo.get(&self.table, row::key(key), true).await?;
        item.map(|item| Row::read(&self.table, item)).transpose()
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
        let status = match next {
            NextStep::Delivered => DeliveryStatus::Delivered,
            NextStep::RetryAt(_) => DeliveryStatus::Pending,
            NextStep::Park => DeliveryStatus::Parked,
            NextStep::GiveUp | NextStep::DisableEndpoint => DeliveryStatus::Failed,
        };
        let mut writing = Writing::to(status, attempt.number.saturating_sub(1));
        writing.set("attempts", number(attempt.number));
        writing.append_to_book(AttributeValue::M(to_item(&self.table, &Attempted::of(attempt))?));
        writing.set_or_remove("http_status", attempt.outcome.http_status().map(number));
        writing.set_or_remove("error", attempt.outcome.error().map(|error| text(error.as_str())));
        match next {
            NextStep::RetryAt(at) if in_index => writing.wait(at, &Due { key: delivery.key(), at }),
            NextStep::RetryAt(at) => writing.wait(at, &Due::behind_queue(delivery.key(), at)),
            NextStep::Park => {
                writing.set("attempts_before", number(delivery.attempts_before.saturating_add(1)));
                writing.park(delivery);
            }
            NextStep::Delivered | NextStep::GiveUp | NextStep::DisableEndpoint => writing.wait_no_more(),
        }
        self.update(&delivery.key(), writing).await.map(|_| ())
    }

    /// Ends a delivery whose endpoint is gone.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an attempt was made meanwhile.
    pub async fn abandon(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let mut writing = Writing::to(DeliveryStatus::Failed, delivery.attempts);
        writing.wait_no_more();
        self.update(&delivery.key(), writing).await.map(|_| ())
    }

    /// Lets the sweep come back to a delivery, whatever is in its row: somebody cannot read it, or has no time for it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is over.
    pub async fn put_off(&self, key: &DeliveryKey, until: Timestamp) -> Result<(), StoreError> {
        let mut writing = Writing::of_pending();
        writing.place(&Due { key: key.clone(), at: until });
        self.update(key, writing).await.map(|_| ())
    }

    /// Writes, and answers what the item is then.
    pub(super) async fn update(&self, key: &DeliveryKey, mut writing: Writing) -> Result<Item, StoreError> {
        let output = self
            .dynamo
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(row::key(key)))
            .update_expression(writing.expression())
            .condition_expression(writing.condition)
            .set_expression_attribute_names(Some(writing.names.into_iter().collect()))
            .set_expression_attribute_values(Some(writing.values))
            .return_values(ReturnValue::AllNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        Ok(output.attributes.unwrap_or_default())
    }
}

/// An update of a delivery.
pub(super) struct Writing {
    sets: Vec<String>,
    removals: Vec<&'static str>,
    pub(super) condition: &'static str,
    names: Vec<(String, String)>,
    values: Item,
}

impl Writing {
    /// To this status, if as many attempts are booked as are known.
    pub(super) fn to(status: DeliveryStatus, attempts: u32) -> Self {
        let mut writing = Self::when("attempts = :before", ":before", number(attempts));
        writing.set("status", text(status.as_str()));
        writing
    }

    /// If it is to be attempted.
    pub(super) fn of_pending() -> Self {
        Self::between(DeliveryStatus::Pending, None)
    }

    /// From a status, to another if there is one.
    pub(super) fn between(from: DeliveryStatus, to: Option<DeliveryStatus>) -> Self {
        let mut writing = Self::when("#status = :from", ":from", text(from.as_str()));
        writing.names.push(("#status".to_owned(), "status".to_owned()));
        if let Some(to) = to {
            writing.set("status", text(to.as_str()));
        }
        writing
    }

    fn when(condition: &'static str, placeholder: &str, value: AttributeValue) -> Self {
        let values = Item::from([(placeholder.to_owned(), value)]);
        Self { sets: Vec::new(), removals: Vec::new(), condition, names: Vec::new(), values }
    }

    /// It waits for this time, and stands in this place of the index.
    pub(super) fn wait(&mut self, until: Timestamp, due: &Due) {
        self.set("next_attempt_at", text(until.to_string()));
        self.place(due);
    }

    pub(super) fn place(&mut self, due: &Due) {
        self.set("due_pk", text(due.partition()));
        self.set("due_sk", text(due.sort_key()));
    }

    pub(super) fn wait_no_more(&mut self) {
        self.removals.extend(["next_attempt_at", "due_pk", "due_sk"]);
    }

    pub(super) fn remove(&mut self, attribute: &'static str) {
        self.removals.push(attribute);
    }

    fn set_or_remove(&mut self, attribute: &'static str, value: Option<AttributeValue>) {
        match value {
            Some(value) => self.set(attribute, value),
            None => self.remove(attribute),
        }
    }

    /// Sets an attribute. Some of their names mean something in expressions, so each stands behind a placeholder.
    pub(super) fn set(&mut self, attribute: &str, value: AttributeValue) {
        let (name, placeholder) = (format!("#{attribute}"), format!(":{attribute}"));
        self.sets.push(format!("{name} = {placeholder}"));
        self.names.retain(|(known, _)| *known != name);
        self.names.push((name, attribute.to_owned()));
        self.values.insert(placeholder, value);
    }

    fn append_to_book(&mut self, entry: AttributeValue) {
        self.sets.push("book = list_append(if_not_exists(book, :none), :entry)".to_owned());
        self.values.insert(":none".to_owned(), AttributeValue::L(Vec::new()));
        self.values.insert(":entry".to_owned(), AttributeValue::L(vec![entry]));
    }

    fn expression(&mut self) -> String {
        let mut parts = Vec::new();
        if !self.sets.is_empty() {
            parts.push(format!("SET {}", self.sets.join(", ")));
        }
        if !self.removals.is_empty() {
            let removals = std::mem::take(&mut self.removals).into_iter().enumerate();
            let names = removals.map(|(place, attribute)| {
                let name = format!("#gone{place}");
                self.names.push((name.clone(), attribute.to_owned()));
                name
            });
            let names: Vec<_> = names.collect();
            parts.push(format!("REMOVE {}", names.join(", ")));
        }
        parts.join(" ")
    }
}
