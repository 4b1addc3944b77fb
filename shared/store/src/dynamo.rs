//! The DynamoDB client with a meter: every operation reports what it consumed, so that tests can hold requests to
//! their budget and log lines can say what they cost.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Intercept;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConsumedCapacity, DeleteRequest, KeysAndAttributes, PutRequest,
    ReturnConsumedCapacity, TransactWriteItem, WriteRequest,
};
use paywarden_domain::entropy::Entropy;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::patience::{Pace, Patience};
use crate::system::SystemEntropy;

/// An item as the wire has it.
pub type Item = HashMap<String, AttributeValue>;

/// The client of all tables.
#[derive(Clone)]
pub struct Dynamo {
    pub(crate) client: Client,
    meter: Arc<Meter>,
    /// What spreads the waits of those who were refused together.
    entropy: Arc<dyn Entropy>,
}

/// What DynamoDB calls it when more is asked than it can do: of whole operations and, the last two, as reasons of atomic ones.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html> and
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>.
const THROTTLES: [&str; 5] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
];

const BATCH_OPERATION: &str = "BatchWriteItem";
const READ_OPERATION: &str = "BatchGetItem";
const TOGETHER_OPERATION: &str = "TransactWriteItems";

/// Items that one batch takes.
const BATCH: usize = 25;

/// Keys that one batch reads.
const READ_BATCH: usize = 100;

/// A write that is done together with one to another table.
pub struct Companion(pub(crate) PutBuilder);

/// One write of a batch.
pub(crate) enum BatchWrite {
    /// This item is written.
    Put(Item),
    /// The item under this key is removed.
    Delete(Item),
}

impl BatchWrite {
    fn into_request(self) -> Result<WriteRequest, StoreError> {
        let request = WriteRequest::builder();
        let built = match self {
            Self::Put(item) => {
                PutRequest::builder().set_item(Some(item)).build().map(|put| request.put_request(put).build())
            }
            Self::Delete(key) => DeleteRequest::builder()
                .set_key(Some(key))
                .build()
                .map(|delete| request.delete_request(delete).build()),
        };
        built.map_err(|error| StoreError::Unavailable {
            operation: BATCH_OPERATION,
            detail: error.to_string(),
        })
    }
}

/// Read and write units consumed since it was last read, in tenths of a unit.
#[derive(Default)]
pub struct Meter {
    tenths: AtomicU64,
    operations: AtomicU64,
}

/// What a request consumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consumed {
    /// Capacity units, times ten: half a unit is 5.
    pub tenths: u64,
    pub operations: u64,
}

