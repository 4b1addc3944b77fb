//! The DynamoDB client with a meter: every operation reports what it consumed, so that tests can hold requests to
//! their budget and log lines can say what they cost.

mod batch;
mod item;
mod meter;
mod together;

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Intercept;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};
use paywarden_domain::entropy::Entropy;

pub(crate) use self::batch::BatchWrite;
pub use self::item::Item;
pub(crate) use self::item::{from_item, just_before, key, key2, number, text, to_item};
pub use self::meter::{Consumed, Meter};
pub use self::together::Companion;
pub(crate) use self::together::{action_put, is_throttled, reasons, unbuildable};
use crate::StoreError;
use crate::patience::Patience;
use crate::system::SystemEntropy;

/// The client of all tables.
#[derive(Clone)]
pub struct Dynamo {
    pub(crate) client: Client,
    meter: Arc<Meter>,
    /// What spreads the waits of those who were refused together.
    entropy: Arc<dyn Entropy>,
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
        self.meter.take()
    }

    pub(crate) fn measure(&self, consumed: Option<&ConsumedCapacity>) {
        if let Some(units) = consumed.and_then(ConsumedCapacity::capacity_units) {
            self.meter.add(units);
        }
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
