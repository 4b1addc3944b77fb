//! How endpoints do, by merchant. Whoever changes it read it before: of two who change it at once one begins again. Where
//! somebody has to come back to an endpoint, its row stands in the due index.

use paywarden_domain::id::{EndpointId, MerchantId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::Health;
use serde::{Deserialize, Serialize};

use super::due::{self, Due, DueEndpoint};
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
    /// When the sweep sees to it, if it stands in the due index.
    pub due: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    pk: String,
    sk: String,
    revision: u64,
    #[serde(flatten)]
    health: Health,
    #[serde(default)]
    due_pk: Option<String>,
    #[serde(default)]
    due_sk: Option<String>,
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
        let item = self.dynamo.get(&self.table, key(merchant, endpoint), consistent).await?;
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

    /// Writes what became of what was read, and when the sweep is to see to it, if anybody has to.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is another by now.
    pub async fn write(
        &self,
        merchant: &MerchantId,
        endpoint: &EndpointId,
        read: &StoredHealth,
        health: &Health,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let place = due.map(|at| place(merchant, endpoint, at));
        let row = Row {
            pk: merchant.to_string(),
            sk: sort(endpoint),
            revision: read.revision.saturating_add(1),
            health: health.clone(),
            due_pk: place.as_ref().map(DueEndpoint::partition),
            due_sk: place.as_ref().map(DueEndpoint::sort_key),
        };
        let mut item = to_item(&self.table, &row)?;
        item.retain(|_, value| !value.is_null());
        let values = Item::from([(":seen".to_owned(), number(read.revision))]);
        let condition = if read.revision == 0 {
            "attribute_not_exists(pk) OR revision = :seen"
        } else {
            "revision = :seen"
        };
        self.dynamo.put_if(&self.table, item, condition, values).await
    }

    /// Moves an endpoint to another time in the index, and answers how it does. Of two who want it one gets it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not in this place any more. [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn hold(&self, due: &DueEndpoint, until: Timestamp) -> Result<StoredHealth, StoreError> {
        let held = DueEndpoint { at: until, ..due.clone() };
        let key = key(&due.merchant_id, &due.endpoint_id);
        let item = due::hold(&self.dynamo, &self.table, key, (due.sort_key(), held.sort_key())).await?;
        Ok(self.read(item)?.1)
    }

    /// Forgets how an endpoint did.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget(&self, merchant: &MerchantId, endpoint: &EndpointId) -> Result<(), StoreError> {
        let key = key(merchant, endpoint);
        let deleting = self.dynamo.client.delete_item().table_name(&self.table).set_key(Some(key));
        deleting.send().await.map(|_| ()).map_err(|error| StoreError::from_sdk("DeleteItem", &error))
    }

    fn read(&self, item: Item) -> Result<(EndpointId, StoredHealth), StoreError> {
        let row: Row = from_item(&self.table, item)?;
        let Some(id) = endpoint_of(&row.sk) else {
            return Err(StoreError::Corrupt {
                table: self.table.clone(),
                key: row.sk,
                detail: "expected the id of an endpoint".to_owned(),
            });
        };
        let due = row.due_sk.as_deref().and_then(Due::time);
        Ok((id, StoredHealth { health: row.health, revision: row.revision, due }))
    }
}

/// The endpoint that a sort key is of, if it is one of these.
pub(super) fn endpoint_of(sort_key: &str) -> Option<EndpointId> {
    EndpointId::parse(sort_key.strip_prefix(SORT_PREFIX)?).ok()
}

fn place(merchant: &MerchantId, endpoint: &EndpointId, at: Timestamp) -> DueEndpoint {
    DueEndpoint { merchant_id: merchant.clone(), endpoint_id: endpoint.clone(), at }
}

fn key(merchant: &MerchantId, endpoint: &EndpointId) -> Item {
    key2(("pk", merchant.as_str()), ("sk", &sort(endpoint)))
}

fn sort(id: &EndpointId) -> String {
    format!("{SORT_PREFIX}{id}")
}
