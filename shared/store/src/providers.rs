//! The providers table: configuration in the open, credentials sealed.

use std::sync::Arc;

use paywarden_domain::id::{MerchantId, ProviderId};
use paywarden_domain::provider::Provider;
use paywarden_domain::time::Clock;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::cache::Cache;
use crate::dynamo::{Dynamo, from_item, key, to_item};

/// How long a provider's row is believed: a change of its credentials shows within this time.
const LIFETIME_SECONDS: i64 = 30;

/// A provider with its credentials, which only the vault can open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredProvider {
    /// Its configuration.
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
}

impl Providers {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String, clock: Arc<dyn Clock>) -> Self {
        Self { dynamo: dynamo.clone(), table, clock, cache: Cache::new(LIFETIME_SECONDS) }
    }

    /// The provider, whoever owns it, at most half a minute old.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find(&self, id: &ProviderId) -> Result<Option<StoredProvider>, StoreError> {
        if let Some(provider) = self.cache.find(id, self.clock.now()) {
            return Ok(Some(provider));
        }
        let Some(item) = self.dynamo.get(&self.table, key("id", id.as_str()), false).await? else {
            return Ok(None);
        };
        let provider: StoredProvider = from_item(&self.table, item)?;
        self.cache.put(id.clone(), provider.clone(), self.clock.now());
        Ok(Some(provider))
    }

    /// The merchant's provider; somebody else's is not found.
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

    /// Adds a provider.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken.
    pub async fn create(&self, provider: &StoredProvider) -> Result<(), StoreError> {
        let item = to_item(&self.table, provider)?;
        self.dynamo.put(&self.table, item, Some("attribute_not_exists(id)")).await
    }
}
