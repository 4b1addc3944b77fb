//! Keeping providers: each write carries the line of its history, and happens only to the version that was seen.

use std::sync::Arc;

use paywarden_domain::actor::Actor;
use paywarden_domain::id::{MerchantId, ProviderId};
use paywarden_domain::provider::change::Change;
use paywarden_domain::provider::{Provider, Standing};
use paywarden_domain::time::Clock;
use paywarden_store::StoreError;
use paywarden_store::dynamo::Companion;
use paywarden_store::providers::{Providers, StoredProvider};
use paywarden_store::stores::{InvalidVariable, Stores};
use serde_json::Value;

/// Keeps providers.
pub struct Keeper {
    pub(crate) providers: Providers,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Keeper {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { providers: stores.providers()?, clock: stores.clock() })
    }

    /// How many providers the merchant has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count(&self, merchant: &MerchantId) -> Result<usize, StoreError> {
        Ok(self.providers.list(merchant).await?.len())
    }

    /// The merchant's provider as it is now; somebody else's is not found.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(
        &self,
        merchant: &MerchantId,
        id: &ProviderId,
    ) -> Result<Option<StoredProvider>, StoreError> {
        self.providers.find_latest(merchant, id).await
    }

    /// Adds a provider.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add(&self, stored: &StoredProvider, by: Actor) -> Result<(), StoreError> {
        self.providers.create(stored, &Change::between(None, &stored.provider, by, None)).await
    }

    /// Puts `changed`, with its credentials, in the place of `stored`; writes nothing when nothing is different. Answers the
    /// provider as it is then.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody changed it since it was read.
    pub async fn change(
        &self,
        stored: &StoredProvider,
        changed: Provider,
        sealed_credentials: String,
        by: Actor,
    ) -> Result<Provider, StoreError> {
        if changed == stored.provider && sealed_credentials == stored.sealed_credentials {
            return Ok(changed);
        }
        let next = StoredProvider { provider: changed.changed(self.clock.now()), sealed_credentials };
        let change = Change::between(Some(&stored.provider), &next.provider, by, None);
        self.providers.replace(&next, stored.provider.version, &change).await?;
        Ok(next.provider)
    }

    /// Deletes a provider. Whoever asks has made sure that nothing needs it.
    ///
    /// # Errors
    /// As [`Keeper::change`].
    pub async fn delete(&self, provider: &Provider, by: Actor) -> Result<(), StoreError> {
        let change = Change::deletion(provider, by, self.clock.now());
        self.providers.delete(provider, &change).await
    }

    /// Gives a provider another standing; a decision that is the same as the one before writes nothing. What monitoring
    /// decides comes with the numbers behind it and what it remembers of it. Answers the provider as it is then.
    ///
    /// # Errors
    /// As [`Keeper::change`].
    pub async fn set_standing(
        &self,
        stored: StoredProvider,
        standing: Standing,
        monitored: Option<(&Value, Companion)>,
    ) -> Result<Provider, StoreError> {
        if is_same(&stored.provider.standing, &standing) {
            return Ok(stored.provider);
        }
        let (by, at) = (standing.by.clone(), standing.at);
        let provider = Provider { standing, ..stored.provider.clone() }.changed(at);
        let next = StoredProvider { provider, sealed_credentials: stored.sealed_credentials.clone() };
        let (numbers, memory) = monitored.unzip();
        let change = Change::between(Some(&stored.provider), &next.provider, by, numbers);
        self.providers.replace_with(&next, stored.provider.version, &change, memory).await?;
        Ok(next.provider)
    }
}

/// Whether nothing would be different. What automation decided is different once a person decides it: automation leaves
/// that alone.
fn is_same(old: &Standing, new: &Standing) -> bool {
    old.status == new.status
        && old.pinned == new.pinned
        && old.reason == new.reason
        && old.by != Actor::Automation
}
