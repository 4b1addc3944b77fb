//! Providers on the stage, and what their table's stream tells.

use aws_lambda_events::event::dynamodb::Event;
use paywarden_domain::actor::Actor;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::change::Change;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::time::Clock;
use paywarden_store::providers::StoredProvider;
use paywarden_store::vault::{Context, Vault};
use serde_json::json;

use super::TestStage;
use crate::builders;

impl TestStage {
    /// Adds a provider of this type with credentials, sealed as the store keeps them, and answers it.
    pub async fn add_provider(
        &self,
        merchant: &Merchant,
        provider_type: ProviderType,
        credentials: &serde_json::Value,
    ) -> Provider {
        self.add_this_provider(builders::provider(merchant, provider_type), credentials).await
    }

    /// Adds a provider that was made by hand, and answers it.
    pub async fn add_this_provider(&self, provider: Provider, credentials: &serde_json::Value) -> Provider {
        let context = Context::provider(&provider.merchant_id, &provider.id);
        let sealed = self.vault.seal(&context, &json!({"current": credentials}).to_string()).await;
        let stored = StoredProvider {
            provider: provider.clone(),
            sealed_credentials: sealed.expect("the vault in memory seals"),
        };
        let change = Change::between(None, &provider, Actor::Operator, None);
        self.providers().create(&stored, &change).await.expect("the provider is new");
        provider
    }

    /// Renames a provider, so that its history grows.
    pub async fn rename_provider(&self, provider: &Provider, name: &str) {
        let stored = self.providers().find_latest(&provider.merchant_id, &provider.id).await;
        let stored = stored.expect("the table answers").expect("the provider is there");
        let version = stored.provider.version;
        let renamed = Provider { name: name.to_owned(), ..stored.provider.clone() };
        let renamed = renamed.changed(self.clock.now());
        let change = Change::between(Some(&stored.provider), &renamed, Actor::Operator, None);
        let next = StoredProvider { provider: renamed, ..stored };
        self.providers().replace(&next, version, &change).await.expect("the provider is as it was");
    }

    /// Everything the providers table's stream has told so far, as Lambda gets it.
    #[must_use]
    pub fn provider_changes(&self) -> Event {
        self.changes("ProvidersTable", None)
    }
}
