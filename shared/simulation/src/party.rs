//! A merchant of the world: with its providers, its endpoints, and secrets that must never be seen anywhere.

use paywarden_domain::actor::Actor;
use paywarden_domain::id::{DeliveryId, EndpointId, ProviderId};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::settlement::{ClockTime, Settlement};
use paywarden_domain::provider::{Connection, Provider, Terms};
use paywarden_domain::vocabulary::Service;
use paywarden_domain::webhook::Endpoint;
use paywarden_domain::webhook::signature::SigningSecret;
use paywarden_store::providers::StoredProvider;
use paywarden_store::vault::{Context, Vault};
use paywarden_store::webhooks::StoredEndpoint;
use paywarden_testing::{TestStage, builders};
use paywarden_webhooks::news::Announcement;
use serde_json::{Value, json};

use crate::receivers::{Manner, Receivers};
use crate::words::Speaker;

/// Stands in every secret of the world, so that one search finds any of them.
pub const MARK: &str = "sEcReT";

/// When the books of a day close: of the day on which a world begins, soon after it does.
const CLOSING_TIME: &str = "15:20";

/// What providers prove themselves with.
#[derive(Debug, Clone)]
pub struct Keys {
    pub xendit: String,
    pub midtrans: String,
    pub generic: String,
}

impl Keys {
    fn of(name: &str) -> Self {
        Self {
            xendit: format!("xnd-{MARK}-{name}"),
            midtrans: format!("Mid-{MARK}-{name}"),
            generic: signing_secret("hear", name),
        }
    }

    fn credentials(&self, speaker: Speaker) -> Value {
        match speaker {
            Speaker::Xendit => json!({"callback_token": self.xendit}),
            Speaker::Midtrans => json!({"server_key": self.midtrans}),
            Speaker::Generic => json!({"signing_secret": self.generic}),
        }
    }
}

/// A secret of Standard Webhooks whose text has the mark in it: 24 bytes are 32 characters.
fn signing_secret(purpose: &str, name: &str) -> String {
    format!("{}{:A<32}", SigningSecret::PREFIX, format!("{MARK}{purpose}{name}"))
}

/// An endpoint, and how whoever is behind it behaves.
#[derive(Debug, Clone)]
pub struct Address {
    pub id: EndpointId,
    pub manner: Manner,
    pub secret: SigningSecret,
}

impl Address {
    /// The delivery that tells it of something.
    #[must_use]
    pub fn delivery_of(&self, news: &Announcement<'_>) -> DeliveryId {
        DeliveryId::of(&self.id, news.subject, news.version, news.at)
    }
}

/// A merchant and what belongs to it.
pub struct Party {
    /// Which of the two it is.
    pub place: usize,
    pub name: &'static str,
    pub merchant: Merchant,
    pub keys: Keys,
    /// In the order of [`Speaker::ALL`].
    providers: Vec<StoredProvider>,
    pub addresses: Vec<Address>,
}

impl Party {
    /// Opens one on a stage. Its providers' ids are in the order of [`Speaker::ALL`] whoever it is: where two payments are
    /// equal in everything else the ids decide, and two merchants are to be compared.
    pub async fn open(
        stage: &TestStage,
        (place, name): (usize, &'static str),
        manners: &[Manner],
        receivers: &Receivers,
    ) -> Self {
        let merchant = stage.add_merchant(name).await;
        let keys = Keys::of(name);
        let mut ids: Vec<ProviderId> = Speaker::ALL
            .iter()
            .map(|speaker| ProviderId::derived("simulation", &[name.as_bytes(), &[*speaker as u8]]))
            .collect();
        ids.sort();
        let mut providers = Vec::new();
        for (id, speaker) in ids.into_iter().zip(Speaker::ALL) {
            let provider = provider(&merchant, id, speaker);
            stage.add_this_provider(provider.clone(), &keys.credentials(speaker)).await;
            let stored = stage.providers().find_latest(&merchant.id, &provider.id).await;
            providers.push(stored.expect("the table answers").expect("the provider was added"));
        }
        let mut addresses = Vec::new();
        for (number, manner) in manners.iter().enumerate() {
            addresses.push(address(stage, &merchant, (name, number), manner, receivers).await);
        }
        Self { place, name, merchant, keys, providers, addresses }
    }

    /// The provider that speaks so.
    #[must_use]
    pub fn provider(&self, speaker: Speaker) -> &StoredProvider {
        &self.providers[speaker as usize]
    }

    /// What it charges.
    #[must_use]
    pub fn terms_of(&self, id: &ProviderId) -> Terms {
        let provider = self.providers.iter().find(|stored| stored.provider.id == *id);
        provider.map(|stored| stored.provider.terms()).unwrap_or_default()
    }

    /// What people call the provider of this id.
    #[must_use]
    pub fn name_of(&self, id: &ProviderId) -> String {
        let provider = self.providers.iter().find(|stored| stored.provider.id == *id);
        provider.map_or_else(|| id.to_string(), |stored| stored.provider.name.clone())
    }

    /// All ids that are this merchant's from the start.
    pub fn ids(&self) -> impl Iterator<Item = String> {
        let providers = self.providers.iter().map(|stored| stored.provider.id.to_string());
        let endpoints = self.addresses.iter().map(|address| address.id.to_string());
        std::iter::once(self.merchant.id.to_string()).chain(providers).chain(endpoints)
    }
}

fn provider(merchant: &Merchant, id: ProviderId, speaker: Speaker) -> Provider {
    let provider_type = speaker.provider_type();
    let settlement = Settlement {
        time: ClockTime::parse(CLOSING_TIME).expect("a time of day"),
        zone: merchant.zone.clone(),
        lag_days: 1,
    };
    let provider = builders::charging(Provider::new(
        id,
        merchant.id.clone(),
        (provider_type, Connection::Aggregator),
        provider_type.to_string(),
        Service::ALL.to_vec(),
        Actor::Operator,
        builders::at("2026-01-01T00:00:00Z"),
    ));
    Provider { settlement: Some(settlement), ..provider }
}

async fn address(
    stage: &TestStage,
    merchant: &Merchant,
    (name, number): (&str, usize),
    manner: &Manner,
    receivers: &Receivers,
) -> Address {
    let key = format!("{name}{number}");
    let id = EndpointId::derived("simulation", &[key.as_bytes()]);
    let secret = signing_secret("tell", &key);
    let context = Context::endpoint(&merchant.id, &id);
    let sealed_secret = stage.vault.seal(&context, &secret).await.expect("the vault in memory seals");
    let (url, created_at) = (receivers.open_at(&id, manner), builders::at("2026-01-01T00:00:00Z"));
    let endpoint = Endpoint::new(id.clone(), merchant.id.clone(), url, manner.events.clone(), created_at);
    let stored = StoredEndpoint { endpoint, sealed_secret, previous_secret: None };
    stage.endpoints().create(&stored).await.expect("the endpoint is new");
    let secret = SigningSecret::parse(&secret).expect("the secret was made to be one");
    Address { id, manner: manner.clone(), secret }
}
