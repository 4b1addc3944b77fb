//! Endpoints as merchants keep them: added, changed, given another key, deleted.

use std::sync::Arc;

use paywarden_domain::entropy::Entropy;
use paywarden_domain::id::{EndpointId, MerchantId};
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::signing::SigningKey;
use paywarden_domain::webhook::{Endpoint, EventType};
use paywarden_store::StoreError;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::vault::{Context, Vault};
use paywarden_store::webhooks::{Endpoints, Healths, StoredEndpoint};

mod keys;
pub mod parked;
pub mod settings;
pub mod trial;
pub mod view;

pub use keys::Rotator;

/// Adds endpoints.
pub struct Adder {
    endpoints: Endpoints,
    vault: Arc<dyn Vault>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// Changes and deletes them.
pub struct EndpointKeeper {
    endpoints: Endpoints,
    healths: Healths,
    clock: Arc<dyn Clock>,
}

/// Why an endpoint was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddError {
    /// The merchant has as many as it may.
    #[error("a merchant has at most {} webhook endpoints", Endpoint::LIMIT)]
    TooMany,
    /// A table or KMS failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Adder {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            endpoints: stores.endpoints()?,
            vault: stores.vault()?,
            clock: stores.clock(),
            entropy: stores.entropy(),
        })
    }

    /// An endpoint that is told of what most want to know, and whose address is still to be said.
    #[must_use]
    pub fn blank(&self, merchant: &MerchantId) -> Endpoint {
        let now = self.clock.now();
        let id = EndpointId::mint(now, self.entropy.as_ref());
        Endpoint::new(id, merchant.clone(), String::new(), EventType::DEFAULT.to_vec(), now)
    }

    /// Adds an endpoint. Its key is made and sealed here.
    ///
    /// # Errors
    /// [`AddError`].
    pub async fn add(&self, endpoint: Endpoint) -> Result<(Endpoint, SigningKey), AddError> {
        // One that is there already was put there by a try that was cut off.
        let mut others = self.endpoints.list(&endpoint.merchant_id).await?;
        others.retain(|other| other.endpoint.id != endpoint.id);
        if others.len() >= Endpoint::LIMIT {
            return Err(AddError::TooMany);
        }
        let key = SigningKey::generate(endpoint.signature, self.entropy.as_ref());
        let endpoint = Endpoint { public_key: key.public_key(), ..endpoint };
        let context = Context::endpoint(&endpoint.merchant_id, &endpoint.id);
        let sealed_secret = self.vault.seal(&context, &key.reveal()).await?;
        let stored = StoredEndpoint { endpoint, sealed_secret, previous_secret: None };
        self.endpoints.create(&stored).await?;
        Ok((stored.endpoint, key))
    }
}

impl EndpointKeeper {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            endpoints: stores.endpoints()?,
            healths: stores.endpoint_healths()?,
            clock: stores.clock(),
        })
    }

    /// The merchant's endpoint as it is now; somebody else's is not found.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(
        &self,
        merchant: &MerchantId,
        id: &EndpointId,
    ) -> Result<Option<StoredEndpoint>, StoreError> {
        self.endpoints.find(merchant, id).await
    }

    /// Puts `changed` in the place of `stored`; writes nothing when nothing is different. Answers the endpoint as it is then.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody changed it since it was read.
    pub async fn change(&self, stored: StoredEndpoint, changed: Endpoint) -> Result<Endpoint, StoreError> {
        if changed == stored.endpoint {
            return Ok(changed);
        }
        let version = stored.endpoint.version.saturating_add(1);
        let changed_at = Some(self.clock.now());
        let next = StoredEndpoint { endpoint: Endpoint { version, changed_at, ..changed }, ..stored };
        self.endpoints.replace(&next).await?;
        Ok(next.endpoint)
    }

    /// Deletes an endpoint with its key, then forgets how it did. What is still to be delivered to it is given up when its turn
    /// comes.
    ///
    /// # Errors
    /// As [`EndpointKeeper::change`].
    pub async fn delete(&self, endpoint: &Endpoint) -> Result<(), StoreError> {
        self.endpoints.delete(endpoint).await?;
        self.healths.forget(&endpoint.merchant_id, &endpoint.id).await
    }
}
