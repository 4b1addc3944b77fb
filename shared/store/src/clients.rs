//! The clients table: who may ask for tokens.

use paywarden_domain::access::Role;
use paywarden_domain::id::{ClientId, MerchantId};
use paywarden_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::dynamo::{Dynamo, from_item, key, to_item};

/// An API client. Its secret is not kept, only a hash of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub id: ClientId,
    /// The merchant it acts for.
    pub merchant_id: MerchantId,
    /// Who it is, for people.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The hash of its secret.
    pub secret_hash: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was revoked, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked_at: Option<Timestamp>,
}

/// Clients by id.
pub struct Clients {
    dynamo: Dynamo,
    table: String,
}

impl Clients {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// The client. Read consistently: a revoked one gets no token from then on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        let item = self.dynamo.get(&self.table, key("id", id.as_str()), true).await?;
        item.map(|item| from_item(&self.table, item)).transpose()
    }

    /// Adds a client.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken.
    pub async fn create(&self, client: &Client) -> Result<(), StoreError> {
        let item = to_item(&self.table, client)?;
        self.dynamo.put(&self.table, item, Some("attribute_not_exists(id)")).await
    }
}
