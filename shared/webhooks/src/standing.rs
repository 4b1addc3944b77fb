//! Whether an endpoint is told now.

use futures::try_join;
use paywarden_domain::id::{EndpointId, MerchantId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::{Delivery, EndpointStatus, EventType};
use paywarden_store::StoreError;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Endpoints, Healths, StoredEndpoint, StoredHealth};
use serde::{Deserialize, Serialize};

/// Which endpoint: endpoints are kept with their merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointKey {
    pub merchant_id: MerchantId,
    pub endpoint_id: EndpointId,
}

impl EndpointKey {
    pub(crate) fn of(delivery: &Delivery) -> Self {
        Self { merchant_id: delivery.merchant_id.clone(), endpoint_id: delivery.endpoint_id.clone() }
    }
}

/// An endpoint, and how it does.
pub(crate) struct Standing {
    pub(crate) stored: StoredEndpoint,
    pub(crate) known: StoredHealth,
}

impl Standing {
    pub(crate) fn is_enabled(&self) -> bool {
        self.stored.endpoint.status == EndpointStatus::Enabled
    }

    /// Whether its breaker is open: it is spared, but for a probe now and then.
    pub(crate) fn is_spared(&self) -> bool {
        self.known.health.open.is_some()
    }

    /// Whether it has lately let attempts wait.
    pub(crate) fn is_slow(&self, now: Timestamp) -> bool {
        self.known.health.is_slow(now)
    }

    /// Whether it is told of this. Somebody who tries it out wants to see what it answers, and it counts as a probe.
    pub(crate) fn is_told(&self, event: EventType) -> bool {
        self.is_enabled() && (!self.is_spared() || event == EventType::Test)
    }
}

/// Reads endpoints together with how they do.
pub(crate) struct Standings {
    endpoints: Endpoints,
    healths: Healths,
}

impl Standings {
    pub(crate) fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { endpoints: stores.endpoints()?, healths: stores.endpoint_healths()? })
    }

    /// An endpoint as last written, and how it did a moment ago: enough for an attempt, of which a breaker that has just opened
    /// may let some more through.
    pub(crate) async fn glance(&self, of: &EndpointKey) -> Result<Option<Standing>, StoreError> {
        self.read(of, false).await
    }

    /// Both as last written, for whoever parks what nobody else would find, or lets it go.
    pub(crate) async fn look(&self, of: &EndpointKey) -> Result<Option<Standing>, StoreError> {
        self.read(of, true).await
    }

    async fn read(&self, of: &EndpointKey, consistent: bool) -> Result<Option<Standing>, StoreError> {
        let (stored, known) = try_join!(
            self.endpoints.find(&of.merchant_id, &of.endpoint_id),
            self.healths.find(&of.merchant_id, &of.endpoint_id, consistent),
        )?;
        Ok(stored.map(|stored| Standing { stored, known }))
    }
}
