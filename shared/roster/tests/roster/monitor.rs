//! Monitoring, minute by minute: traffic is counted as whoever applies reports counts it.

use paywarden_domain::actor::Actor;
use paywarden_domain::provider::ProviderStatus;
use paywarden_domain::provider::change::ChangeKind;
use paywarden_testing::builders;

use crate::workshop::Workshop;

#[tokio::test]
async fn an_outage_takes_the_provider_out_and_its_end_lets_it_in_again() {
    let workshop = Workshop::with_provider().await;
    workshop.minutes(60, 6, 0).await;
    assert_eq!(workshop.latest().await.version, 1);
    workshop.minutes(20, 0, 6).await;
    let out = workshop.latest().await;
    assert_eq!((out.status(), &out.standing.by), (ProviderStatus::Maintenance, &Actor::Automation));
    let history = workshop.history().await;
    let change = history.last().unwrap();
    assert!(change.numbers.as_deref().unwrap().contains("failed_per_mille"), "{change:?}");
    workshop.minutes(30, 6, 0).await;
    let back = workshop.latest().await;
    assert_eq!(
        (back.status(), back.standing.reason.as_str()),
        (ProviderStatus::Active, "traffic is as usual again")
    );
}

#[tokio::test]
async fn a_pinned_provider_stays_as_it_is() {
    let workshop = Workshop::with_provider().await;
    workshop.minutes(60, 6, 0).await;
    workshop.set(ProviderStatus::Active, true).await.unwrap();
    assert_eq!(workshop.history().await.last().unwrap().kind, ChangeKind::Updated);
    workshop.minutes(30, 0, 6).await;
    let pinned = workshop.latest().await;
    assert_eq!((pinned.status(), pinned.version), (ProviderStatus::Active, 2));
}

#[tokio::test]
async fn trouble_begins_where_the_merchant_says() {
    let workshop = Workshop::with_provider().await;
    let body = serde_json::json!({"monitoring": {"least_outcomes": 10_000}});
    let changed = workshop.merchant.with_changes(&body).unwrap().changed(workshop.stage.clock().now());
    workshop.stage.merchants().replace(&changed, workshop.merchant.version).await.unwrap();
    workshop.minutes(60, 6, 0).await;
    workshop.minutes(20, 0, 6).await;
    assert_eq!(workshop.latest().await.status(), ProviderStatus::Active);
}

#[tokio::test]
async fn stuck_payments_are_counted_per_provider() {
    let workshop = Workshop::with_provider().await;
    workshop.add_stuck(3).await;
    let mut fresh = builders::draft("FRESH");
    fresh.provider = Some(workshop.latest().await.binding());
    workshop.stage.add_transaction(&workshop.merchant, fresh).await;
    workshop.watch().await.unwrap();
    let stuck = workshop.stage.health().observed(&workshop.id).await.unwrap().stuck.unwrap();
    assert_eq!((stuck.count, stuck.at_least), (3, false));
}

#[tokio::test]
async fn an_idle_provider_costs_no_write() {
    let workshop = Workshop::with_provider().await;
    for _ in 0..10 {
        workshop.stage.clock.advance_seconds(60);
        workshop.watch().await.unwrap();
    }
    assert_eq!(workshop.stage.count("ProviderHealthTable"), 0);
}

#[tokio::test]
async fn a_provider_that_cannot_be_read_keeps_no_other_from_being_watched() {
    let workshop = Workshop::with_provider().await;
    let other = builders::provider(&workshop.merchant, paywarden_domain::provider::ProviderType::Midtrans);
    let other = workshop.stage.add_this_provider(other, &serde_json::json!({})).await;
    workshop.stage.spoil("ProvidersTable", "type", |item| item["id"]["S"] == other.id.as_str());
    workshop.minutes(60, 6, 0).await;
    workshop.minutes(20, 0, 6).await;
    assert_eq!(workshop.latest().await.status(), ProviderStatus::Maintenance);
}