impl Dynamo {
    /// A client with these settings.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self::of(Client::new(config))
    }

    /// A client with these settings whose every operation an interceptor sees first; tests inject faults this way.
    #[must_use]
    pub fn intercepted(config: &SdkConfig, interceptor: impl Intercept + 'static) -> Self {
        let config = aws_sdk_dynamodb::config::Builder::from(config).interceptor(interceptor).build();
        Self::of(Client::from_conf(config))
    }

    fn of(client: Client) -> Self {
        Self { client, meter: Arc::default(), entropy: Arc::new(SystemEntropy) }
    }

    /// Waits between the tries of one thing.
    pub(crate) fn patience(&self) -> Patience {
        Patience::new(&self.entropy)
    }

    /// What was consumed since this was last asked. Processes that serve one request at a time, as Lambda's do, read
    /// the cost of that request.
    #[must_use]
    pub fn take_consumed(&self) -> Consumed {
        Consumed {
            tenths: self.meter.tenths.swap(0, Ordering::Relaxed),
            operations: self.meter.operations.swap(0, Ordering::Relaxed),
        }
    }

    pub(crate) fn measure(&self, consumed: Option<&ConsumedCapacity>) {
        let Some(units) = consumed.and_then(ConsumedCapacity::capacity_units) else {
            return;
        };
        #[expect(
            clippy::float_arithmetic,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the service reports units as a float; they are multiples of a half and never negative"
        )]
        let tenths = (units * 10.0).round() as u64;
        self.meter.tenths.fetch_add(tenths, Ordering::Relaxed);
        self.meter.operations.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn measure_all(&self, consumed: &[ConsumedCapacity]) {
        for one in consumed {
            self.measure(Some(one));
        }
    }

    /// Reads one item by its primary key.
    pub(crate) async fn get(
        &self,
        table: &str,
        key: Item,
        consistent: bool,
    ) -> Result<Option<Item>, StoreError> {
        let output = self
            .client
            .get_item()
            .table_name(table)
            .set_key(Some(key))
            .consistent_read(consistent)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("GetItem", &error))?;
        self.measure(output.consumed_capacity());
        Ok(output.item)
    }

    /// What a query finds next, and whether there may be more.
    pub(crate) async fn query_page(
        &self,
        query: QueryFluentBuilder,
        limit: u16,
    ) -> Result<(Vec<Item>, bool), StoreError> {
        let query = query.limit(i32::from(limit)).return_consumed_capacity(ReturnConsumedCapacity::Total);
        let page = query.send().await.map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.measure(page.consumed_capacity());
        let more = page.last_evaluated_key().is_some();
        Ok((page.items.unwrap_or_default(), more))
    }

    /// Every item that a query finds, page after page.
    pub(crate) async fn query_all(&self, query: QueryFluentBuilder) -> Result<Vec<Item>, StoreError> {
        let query = query.return_consumed_capacity(ReturnConsumedCapacity::Total);
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let page = query.clone().set_exclusive_start_key(start).send().await;
            let page = page.map_err(|error| StoreError::from_sdk("Query", &error))?;
            self.measure(page.consumed_capacity());
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    /// Writes one item; `condition` is an expression without placeholders.
    pub(crate) async fn put(
        &self,
        table: &str,
        item: Item,
        condition: Option<&str>,
    ) -> Result<(), StoreError> {
        self.send_put(table, item, condition, None).await
    }

    /// Writes one item under a condition with values.
    pub(crate) async fn put_if(
        &self,
        table: &str,
        item: Item,
        condition: &str,
        values: Item,
    ) -> Result<(), StoreError> {
        self.send_put(table, item, Some(condition), Some(values)).await
    }

    /// Writes and removes items, in any order; no key may come twice. An item that is there is overwritten.
    pub(crate) async fn write_batch(&self, table: &str, writes: Vec<BatchWrite>) -> Result<(), StoreError> {
        self.write_chunks(table, writes, None).await
    }

    /// The same for items of one partition, none of which is larger than a write unit: no faster than a partition takes them.
    pub(crate) async fn write_partition(
        &self,
        table: &str,
        writes: Vec<BatchWrite>,
    ) -> Result<(), StoreError> {
        self.write_chunks(table, writes, Some(Pace::default())).await
    }

    async fn write_chunks(
        &self,
        table: &str,
        writes: Vec<BatchWrite>,
        mut pace: Option<Pace>,
    ) -> Result<(), StoreError> {
        let requests = writes.into_iter().map(BatchWrite::into_request).collect::<Result<Vec<_>, _>>()?;
        for chunk in requests.chunks(BATCH) {
            if let Some(pace) = &mut pace {
                pace.spend(u32::try_from(chunk.len()).unwrap_or(u32::MAX)).await;
            }
            self.write_chunk(table, chunk.to_vec()).await?;
        }
        Ok(())
    }

    async fn write_chunk(&self, table: &str, mut requests: Vec<WriteRequest>) -> Result<(), StoreError> {
        let mut patience = self.patience();
        loop {
            let sent = requests.len();
            let output = self
                .client
                .batch_write_item()
                .request_items(table, requests)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk(BATCH_OPERATION, &error))?;
            self.measure_all(output.consumed_capacity());
            requests = output.unprocessed_items.and_then(|mut left| left.remove(table)).unwrap_or_default();
            if requests.is_empty() {
                return Ok(());
            }
            if requests.len() < sent {
                patience.renew();
            }
            if !patience.wait().await {
                let detail = format!("{} items were not taken", requests.len());
                return Err(StoreError::Unavailable { operation: BATCH_OPERATION, detail });
            }
        }
    }

    /// Reads items by their keys, those that there are, in any order and as they are now.
    pub(crate) async fn read_batch(&self, table: &str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        for chunk in keys.chunks(READ_BATCH) {
            self.read_chunk(table, chunk.to_vec(), &mut items).await?;
        }
        Ok(items)
    }

    async fn read_chunk(
        &self,
        table: &str,
        mut keys: Vec<Item>,
        items: &mut Vec<Item>,
    ) -> Result<(), StoreError> {
        let unavailable = |detail: String| StoreError::Unavailable { operation: READ_OPERATION, detail };
        let mut patience = self.patience();
        loop {
            let asked = keys.len();
            let request = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            let request = request.map_err(|error| unavailable(error.to_string()))?;
            let output = self
                .client
                .batch_get_item()
                .request_items(table, request)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk(READ_OPERATION, &error))?;
            self.measure_all(output.consumed_capacity());
            items.extend(output.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default());
            let left = output.unprocessed_keys.and_then(|mut tables| tables.remove(table));
            keys = left.map(|left| left.keys).unwrap_or_default();
            if keys.is_empty() {
                return Ok(());
            }
            if keys.len() < asked {
                patience.renew();
            }
            if !patience.wait().await {
                return Err(unavailable(format!("{} items were not answered", keys.len())));
            }
        }
    }

    /// Does all of these writes or none. Where an item is written faster than it can be, nothing was done, and the same is asked
    /// again after a while.
    pub(crate) async fn write_together(&self, actions: Vec<TransactWriteItem>) -> Result<(), StoreError> {
        let mut patience = self.patience();
        loop {
            let request = self.client.transact_write_items().set_transact_items(Some(actions.clone()));
            let sent = request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
            match sent {
                Ok(output) => {
                    self.measure_all(output.consumed_capacity());
                    return Ok(());
                }
                Err(error) => {
                    let said = StoreError::from_sdk(TOGETHER_OPERATION, &error);
                    if said == StoreError::Conflict || !is_throttled(&error) || !patience.wait().await {
                        return Err(said);
                    }
                }
            }
        }
    }

    async fn send_put(
        &self,
        table: &str,
        item: Item,
        condition: Option<&str>,
        values: Option<Item>,
    ) -> Result<(), StoreError> {
        let output = self
            .client
            .put_item()
            .table_name(table)
            .set_item(Some(item))
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_values(values)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("PutItem", &error))?;
        self.measure(output.consumed_capacity());
        Ok(())
    }
}

