//! Who lets attempts wait is told beside the others: its first attempts take no worker from theirs.
//! [Why](../../../infra/decisions/0085-who-lets-wait-is-told-beside-the-others.md).

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::join;
use paywarden_domain::time::Clock;
use paywarden_store::StoreError;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Healths, StoredHealth};
use tokio::time::timeout;

use crate::standing::EndpointKey;

/// The time after which an attempt that has no answer yet says so. Most servers have answered in a fraction of it, a new
/// connection included.
const PATIENCE: Duration = Duration::from_secs(1);

/// Notes which endpoints let attempts wait.
pub(crate) struct Waits {
    healths: Healths,
    clock: Arc<dyn Clock>,
}

impl Waits {
    pub(crate) fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { healths: stores.endpoint_healths()?, clock: stores.clock() })
    }

    /// What an attempt comes to. One that waits lets others know, before it has ended. That they do not know is no fault of the
    /// delivery.
    pub(crate) async fn watch<T>(
        &self,
        of: &EndpointKey,
        known: &StoredHealth,
        attempting: impl Future<Output = T>,
    ) -> T {
        let mut attempting = pin!(attempting);
        if let Ok(attempt) = timeout(PATIENCE, attempting.as_mut()).await {
            return attempt;
        }
        let (attempt, noted) = join!(attempting, self.note(of, known));
        if let Err(error) = noted {
            let (endpoint_id, error_detail) = (of.endpoint_id.as_str(), error.to_string());
            tracing::warn!(endpoint_id, error_detail, "an endpoint is slow, and others do not know");
        }
        attempt
    }

    /// Of many that wait at once one writes it down.
    async fn note(&self, of: &EndpointKey, known: &StoredHealth) -> Result<(), StoreError> {
        let now = self.clock.now();
        if !known.health.is_slow_anew(now) {
            return Ok(());
        }
        let read = self.healths.find(&of.merchant_id, &of.endpoint_id, true).await?;
        if !read.health.is_slow_anew(now) {
            return Ok(());
        }
        let slow = read.health.clone().slow(now);
        match self.healths.write(&of.merchant_id, &of.endpoint_id, &read, &slow, read.due).await {
            // Somebody has written this, or something else of it: whoever waits next writes this.
            Err(StoreError::Conflict) => Ok(()),
            other => other,
        }
    }
}
