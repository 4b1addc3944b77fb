//! The merchants table.

use std::sync::Arc;

use paywarden_domain::id::MerchantId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::time::Clock;

use crate::StoreError;
use crate::cache::Cache;
use crate::dynamo::{Dynamo, Item, from_item, key, number, to_item};

/// How long a merchant's settings are believed: a change of zone or shard count shows within this time.
const LIFETIME_SECONDS: i64 = 60;

/// Merchants by id.
pub struct Merchants {
    dynamo: Dynamo,
    table: String,
    clock: Arc<dyn Clock>,
    cache: Cache<MerchantId, Merchant>,
}

impl Merchants {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String, clock: Arc<dyn Clock>) -> Self {
        Self { dynamo: dynamo.clone(), table, clock, cache: Cache::new(LIFETIME_SECONDS) }
    }

    /// The merchant, at most a minute old.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find(&self, id: &MerchantId) -> Result<Option<Merchant>, StoreError> {
        if let Some(merchant) = self.cache.find(id, self.clock.now()) {
            return Ok(Some(merchant));
        }
        let Some(item) = self.dynamo.get(&self.table, key("id", id.as_str()), false).await? else {
            return Ok(None);
        };
        let merchant: Merchant = from_item(&self.table, item)?;
        self.cache.put(id.clone(), merchant.clone(), self.clock.now());
        Ok(Some(merchant))
    }

    /// The merchant as it is now, for whoever changes it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find_latest(&self, id: &MerchantId) -> Result<Option<Merchant>, StoreError> {
        let item = self.dynamo.get(&self.table, key("id", id.as_str()), true).await?;
        item.map(|item| from_item(&self.table, item)).transpose()
    }

    /// The merchant that a verified caller belongs to; a token outlives no merchant.
    ///
    /// # Errors
    /// As [`Merchants::find`], and [`StoreError::Corrupt`] when there is none.
    pub async fn get(&self, id: &MerchantId) -> Result<Merchant, StoreError> {
        self.find(id).await?.ok_or_else(|| StoreError::Corrupt {
            table: self.table.clone(),
            key: id.to_string(),
            detail: "the merchant of a verified caller is missing".to_owned(),
        })
    }

    /// Replaces a merchant's row, if it is still of this version. A row without one is of the first.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is of another by now.
    pub async fn replace(&self, merchant: &Merchant, version: u64) -> Result<(), StoreError> {
        let item = to_item(&self.table, merchant)?;
        let values = Item::from([(":version".to_owned(), number(version))]);
        let condition = match version {
            1 => "attribute_exists(id) AND (version = :version OR attribute_not_exists(version))",
            _ => "version = :version",
        };
        self.dynamo.put_if(&self.table, item, condition, values).await
    }

    /// Adds a merchant.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken.
    pub async fn create(&self, merchant: &Merchant) -> Result<(), StoreError> {
        let item = to_item(&self.table, merchant)?;
        self.dynamo.put(&self.table, item, Some("attribute_not_exists(id)")).await
    }
}
