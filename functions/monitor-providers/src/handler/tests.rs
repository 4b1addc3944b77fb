//! Against the real store code on an in-process DynamoDB: traffic is written as the other functions write it.

use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::monitor::Tally;
use paywarden_domain::provider::{ProviderStatus, ProviderType, Standing};
use paywarden_testing::{TestStage, builders, events};
use serde_json::json;

use super::*;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    provider: Provider,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let deps = Deps {
            merchants: stage.merchants(),
            providers: stage.providers(),
            health: stage.health(),
            transactions: stage.transactions(),
            clock: stage.clock(),
        };
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let provider = stage.add_provider(&merchant, ProviderType::Xendit, &json!({})).await;
        Self { stage, deps, merchant, provider }
    }

    /// Minutes of traffic, each followed by a run.
    async fn minutes(&self, count: usize, succeeded: u32, failed: u32) {
        for _ in 0..count {
            let tally = Tally { received: succeeded + failed, succeeded, failed, ..Tally::default() };
            self.deps.health.record(&self.provider.id, &tally).await.unwrap();
            self.stage.clock.advance_seconds(60);
            handle(&self.deps).await.unwrap();
        }
    }

    async fn latest(&self) -> Provider {
        let stored = self.deps.providers.find_latest(&self.merchant.id, &self.provider.id).await;
        stored.unwrap().unwrap().provider
    }
}

#[tokio::test]
async fn an_outage_takes_the_provider_out_and_its_end_lets_it_in_again() {
    let fixture = Fixture::new().await;
    fixture.minutes(60, 6, 0).await;
    assert_eq!(fixture.latest().await.version, 1);
    fixture.minutes(20, 0, 6).await;
    let out = fixture.latest().await;
    assert_eq!((out.status(), &out.standing.by), (ProviderStatus::Maintenance, &Actor::Automation));
    let history = fixture.deps.providers.history(&fixture.provider.id, None, 1).await.unwrap();
    let change = history.changes.first().unwrap();
    assert!(change.numbers.as_deref().unwrap().contains("failed_per_mille"), "{change:?}");
    fixture.minutes(30, 6, 0).await;
    let back = fixture.latest().await;
    assert_eq!(
        (back.status(), back.standing.reason.as_str()),
        (ProviderStatus::Active, "traffic is as usual again")
    );
}

#[tokio::test]
async fn a_pinned_provider_stays_as_it_is() {
    let fixture = Fixture::new().await;
    fixture.minutes(60, 6, 0).await;
    let stored = fixture.deps.providers.find_latest(&fixture.merchant.id, &fixture.provider.id).await;
    let stored = stored.unwrap().unwrap();
    let pinned = Standing { pinned: true, ..stored.provider.standing.clone() };
    let next = Provider { standing: pinned, ..stored.provider.clone() }.changed(fixture.stage.clock.now());
    let change = Change::between(Some(&stored.provider), &next, Actor::Operator, None);
    let next = StoredProvider { provider: next, ..stored };
    fixture.deps.providers.replace(&next, 1, &change).await.unwrap();
    fixture.minutes(30, 0, 6).await;
    assert_eq!(
        (fixture.latest().await.status(), fixture.latest().await.version),
        (ProviderStatus::Active, 2)
    );
}

#[tokio::test]
async fn stuck_payments_are_counted_per_provider() {
    let fixture = Fixture::new().await;
    for number in 0..3 {
        let mut draft = builders::draft(&format!("INV{number}"));
        draft.provider = Some(fixture.provider.binding());
        draft.created_at = Some(builders::at("2026-11-19T08:00:00Z"));
        fixture.stage.add_transaction(&fixture.merchant, draft).await;
    }
    let mut fresh = builders::draft("FRESH");
    fresh.provider = Some(fixture.provider.binding());
    fixture.stage.add_transaction(&fixture.merchant, fresh).await;
    handle(&fixture.deps).await.unwrap();
    let stuck = fixture.deps.health.observed(&fixture.provider.id).await.unwrap().stuck.unwrap();
    assert_eq!((stuck.count, stuck.at_least), (3, false));
}

#[tokio::test]
async fn an_idle_provider_costs_no_write() {
    let fixture = Fixture::new().await;
    for _ in 0..10 {
        fixture.stage.clock.advance_seconds(60);
        handle(&fixture.deps).await.unwrap();
    }
    assert_eq!(fixture.stage.count("ProviderHealthTable"), 0);
}

#[tokio::test]
async fn the_sample_is_a_schedules_event() {
    let fixture = Fixture::new().await;
    for _ in events::parsed::<serde_json::Value>("monitor-providers") {
        handle(&fixture.deps).await.unwrap();
    }
}
