//! Who listens for webhooks on the stage.

use paywarden_domain::id::EndpointId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::{Endpoint, EndpointStatus, EventType};
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
        let endpoint = Endpoint {
            id: EndpointId::mint(self.clock.now(), self.entropy.as_ref()),
            merchant_id: merchant.id.clone(),
            url: "https://shop.example/hooks".to_owned(),
            events: events.to_vec(),
            description: None,
            status,
            created_at: self.clock.now(),
        };
        let stored = StoredEndpoint { endpoint, sealed_secret: "sealed".to_owned() };
        self.endpoints().create(&stored).await.expect("the endpoint is new");
        stored.endpoint.id
    }
}
