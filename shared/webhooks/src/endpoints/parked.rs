//! What is parked of an endpoint that is told again, or is gone: it is let go.

use std::sync::Arc;

use paywarden_domain::webhook::Endpoint;
use paywarden_store::StoreError;
use paywarden_store::queue::Queue;
use paywarden_store::stores::{InvalidVariable, Stores};

use crate::drain;

/// Has it let go.
pub struct Release {
    retries: Arc<dyn Queue>,
}

impl Release {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { retries: stores.webhook_retries()? })
    }

    /// Asks for it, behind the write that it is about. Asking twice does no harm.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask(&self, endpoint: &Endpoint) -> Result<(), StoreError> {
        self.retries.send(drain::errand(&endpoint.merchant_id, &endpoint.id)).await
    }
}
