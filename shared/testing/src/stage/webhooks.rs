//! Who listens for webhooks on the stage.

use paywarden_domain::id::EndpointId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::signing::SigningKey;
use paywarden_domain::webhook::{Endpoint, EndpointStatus, EventType};
use paywarden_store::vault::{Context, Vault};
use paywarden_store::webhooks::StoredEndpoint;

use super::TestStage;

impl TestStage {
    /// Adds a webhook endpoint that wants these events.
    pub async fn add_endpoint(
        &self,
        merchant: &Merchant,
        status: EndpointStatus,
        events: &[EventType],
    ) -> EndpointId {
        let now = self.clock.now();
        let id = EndpointId::mint(now, self.entropy.as_ref());
        let url = "https://shop.example/hooks".to_owned();
        let endpoint =
            Endpoint { status, ..Endpoint::new(id, merchant.id.clone(), url, events.to_vec(), now) };
        let sealed_secret = "sealed".to_owned();
        let stored = StoredEndpoint { endpoint, sealed_secret, previous_secret: None };
        self.endpoints().create(&stored).await.expect("the endpoint is new");
        stored.endpoint.id
    }

    /// Adds this webhook endpoint with a key of its scheme, and answers the key.
    pub async fn add_this_endpoint(&self, endpoint: Endpoint) -> SigningKey {
        let key = SigningKey::generate(endpoint.signature, self.entropy.as_ref());
        let context = Context::endpoint(&endpoint.merchant_id, &endpoint.id);
        let sealed_secret = self.vault.seal(&context, &key.reveal()).await.expect("the vault seals");
        let endpoint = Endpoint { public_key: key.public_key(), ..endpoint };
        let stored = StoredEndpoint { endpoint, sealed_secret, previous_secret: None };
        self.endpoints().create(&stored).await.expect("the endpoint is new");
        key
    }
}
