//! The order in which payments try providers, set for several at once.

use paywarden_domain::actor::Actor;
use paywarden_domain::id::{MerchantId, ProviderId};
use paywarden_domain::provider::Provider;
use paywarden_domain::provider::change::Change;
use paywarden_store::StoreError;
use paywarden_store::providers::StoredProvider;

use crate::keeper::Keeper;

/// Times it is tried anew because somebody changed one of them in between.
const TRIES: usize = 4;

/// Why nothing was ordered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// The merchant has no such provider.
    #[error("there is no provider {0}")]
    NotThere(ProviderId),
    /// The table failed, or others kept writing.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Keeper {
    /// Gives the priorities 1, 2, 3 … to these providers, all or none. Whatever else somebody changes of them meanwhile
    /// stays. Answers them as they are then; the same again writes nothing.
    ///
    /// # Errors
    /// [`OrderError`].
    pub async fn order(
        &self,
        merchant: &MerchantId,
        ids: &[ProviderId],
        by: &Actor,
    ) -> Result<Vec<Provider>, OrderError> {
        for _ in 0..TRIES {
            match self.try_to_order(merchant, ids, by).await {
                Err(OrderError::Store(StoreError::Conflict)) => {}
                ordered => return ordered,
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn try_to_order(
        &self,
        merchant: &MerchantId,
        ids: &[ProviderId],
        by: &Actor,
    ) -> Result<Vec<Provider>, OrderError> {
        let (mut ordered, mut writes) = (Vec::new(), Vec::new());
        for (priority, id) in (1..).zip(ids) {
            let stored = self.find(merchant, id).await?.ok_or_else(|| OrderError::NotThere(id.clone()))?;
            if stored.provider.priority == priority {
                ordered.push(stored.provider);
                continue;
            }
            let provider = Provider { priority, ..stored.provider.clone() }.changed(self.clock.now());
            let change = Change::between(Some(&stored.provider), &provider, by.clone(), None);
            ordered.push(provider.clone());
            writes.push((StoredProvider { provider, ..stored.clone() }, stored.provider.version, change));
        }
        self.providers.replace_all(&writes).await?;
        Ok(ordered)
    }
}
