//! The providers table: configuration in the open, credentials sealed, and the history of both.
//!
//! | item | id | indexes |
//! |---|---|---|
//! | provider | provider | `by-merchant`: merchant, id |
//! | change | provider `#` version | `history`: provider, version |
//!
//! A provider and the change that led to it are one atomic write, so that none is ever without its history. The
//! table's stream announces changes of status from the history rows.

mod history;
pub mod stream;

use std::sync::Arc;

use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{Delete, Put, ReturnConsumedCapacity, TransactWriteItem};
use paywarden_domain::id::{MerchantId, ProviderId};
use paywarden_domain::provider::Provider;
use paywarden_domain::provider::change::Change;
use paywarden_domain::time::Clock;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::cache::Cache;
use crate::dynamo::{
    Companion, Dynamo, Item, action_put, from_item, key, number, text, to_item, unbuildable,
};
use crate::error::readable;

pub use history::HistoryPage;

/// How long a provider's row is believed: a change of its credentials shows within this time.
const LIFETIME_SECONDS: i64 = 30;

/// A provider with its credentials, which only the vault can open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredProvider {
    #[serde(flatten)]
    pub provider: Provider,
    /// The credentials as the vault sealed them.
    pub sealed_credentials: String,
}

/// Providers by id.
pub struct Providers {
    dynamo: Dynamo,
    table: String,
    clock: Arc<dyn Clock>,
    cache: Cache<ProviderId, StoredProvider>,
    lists: Cache<MerchantId, Vec<Provider>>,
}

