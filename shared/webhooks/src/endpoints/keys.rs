//! Another key for an endpoint. The one before signs along for a while, so that receivers can take the new one when they like.

use std::sync::Arc;

use paywarden_domain::entropy::Entropy;
use paywarden_domain::id::{EndpointId, MerchantId};
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::Endpoint;
use paywarden_domain::webhook::signing::SigningKey;
use paywarden_store::StoreError;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::vault::{Context, Vault};
use paywarden_store::webhooks::{Endpoints, PreviousSecret, StoredEndpoint};

/// Gives endpoints other keys.
pub struct Rotator {
    endpoints: Endpoints,
    vault: Arc<dyn Vault>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Rotator {
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

    /// Gives an endpoint another key of its scheme, and answers both.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody changed it since it was read.
    pub async fn rotate(
        &self,
        stored: StoredEndpoint,
        overlap_seconds: i64,
    ) -> Result<(Endpoint, SigningKey), StoreError> {
        let key = SigningKey::generate(stored.endpoint.signature, self.entropy.as_ref());
        let context = Context::endpoint(&stored.endpoint.merchant_id, &stored.endpoint.id);
        // A key that is there already was put there by a try that was cut off.
        if self.vault.open(&context, &stored.sealed_secret).await? == key.reveal() {
            return Ok((stored.endpoint, key));
        }
        let until = Some(overlap_seconds).filter(|seconds| *seconds > 0);
        let until = until.map(|seconds| self.clock.now().plus_seconds(seconds));
        let next = StoredEndpoint {
            endpoint: Endpoint {
                version: stored.endpoint.version.saturating_add(1),
                public_key: key.public_key(),
                previous_secret_until: until,
                ..stored.endpoint
            },
            sealed_secret: self.vault.seal(&context, &key.reveal()).await?,
            previous_secret: until.map(|until| PreviousSecret { sealed: stored.sealed_secret, until }),
        };
        self.endpoints.replace(&next).await?;
        Ok((next.endpoint, key))
    }
}
