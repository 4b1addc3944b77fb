//! Endpoints by merchant.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use paywarden_domain::id::{EndpointId, MerchantId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::endpoint::{Disabled, DisabledReason};
use paywarden_domain::webhook::{Endpoint, EndpointStatus};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::dynamo::{Dynamo, Item, from_item, key2, number, text, to_item};
use crate::error::readable;

const SORT_PREFIX: &str = "endpoint#";

/// An endpoint with its signing secret, which only the vault can open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEndpoint {
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// The secret as the vault sealed it.
    pub sealed_secret: String,
    /// The one before it.
    #[serde(default)]
    pub previous_secret: Option<PreviousSecret>,
}

/// A secret that has a successor, and signs along for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// As the vault sealed it.
    pub sealed: String,
    pub until: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Row {
    pk: String,
    sk: String,
    #[serde(flatten)]
    stored: StoredEndpoint,
}

/// Endpoints.
pub struct Endpoints {
    dynamo: Dynamo,
    table: String,
}

impl Endpoints {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// The merchant's endpoints, oldest first; there are at most [`Endpoint::LIMIT`]. Read consistently: an endpoint is told
    /// of what changes from the moment on that it was created. One that cannot be read is left out, logged and counted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn list(&self, merchant: &MerchantId) -> Result<Vec<StoredEndpoint>, StoreError> {
        readable(self.list_each(merchant).await?)
    }

    /// The same for whoever may leave none out: [`StoreError::Corrupt`] stands in the place of one that cannot be read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn list_each(
        &self,
        merchant: &MerchantId,
    ) -> Result<Vec<Result<StoredEndpoint, StoreError>>, StoreError> {
        let output = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :merchant AND begins_with(sk, :prefix)")
            .expression_attribute_values(":merchant", text(merchant.as_str()))
            .expression_attribute_values(":prefix", text(SORT_PREFIX))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let rows = output.items.unwrap_or_default().into_iter();
        Ok(rows.map(|item| from_item::<Row>(&self.table, item).map(|row| row.stored)).collect())
    }

    /// The merchant's endpoint, as last written: what somebody switched off a moment ago is told nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find(
        &self,
        merchant: &MerchantId,
        id: &EndpointId,
    ) -> Result<Option<StoredEndpoint>, StoreError> {
        let item = self.dynamo.get(&self.table, key(merchant, id), true).await?;
        item.map(|item| from_item::<Row>(&self.table, item).map(|row| row.stored)).transpose()
    }

    /// Adds an endpoint, unless it is there already: an earlier try may have been cut off behind this.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken by another.
    pub async fn create(&self, stored: &StoredEndpoint) -> Result<(), StoreError> {
        let endpoint = &stored.endpoint;
        match self.dynamo.put(&self.table, self.item(stored)?, Some("attribute_not_exists(pk)")).await {
            Err(StoreError::Conflict) => {
                let found = self.find(&endpoint.merchant_id, &endpoint.id).await?;
                let same = found.filter(|found| found.endpoint.created_at == endpoint.created_at);
                same.map(|_| ()).ok_or(StoreError::Conflict)
            }
            outcome => outcome,
        }
    }

    /// Writes an endpoint in the place of the version before.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is another by now, or gone.
    pub async fn replace(&self, stored: &StoredEndpoint) -> Result<(), StoreError> {
        let before = number(stored.endpoint.version.saturating_sub(1));
        let values = Item::from([(":before".to_owned(), before)]);
        self.dynamo.put_if(&self.table, self.item(stored)?, "version = :before", values).await
    }

    /// Removes an endpoint of this version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is another by now, or gone.
    pub async fn delete(&self, endpoint: &Endpoint) -> Result<(), StoreError> {
        self.dynamo
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key(&endpoint.merchant_id, &endpoint.id)))
            .condition_expression("version = :seen")
            .expression_attribute_values(":seen", number(endpoint.version))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| StoreError::from_sdk("DeleteItem", &error))
    }

    /// Switches an endpoint off that is not, and answers whether it was this call that did.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn disable(
        &self,
        merchant: &MerchantId,
        id: &EndpointId,
        at: Timestamp,
        reason: DisabledReason,
    ) -> Result<bool, StoreError> {
        let disabled = to_item(&self.table, &Disabled { at, reason })?;
        let outcome = self
            .dynamo
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(merchant, id)))
            .update_expression("SET #status = :disabled, disabled = :why ADD version :one")
            .condition_expression("attribute_exists(pk) AND #status <> :disabled")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":disabled", text(EndpointStatus::Disabled.as_str()))
            .expression_attribute_values(":why", AttributeValue::M(disabled))
            .expression_attribute_values(":one", number(1))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error));
        match outcome {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn item(&self, stored: &StoredEndpoint) -> Result<Item, StoreError> {
        let endpoint = &stored.endpoint;
        let row =
            Row { pk: endpoint.merchant_id.to_string(), sk: sort(&endpoint.id), stored: stored.clone() };
        to_item(&self.table, &row)
    }
}

fn key(merchant: &MerchantId, id: &EndpointId) -> Item {
    key2(("pk", merchant.as_str()), ("sk", &sort(id)))
}

fn sort(id: &EndpointId) -> String {
    format!("{SORT_PREFIX}{id}")
}
