//! A provider as it is shown: its configuration with what was observed of it and the address of its callbacks.

use paywarden_domain::provider::record::{Observed, to_json};
use paywarden_domain::provider::{PATH_TOKEN, Provider};
use paywarden_domain::time::Zone;
use paywarden_store::StoreError;
use paywarden_store::health::Health;
use paywarden_store::stores::{InvalidVariable, Stores};
use serde_json::Value;

/// Shows providers. It opens no secret.
pub struct ProviderView {
    health: Health,
}

impl ProviderView {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { health: stores.health()? })
    }

    /// The provider, for people in a zone who reach the API at `api_url`. The token of its callbacks' address stands in it
    /// only where it is given.
    ///
    /// # Errors
    /// When what was observed cannot be read.
    pub async fn show(
        &self,
        provider: &Provider,
        zone: &Zone,
        api_url: &str,
        token: Option<&str>,
    ) -> Result<Value, StoreError> {
        let observed = self.health.observed(&provider.id).await?;
        Ok(to_json(provider, &observed, &callback_url(api_url, provider, token), zone))
    }
}

/// A provider that was added just now, of which nothing was observed yet.
#[must_use]
pub fn show_new(provider: &Provider, zone: &Zone, api_url: &str, token: Option<&str>) -> Value {
    to_json(provider, &Observed::default(), &callback_url(api_url, provider, token), zone)
}

/// The address of a provider's callbacks. Where it carries a token that nobody may guess, the token stands in it only when
/// it is given; else a placeholder does.
fn callback_url(api_url: &str, provider: &Provider, token: Option<&str>) -> String {
    let url = format!("{api_url}/callbacks/{}", provider.id);
    match token {
        Some(token) => format!("{url}/{token}"),
        None if provider.credentials.contains_key(PATH_TOKEN) => format!("{url}/{{token}}"),
        None => url,
    }
}
