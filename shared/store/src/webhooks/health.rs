//! How endpoints do, by merchant. Whoever changes it read it before: of two who change it at once one begins again.

use paywarden_domain::id::{EndpointId, MerchantId};
use paywarden_domain::webhook::Health;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::dynamo::{Dynamo, Item, from_item, key2, number, text, to_item};
use crate::error::readable;

const SORT_PREFIX: &str = "health#";

/// How an endpoint does, as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredHealth {
    pub health: Health,
    /// Counts its changes; none were made at 0.
    pub revision: u64,
}

#[derive(Serialize, Deserialize)]
struct Row {
    pk: String,
    sk: String,
    revision: u64,
    #[serde(flatten)]
    health: Health,
}

/// How endpoints do.
pub struct Healths {
    dynamo: Dynamo,
    table: String,
}

impl Healths {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// How an endpoint does, as last written if `consistent`, else as it was a moment ago.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find(
        &self,
        merchant: &MerchantId,
        endpoint: &EndpointId,
        consistent: bool,
    ) -> Result<StoredHealth, StoreError> {
        let key = key2(("pk", merchant.as_str()), ("sk", &sort(endpoint)));
        let item = self.dynamo.get(&self.table, key, consistent).await?;
        item.map_or_else(|| Ok(StoredHealth::default()), |item| Ok(self.read(item)?.1))
    }

    /// How the merchant's endpoints do that anything is known of.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn list(&self, merchant: &MerchantId) -> Result<Vec<(EndpointId, StoredHealth)>, StoreError> {
        let query = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :merchant AND begins_with(sk, :prefix)")
            .expression_attribute_values(":merchant", text(merchant.as_str()))
            .expression_attribute_values(":prefix", text(SORT_PREFIX));
        let items = self.dynamo.query_all(query).await?;
        readable(items.into_iter().map(|item| self.read(item)))
    }

    /// Writes what became of what was read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is another by now.
    pub async fn write(
        &self,
        merchant: &MerchantId,
        endpoint: &EndpointId,
        read: &StoredHealth,
        health: &Health,
    ) -> Result<StoredHealth, StoreError> {
        let revision = read.revision.saturating_add(1);
        let row = Row { pk: merchant.to_string(), sk: sort(endpoint), revision, health: health.clone() };
        let mut item = to_item(&self.table, &row)?;
        item.retain(|_, value| !value.is_null());
        let values = Item::from([(":seen".to_owned(), number(read.revision))]);
        let condition = if read.revision == 0 {
            "attribute_not_exists(pk) OR revision = :seen"
        } else {
            "revision = :seen"
        };
        self.dynamo.put_if(&self.table, item, condition, values).await?;
        Ok(StoredHealth { health: health.clone(), revision })
    }

    /// Forgets how an endpoint did.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget(&self, merchant: &MerchantId, endpoint: &EndpointId) -> Result<(), StoreError> {
        let key = key2(("pk", merchant.as_str()), ("sk", &sort(endpoint)));
        let deleting = self.dynamo.client.delete_item().table_name(&self.table).set_key(Some(key));
        deleting.send().await.map(|_| ()).map_err(|error| StoreError::from_sdk("DeleteItem", &error))
    }

    fn read(&self, item: Item) -> Result<(EndpointId, StoredHealth), StoreError> {
        let row: Row = from_item(&self.table, item)?;
        let id = row.sk.strip_prefix(SORT_PREFIX).map(EndpointId::parse);
        let Some(Ok(id)) = id else {
            return Err(StoreError::Corrupt {
                table: self.table.clone(),
                key: row.sk,
                detail: "expected the id of an endpoint".to_owned(),
            });
        };
        Ok((id, StoredHealth { health: row.health, revision: row.revision }))
    }
}

fn sort(id: &EndpointId) -> String {
    format!("{SORT_PREFIX}{id}")
}
