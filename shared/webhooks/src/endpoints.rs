//! Endpoints as merchants add them.

use std::sync::Arc;

use paywarden_domain::entropy::Entropy;
use paywarden_domain::id::{EndpointId, MerchantId};
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::signature::SigningSecret;
use paywarden_domain::webhook::{Endpoint, EventType};
use paywarden_store::StoreError;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::vault::{Context, Vault};
use paywarden_store::webhooks::{Endpoints, StoredEndpoint};

/// Adds endpoints.
pub struct EndpointKeeper {
    endpoints: Endpoints,
    vault: Arc<dyn Vault>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// An endpoint as it is wanted; its address has been checked.
pub struct Wanted {
    pub url: String,
    /// What it wants to know.
    pub events: Vec<EventType>,
    /// What people call it.
    pub description: Option<String>,
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

impl EndpointKeeper {
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

    /// Adds an endpoint. Its signing secret is made and sealed here; the answer is the only one that shows it.
    ///
    /// # Errors
    /// [`AddError`].
    pub async fn add(
        &self,
        merchant: &MerchantId,
        wanted: Wanted,
    ) -> Result<(Endpoint, SigningSecret), AddError> {
        if self.endpoints.list(merchant).await?.len() >= Endpoint::LIMIT {
            return Err(AddError::TooMany);
        }
        let now = self.clock.now();
        let id = EndpointId::mint(now, self.entropy.as_ref());
        let endpoint = Endpoint {
            description: wanted.description,
            ..Endpoint::new(id, merchant.clone(), wanted.url, wanted.events, now)
        };
        let secret = SigningSecret::generate(self.entropy.as_ref());
        let context = Context::endpoint(merchant, &endpoint.id);
        let sealed_secret = self.vault.seal(&context, &secret.reveal()).await?;
        self.endpoints
            .create(&StoredEndpoint { endpoint: endpoint.clone(), sealed_secret, previous_secret: None })
            .await?;
        Ok((endpoint, secret))
    }
}
