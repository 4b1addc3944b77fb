//! Endpoints as the API shows them: what they are set to, and how they do.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use paywarden_domain::id::MerchantId;
use paywarden_domain::time::{Clock, Timestamp, Zone};
use paywarden_domain::webhook::signing::SigningKey;
use paywarden_domain::webhook::{Endpoint, Health};
use paywarden_store::StoreError;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Deliveries, Healths};
use serde_json::{Value, json};

/// Endpoints whose parked deliveries are counted at the same time.
const CONCURRENCY: usize = 10;

/// Shows endpoints.
pub struct EndpointView {
    healths: Healths,
    deliveries: Deliveries,
    clock: Arc<dyn Clock>,
}

impl EndpointView {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            healths: stores.endpoint_healths()?,
            deliveries: stores.deliveries()?,
            clock: stores.clock(),
        })
    }

    /// One endpoint.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn show(&self, endpoint: &Endpoint, zone: &Zone) -> Result<Value, StoreError> {
        let health = self.healths.find(&endpoint.merchant_id, &endpoint.id, false).await?.health;
        self.show_with(endpoint, &health, zone).await
    }

    /// Several endpoints of a merchant, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn show_each(
        &self,
        merchant: &MerchantId,
        endpoints: &[Endpoint],
        zone: &Zone,
    ) -> Result<Vec<Value>, StoreError> {
        let healths: BTreeMap<_, _> = self.healths.list(merchant).await?.into_iter().collect();
        let unknown = Health::default();
        let showing: Vec<_> = endpoints
            .iter()
            .map(|endpoint| {
                let health = healths.get(&endpoint.id).map_or(&unknown, |stored| &stored.health);
                self.show_with(endpoint, health, zone)
            })
            .collect();
        futures::stream::iter(showing).buffered(CONCURRENCY).try_collect().await
    }

    async fn show_with(
        &self,
        endpoint: &Endpoint,
        health: &Health,
        zone: &Zone,
    ) -> Result<Value, StoreError> {
        let parked = self.deliveries.count_parked(&endpoint.id).await?;
        Ok(shown(endpoint, health, parked, self.clock.now(), zone))
    }
}

/// An endpoint that was told nothing yet.
#[must_use]
pub fn show_new(endpoint: &Endpoint, zone: &Zone) -> Value {
    shown(endpoint, &Health::default(), 0, endpoint.created_at, zone)
}

/// What is shown of an endpoint, with what its receiver needs to verify: once, to whoever had it made.
#[must_use]
pub fn with_secret(mut shown: Value, key: &SigningKey) -> Value {
    if let Value::Object(members) = &mut shown {
        members.insert("secret".to_owned(), json!(key.shared_secret()));
    }
    shown
}

fn shown(endpoint: &Endpoint, health: &Health, parked: u64, now: Timestamp, zone: &Zone) -> Value {
    let mut shown = endpoint.to_json(zone);
    if let Value::Object(members) = &mut shown {
        members.insert("health".to_owned(), health.to_json(parked, now, zone));
    }
    shown
}