/// Why an atomic write was not done, in the order of its actions; nothing where it failed otherwise.
pub(crate) fn reasons(error: &SdkError<TransactWriteItemsError>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons()
        }
        _ => &[],
    }
}

/// Whether an atomic write was not done because more is written than can be: one of its items, or altogether.
pub(crate) fn is_throttled(error: &SdkError<TransactWriteItemsError>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    let mut codes = code.into_iter().chain(reasons(error).iter().filter_map(CancellationReason::code));
    codes.any(|code| THROTTLES.contains(&code))
}

/// A write of an item, as one of several that are done together.
pub(crate) fn action_put(put: PutBuilder) -> Result<TransactWriteItem, StoreError> {
    let put = put.build().map_err(|error| StoreError::Unavailable {
        operation: TOGETHER_OPERATION,
        detail: error.to_string(),
    })?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// A string attribute.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The greatest key that sorts before `key`, as far as keys of ids and times go: its last character, one lower.
pub(crate) fn just_before(key: &str) -> String {
    let mut bytes = key.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last = last.saturating_sub(1);
    }
    // A tilde sorts behind every character of a key.
    String::from_utf8(bytes).map_or_else(|_| key.to_owned(), |text| text + "~")
}

/// A key of one attribute.
pub(crate) fn key(name: &str, value: impl Into<String>) -> Item {
    Item::from([(name.to_owned(), text(value))])
}

/// A key of two attributes.
pub(crate) fn key2(first: (&str, &str), second: (&str, &str)) -> Item {
    Item::from([(first.0.to_owned(), text(first.1)), (second.0.to_owned(), text(second.1))])
}

/// Turns a row into an item.
pub(crate) fn to_item<T: Serialize>(table: &str, row: &T) -> Result<Item, StoreError> {
    serde_dynamo::to_item(row).map_err(|error| StoreError::Corrupt {
        table: table.to_owned(),
        key: "(new)".to_owned(),
        detail: error.to_string(),
    })
}

/// Turns an item into a row; one that does not fit is corrupt, never skipped.
pub(crate) fn from_item<T: DeserializeOwned>(table: &str, item: Item) -> Result<T, StoreError> {
    let key = ["id", "pk", "subject"]
        .iter()
        .find_map(|name| item.get(*name)?.as_s().ok().cloned())
        .unwrap_or_default();
    serde_dynamo::from_item(item).map_err(|error| StoreError::Corrupt {
        table: table.to_owned(),
        key,
        detail: error.to_string(),
    })
}

/// A write that its builder refuses.
pub(crate) fn unbuildable(error: &dyn std::error::Error) -> StoreError {
    StoreError::Unavailable { operation: TOGETHER_OPERATION, detail: error.to_string() }
}
