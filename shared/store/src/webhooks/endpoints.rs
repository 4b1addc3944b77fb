//! Endpoints by merchant.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use paywarden_domain::id::{EndpointId, MerchantId};
use paywarden_domain::webhook::{Endpoint, EndpointStatus};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::dynamo::{Dynamo, from_item, key2, text, to_item};
use crate::error::readable;

const SORT_PREFIX: &str = "endpoint#";

/// An endpoint with its signing secret, which only the vault can open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEndpoint {
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// The secret as the vault sealed it.
    pub sealed_secret: String,
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

    /// The merchant's endpoint.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find(
        &self,
        merchant: &MerchantId,
        id: &EndpointId,
    ) -> Result<Option<StoredEndpoint>, StoreError> {
        let key = key2(("pk", merchant.as_str()), ("sk", &sort(id)));
        let item = self.dynamo.get(&self.table, key, false).await?;
        item.map(|item| from_item::<Row>(&self.table, item).map(|row| row.stored)).transpose()
    }

    /// Adds an endpoint, unless it is there already: an earlier try may have been cut off behind this.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken by another.
    pub async fn create(&self, stored: &StoredEndpoint) -> Result<(), StoreError> {
        let endpoint = &stored.endpoint;
        let row =
            Row { pk: endpoint.merchant_id.to_string(), sk: sort(&endpoint.id), stored: stored.clone() };
        let item = to_item(&self.table, &row)?;
        match self.dynamo.put(&self.table, item, Some("attribute_not_exists(pk)")).await {
            Err(StoreError::Conflict) => {
                let found = self.find(&endpoint.merchant_id, &endpoint.id).await?;
                let same = found.filter(|found| found.endpoint.created_at == endpoint.created_at);
                same.map(|_| ()).ok_or(StoreError::Conflict)
            }
            outcome => outcome,
        }
    }

    /// Switches an endpoint off, because it asked to be left alone.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such endpoint.
    pub async fn disable(&self, merchant: &MerchantId, id: &EndpointId) -> Result<(), StoreError> {
        self.dynamo
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key2(("pk", merchant.as_str()), ("sk", &sort(id)))))
            .update_expression("SET #status = :disabled")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":disabled", text(EndpointStatus::Disabled.as_str()))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error))
    }
}

fn sort(id: &EndpointId) -> String {
    format!("{SORT_PREFIX}{id}")
}
