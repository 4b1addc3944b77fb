//! A provider as the API answers it: its configuration with what was observed of it and the address of its callbacks.

use paywarden_domain::provider::{Provider, record};
use paywarden_store::StoreError;
use paywarden_store::health::Health;
use serde_json::Value;

use crate::caller::Caller;
use crate::public_url::PublicUrl;
use crate::request::ApiRequest;

/// What showing a provider takes.
pub struct ProviderView {
    /// What was observed.
    pub health: Health,
    /// Where the API is reached.
    pub public_url: PublicUrl,
}

impl ProviderView {
    /// The provider for a caller. The token of its callbacks' address stands in it only where it is given.
    ///
    /// # Errors
    /// When what was observed cannot be read.
    pub async fn show(
        &self,
        request: &ApiRequest,
        caller: &Caller,
        provider: &Provider,
        token: Option<&str>,
    ) -> Result<Value, StoreError> {
        let observed = self.health.observed(&provider.id).await?;
        let url = self.public_url.of_callbacks(request, provider, token);
        Ok(record::to_json(provider, &observed, &url, &caller.zone))
    }
}