impl Providers {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String, clock: Arc<dyn Clock>) -> Self {
        Self {
            dynamo: dynamo.clone(),
            table,
            clock,
            cache: Cache::new(LIFETIME_SECONDS),
            lists: Cache::new(LIFETIME_SECONDS),
        }
    }

    /// The provider, whoever owns it, at most half a minute old.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find(&self, id: &ProviderId) -> Result<Option<StoredProvider>, StoreError> {
        if let Some(provider) = self.cache.find(id, self.clock.now()) {
            return Ok(Some(provider));
        }
        let Some(provider) = self.read(id, false).await? else {
            return Ok(None);
        };
        self.cache.put(id.clone(), provider.clone(), self.clock.now());
        Ok(Some(provider))
    }

    /// The merchant's provider, at most half a minute old; somebody else's is not found.
    ///
    /// # Errors
    /// As [`Providers::find`].
    pub async fn find_of(
        &self,
        merchant: &MerchantId,
        id: &ProviderId,
    ) -> Result<Option<StoredProvider>, StoreError> {
        Ok(self.find(id).await?.filter(|stored| stored.provider.merchant_id == *merchant))
    }

    /// The merchant's provider as it is now; somebody else's is not found.
    ///
    /// # Errors
    /// As [`Providers::find`].
    pub async fn find_latest(
        &self,
        merchant: &MerchantId,
        id: &ProviderId,
    ) -> Result<Option<StoredProvider>, StoreError> {
        Ok(self.read(id, true).await?.filter(|stored| stored.provider.merchant_id == *merchant))
    }

    async fn read(&self, id: &ProviderId, consistent: bool) -> Result<Option<StoredProvider>, StoreError> {
        let item = self.dynamo.get(&self.table, key("id", id.as_str()), consistent).await?;
        item.map(|item| from_item(&self.table, item)).transpose()
    }

    /// The merchant's providers in the order in which they were added; there are at most [`Provider::LIMIT`].
    ///
    /// # Errors
    /// As [`Providers::find`].
    pub async fn list(&self, merchant: &MerchantId) -> Result<Vec<Provider>, StoreError> {
        let query = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .index_name("by-merchant")
            .key_condition_expression("merchant_id = :merchant")
            .expression_attribute_values(":merchant", text(merchant.as_str()));
        self.parse(self.dynamo.query_all(query).await?)
    }

    /// [`Providers::list`], at most half a minute old.
    ///
    /// # Errors
    /// As [`Providers::find`].
    pub async fn list_cached(&self, merchant: &MerchantId) -> Result<Vec<Provider>, StoreError> {
        if let Some(providers) = self.lists.find(merchant, self.clock.now()) {
            return Ok(providers);
        }
        let providers = self.list(merchant).await?;
        self.lists.put(merchant.clone(), providers.clone(), self.clock.now());
        Ok(providers)
    }

    /// All providers of all merchants: reads the whole index, which holds no history.
    ///
    /// # Errors
    /// As [`Providers::find`].
    pub async fn all(&self) -> Result<Vec<Provider>, StoreError> {
        let mut providers = Vec::new();
        let mut start = None;
        loop {
            let output = self
                .dynamo
                .client
                .scan()
                .table_name(&self.table)
                .index_name("by-merchant")
                .set_exclusive_start_key(start)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("Scan", &error))?;
            self.dynamo.measure(output.consumed_capacity());
            providers.extend(self.parse(output.items.unwrap_or_default())?);
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(providers);
            }
        }
    }

    fn parse(&self, items: Vec<Item>) -> Result<Vec<Provider>, StoreError> {
        let rows = items.into_iter().map(|item| from_item::<StoredProvider>(&self.table, item));
        readable(rows.map(|row| row.map(|stored| stored.provider)))
    }

    /// Providers that can be replaced at once: an atomic write has a hundred items, and each brings a line of history along.
    pub const AT_ONCE: usize = 50;

    /// Adds a provider, unless it is there already: an earlier try may have been cut off behind this.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken.
    pub async fn create(&self, stored: &StoredProvider, change: &Change) -> Result<(), StoreError> {
        let put = self.put(stored)?.condition_expression("attribute_not_exists(id)");
        match self.write(put, change, None).await {
            Err(StoreError::Conflict) => {
                let provider = &stored.provider;
                let found = self.find_latest(&provider.merchant_id, &provider.id).await?;
                let same = found.filter(|found| found.provider.created_at == provider.created_at);
                same.map(|_| ()).ok_or(StoreError::Conflict)
            }
            outcome => outcome,
        }
    }

    /// Replaces a provider, if its version is still the one given.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is another by now.
    pub async fn replace(
        &self,
        stored: &StoredProvider,
        version: u64,
        change: &Change,
    ) -> Result<(), StoreError> {
        self.replace_with(stored, version, change, None).await
    }

    /// [`Providers::replace`], together with a write to another table.
    ///
    /// # Errors
    /// As [`Providers::replace`]; nothing is written then.
    pub async fn replace_with(
        &self,
        stored: &StoredProvider,
        version: u64,
        change: &Change,
        companion: Option<Companion>,
    ) -> Result<(), StoreError> {
        self.write(self.put_over(stored, version)?, change, companion).await
    }

    /// Replaces several, all or none: each with the version that it is to replace. At most [`Providers::AT_ONCE`].
    ///
    /// # Errors
    /// As [`Providers::replace`].
    pub async fn replace_all(&self, all: &[(StoredProvider, u64, Change)]) -> Result<(), StoreError> {
        let mut actions = Vec::new();
        for (stored, version, change) in all {
            actions.push(action_put(self.put_over(stored, *version)?)?);
            let history = Put::builder().table_name(&self.table).set_item(Some(self.history_item(change)?));
            actions.push(action_put(history)?);
        }
        if actions.is_empty() { Ok(()) } else { self.dynamo.write_together(actions).await }
    }

    /// Deletes a provider with its credentials, if its version is still the one given. Its history stays.
    ///
    /// # Errors
    /// As [`Providers::replace`].
    pub async fn delete(&self, provider: &Provider, change: &Change) -> Result<(), StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key("id", provider.id.as_str())))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", number(provider.version))
            .build()
            .map_err(|error| unbuildable(&error))?;
        let history = Put::builder().table_name(&self.table).set_item(Some(self.history_item(change)?));
        let delete = TransactWriteItem::builder().delete(delete).build();
        self.dynamo.write_together(vec![delete, action_put(history)?]).await
    }

    fn put_over(&self, stored: &StoredProvider, version: u64) -> Result<PutBuilder, StoreError> {
        let put = self.put(stored)?.condition_expression("version = :version");
        Ok(put.expression_attribute_values(":version", number(version)))
    }

    fn put(&self, stored: &StoredProvider) -> Result<PutBuilder, StoreError> {
        Ok(Put::builder().table_name(&self.table).set_item(Some(to_item(&self.table, stored)?)))
    }

    async fn write(
        &self,
        provider: PutBuilder,
        change: &Change,
        companion: Option<Companion>,
    ) -> Result<(), StoreError> {
        let history = Put::builder().table_name(&self.table).set_item(Some(self.history_item(change)?));
        let companion = companion.map(|companion| companion.0);
        let puts = [provider, history].into_iter().chain(companion);
        let actions = puts.map(action_put).collect::<Result<_, _>>()?;
        self.dynamo.write_together(actions).await
    }
}
