//! A merchant with one provider, and everybody who touches it: each is a new process with a hall of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use paywarden_domain::actor::Actor;
use paywarden_domain::fields::Fields;
use paywarden_domain::id::ProviderId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::change::Change;
use paywarden_domain::provider::monitor::Tally;
use paywarden_domain::provider::{PATH_TOKEN, Provider, ProviderStatus, ProviderType, Standing};
use paywarden_domain::time::Clock;
use paywarden_providers::{Credentials, adapter};
use paywarden_roster::keeper::Keeper;
use paywarden_roster::monitor::Monitor;
use paywarden_roster::order::OrderError;
use paywarden_roster::renewal::{self, RenewError, Renewal, Sealer};
use paywarden_roster::settings;
use paywarden_store::StoreError;
use paywarden_store::providers::StoredProvider;
use paywarden_store::vault::{Context, Opener};
use paywarden_testing::{TestStage, builders};
use serde_json::{Value, json};

pub struct Workshop {
    pub stage: TestStage,
    pub merchant: Merchant,
    pub id: ProviderId,
}

impl Workshop {
    /// Without a provider yet. Its callbacks will come to an address with a token.
    pub async fn open() -> Arc<Self> {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let id = builders::provider(&merchant, ProviderType::Brick).id;
        Arc::new(Self { stage, merchant, id })
    }

    pub async fn with_provider() -> Arc<Self> {
        let workshop = Self::open().await;
        workshop.add().await.unwrap();
        workshop
    }

    pub fn keeper(&self) -> Keeper {
        Keeper::of(&self.stage.stores()).unwrap()
    }

    /// Adds the provider, as the API does.
    pub async fn add(&self) -> Result<(), StoreError> {
        self.add_this(builders::provider(&self.merchant, ProviderType::Brick)).await
    }

    /// Adds a provider of this kind.
    pub async fn add_this(&self, mut provider: Provider) -> Result<(), StoreError> {
        let given = [("client_id", "shop"), ("client_secret", "the secret before")];
        let given = given.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let sealer = Sealer::of(&self.stage.stores()).unwrap();
        let sealed = sealer.seal_first(&mut provider, Credentials::new(BTreeMap::from(given))).await?;
        let stored = StoredProvider { provider, sealed_credentials: sealed.credentials };
        self.keeper().add(&stored, Actor::Operator).await
    }

    pub async fn find(&self) -> Result<StoredProvider, StoreError> {
        Ok(self.keeper().find(&self.merchant.id, &self.id).await?.expect("the provider is there"))
    }

    /// Changes what the body names, as the API does.
    pub async fn change(&self, body: &Value) -> Result<Provider, StoreError> {
        let stored = self.find().await?;
        let (mut changed, renewal) = read(&stored.provider, body);
        let sealed = match renewal {
            None => stored.sealed_credentials.clone(),
            Some(renewal) => self.renew(&stored, &mut changed, renewal).await?,
        };
        self.keeper().change(&stored, changed, sealed, Actor::Operator).await
    }

    /// Puts the provider first, as the API does.
    pub async fn order(&self) -> Result<(), StoreError> {
        let ids = std::slice::from_ref(&self.id);
        match self.keeper().order(&self.merchant.id, ids, &Actor::Operator).await {
            Ok(_) => Ok(()),
            Err(OrderError::Store(error)) => Err(error),
            Err(OrderError::NotThere(id)) => panic!("{id} is there"),
        }
    }

    async fn renew(
        &self,
        stored: &StoredProvider,
        changed: &mut Provider,
        renewal: Renewal,
    ) -> Result<String, StoreError> {
        let sealer = Sealer::of(&self.stage.stores()).unwrap();
        match sealer.renew(stored, changed, renewal).await {
            Ok(sealed) => Ok(sealed.credentials),
            Err(RenewError::Store(error)) => Err(error),
            Err(RenewError::Invalid(invalid)) => panic!("{invalid}"),
        }
    }

    /// Sets the status by hand, as the API does.
    pub async fn set(&self, status: ProviderStatus, pinned: bool) -> Result<Provider, StoreError> {
        let (by, at) = (Actor::Operator, self.stage.clock.now());
        let standing = Standing { status, pinned, by, at, reason: "by hand".to_owned() };
        self.keeper().set_standing(self.find().await?, standing, None).await
    }

    /// Counts payments that came to an end, as whoever applies reports does.
    pub async fn traffic(&self, succeeded: u32, failed: u32) -> Result<(), StoreError> {
        let tally = Tally { received: succeeded + failed, succeeded, failed, ..Tally::default() };
        self.stage.stores().health().unwrap().record(&self.id, &tally).await
    }

    /// Looks at every provider once.
    pub async fn watch(&self) -> Result<(), StoreError> {
        Monitor::of(&self.stage.stores()).unwrap().run().await
    }

    /// Minutes of traffic, each followed by a look.
    pub async fn minutes(&self, count: usize, succeeded: u32, failed: u32) {
        for _ in 0..count {
            self.traffic(succeeded, failed).await.unwrap();
            self.stage.clock.advance_seconds(60);
            self.watch().await.unwrap();
        }
    }

    /// So much failed in each of the last minutes that the next look takes the provider out. What is usual is known.
    pub async fn failing(&self) {
        self.traffic(200, 0).await.unwrap();
        self.stage.clock.advance_seconds(60);
        self.watch().await.unwrap();
        self.stage.clock.advance_seconds(35 * 60);
        self.watch().await.unwrap();
        self.minutes(2, 0, 20).await;
        self.traffic(0, 20).await.unwrap();
        self.stage.clock.advance_seconds(60);
    }

    /// Payments with the provider that are open longer than they normally are.
    pub async fn add_stuck(&self, count: usize) {
        for number in 0..count {
            let mut draft = builders::draft(&format!("INV{number}"));
            draft.provider = Some(builders::provider(&self.merchant, ProviderType::Brick).binding());
            draft.created_at = Some(builders::at("2026-11-19T08:00:00Z"));
            self.stage.add_transaction(&self.merchant, draft).await;
        }
    }

    pub async fn latest(&self) -> Provider {
        self.find().await.unwrap().provider
    }

    /// The changes, oldest first. Each is one version on from the one before.
    pub async fn history(&self) -> Vec<Change> {
        let mut changes = self.stage.providers().history(&self.id, None, 100).await.unwrap().changes;
        changes.reverse();
        let versions: Vec<u64> = changes.iter().map(|change| change.version).collect();
        assert_eq!(versions, (1..=self.latest().await.version).collect::<Vec<_>>());
        changes
    }

    /// What monitoring remembers, as it is written down.
    pub async fn memory(&self) -> Value {
        json!(self.stage.health().memory(&self.id).await.unwrap())
    }

    /// The credentials as whoever checks callbacks opens them.
    pub async fn credentials(&self) -> Value {
        let context = Context::provider(&self.merchant.id, &self.id);
        let stored = self.find().await.unwrap();
        let opened = self.stage.vault.open(&context, &stored.sealed_credentials).await.unwrap();
        serde_json::from_str(&opened).unwrap()
    }

    /// Everything that is left. Of the tokens, which chance makes, only that what is shown is of the one that goes.
    pub async fn left(&self) -> Value {
        let mut left = json!({
            "provider": self.latest().await,
            "credentials": self.credentials().await,
            "history": self.history().await,
            "memory": self.memory().await,
            "minutes": self.stage.health().minutes(&self.id, 0).await.unwrap(),
            "shown": self.stage.health().observed(&self.id).await.unwrap().stuck,
            "rows": self.stage.count("ProvidersTable"),
        });
        let token = left["credentials"]["current"][PATH_TOKEN].take();
        let last4 = left["provider"]["credentials"][PATH_TOKEN]["last4"].take();
        assert!(token.as_str().unwrap().ends_with(last4.as_str().unwrap()), "{token} {last4}");
        if let Some(previous) = left["credentials"].pointer_mut("/previous/credentials") {
            previous[PATH_TOKEN].take();
        }
        left
    }
}

fn read(current: &Provider, body: &Value) -> (Provider, Option<Renewal>) {
    let fields = Fields::of(body).unwrap();
    let (mut changed, adapter) = (current.clone(), adapter(current.provider_type));
    settings::read_into(&mut changed, &fields, adapter.profile().services).unwrap();
    let renewal = renewal::read(&fields, adapter).unwrap();
    fields.finish().unwrap();
    (changed, renewal)
}
