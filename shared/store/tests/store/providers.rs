//! Providers with their history, and what is counted of them.

use paywarden_domain::actor::Actor;
use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::change::Change;
use paywarden_domain::provider::monitor::{Memory, Tally, minute_of};
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::time::Timestamp;
use paywarden_store::StoreError;
use paywarden_store::providers::{Providers, StoredProvider};
use paywarden_testing::{TestStage, builders};
use serde_json::json;

async fn renamed(
    providers: &Providers,
    stage: &TestStage,
    current: &Provider,
    name: &str,
) -> Result<Provider, StoreError> {
    let next = Provider { name: name.to_owned(), ..current.clone() }.changed(stage.clock().now());
    let change = Change::between(Some(current), &next, Actor::Operator, None);
    let stored = StoredProvider { provider: next, sealed_credentials: String::new() };
    providers.replace(&stored, current.version, &change).await?;
    Ok(stored.provider)
}

#[tokio::test]
async fn a_provider_and_its_history_are_written_together_or_not_at_all() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("one").await;
    let first = stage.add_provider(&merchant, ProviderType::Xendit, &json!({})).await;
    let providers = stage.providers();
    let second = renamed(&providers, &stage, &first, "second").await.unwrap();
    let outrun = renamed(&providers, &stage, &first, "outrun").await;
    assert_eq!(outrun, Err(StoreError::Conflict));
    let latest = providers.find_latest(&merchant.id, &first.id).await.unwrap().unwrap();
    assert_eq!(latest.provider, second);
    let history = providers.history(&first.id, None, 10).await.unwrap();
    assert_eq!(history.changes.iter().map(|change| change.version).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(stage.count("ProvidersTable"), 3);
}

#[tokio::test]
async fn lists_hold_providers_and_no_history() {
    let stage = TestStage::start().await;
    let (one, other) = (stage.add_merchant("one").await, stage.add_merchant("other").await);
    let xendit = stage.add_provider(&one, ProviderType::Xendit, &json!({})).await;
    stage.add_provider(&other, ProviderType::Xendit, &json!({})).await;
    let providers = stage.providers();
    let xendit = renamed(&providers, &stage, &xendit, "renamed").await.unwrap();
    assert_eq!(providers.list(&one.id).await.unwrap(), [xendit]);
    assert_eq!(providers.all().await.unwrap().len(), 2);
}

fn received(count: u32) -> Tally {
    Tally { received: count, ..Tally::default() }
}

fn provider() -> ProviderId {
    builders::provider(&builders::merchant("one"), ProviderType::Xendit).id
}

#[tokio::test]
async fn a_process_writes_once_a_minute_and_loses_no_count() {
    let stage = TestStage::start().await;
    let (health, provider) = (stage.health(), provider());
    let start = minute_of(stage.clock().now());
    for _ in 0..10 {
        health.record(&provider, &received(1)).await.unwrap();
        stage.clock.advance_seconds(15);
    }
    let written = stage.dynamo.take_consumed();
    assert_eq!((written.operations, written.tenths), (3, 30), "two and a half minutes");
    stage.clock.advance_seconds(60);
    health.record(&provider, &received(1)).await.unwrap();
    stage.clock.advance_seconds(60);
    let minutes = health.minutes(&provider, start - 1).await.unwrap();
    assert_eq!(minutes.values().map(|tally| tally.received).sum::<u32>(), 11);
}

/// More processes than a minute has rows: some of them meet at one.
#[tokio::test]
async fn what_processes_count_in_the_same_minute_adds_up() {
    let (stage, provider) = (TestStage::start().await, provider());
    for _ in 0..9 {
        stage.health().record(&provider, &received(2)).await.unwrap();
    }
    stage.clock.advance_seconds(60);
    let minutes = stage.health().minutes(&provider, 0).await.unwrap();
    assert_eq!(minutes.values().map(|tally| tally.received).sum::<u32>(), 18);
}

#[tokio::test]
async fn what_strangers_send_costs_a_write_a_minute_at_most_and_is_no_activity() {
    let stage = TestStage::start().await;
    let (health, provider) = (stage.health(), provider());
    let refused = Tally { refused: 1, ..Tally::default() };
    for _ in 0..1000 {
        health.record(&provider, &refused).await.unwrap();
    }
    assert_eq!(stage.count("ProviderHealthTable"), 1);
    assert_eq!(health.observed(&provider).await.unwrap().last_activity, None);
    stage.clock.advance_seconds(60);
    health.record(&provider, &received(1)).await.unwrap();
    stage.clock.advance_seconds(60);
    let minutes = health.minutes(&provider, 0).await.unwrap();
    assert_eq!(minutes.values().map(|tally| tally.refused).collect::<Vec<_>>(), [1, 999]);
}

/// A callback that a stranger made up just before keeps no true one out of the table, and those that come behind it cover nothing.
#[tokio::test]
async fn what_strangers_send_hides_no_activity() {
    let stage = TestStage::start().await;
    let (health, provider) = (stage.health(), provider());
    let refused = Tally { refused: 1, ..Tally::default() };
    health.record(&provider, &refused).await.unwrap();
    health.record(&provider, &received(1)).await.unwrap();
    let active_at = stage.clock().now();
    assert_eq!(health.observed(&provider).await.unwrap().last_activity, Some(active_at), "at once");
    // The monitoring has not looked yet, then it has looked before, then behind it.
    for minutes in 1..=40 {
        stage.clock.advance_seconds(60);
        // Another process each: it has rows of its own.
        stage.health().record(&provider, &refused).await.unwrap();
        assert_eq!(health.observed(&provider).await.unwrap().last_activity, Some(active_at), "{minutes}");
        let mut memory = Memory::default();
        memory.seen_until = minute_of(active_at) - 1;
        health.remember(&provider, &memory).await.unwrap();
    }
    assert!(stage.count("ProviderHealthTable") > 30);
    let mut memory = Memory::default();
    memory.seen_until = minute_of(stage.clock().now());
    memory.last_received = Some(minute_of(active_at));
    health.remember(&provider, &memory).await.unwrap();
    let remembered = Timestamp::from_seconds(minute_of(active_at) * 60).unwrap();
    assert_eq!(health.observed(&provider).await.unwrap().last_activity, Some(remembered));
}

#[tokio::test]
async fn the_present_minute_is_not_told_before_it_is_over() {
    let stage = TestStage::start().await;
    let (health, provider) = (stage.health(), provider());
    health.record(&provider, &received(1)).await.unwrap();
    assert!(health.minutes(&provider, 0).await.unwrap().is_empty());
    stage.clock.advance_seconds(60);
    let minutes = health.minutes(&provider, 0).await.unwrap();
    assert_eq!(minutes.len(), 1);
    let last = *minutes.keys().next().unwrap();
    assert!(health.minutes(&provider, last).await.unwrap().is_empty(), "what was seen is not told again");
}

#[tokio::test]
async fn the_last_activity_outlives_the_minutes() {
    let stage = TestStage::start().await;
    let (health, provider) = (stage.health(), provider());
    assert_eq!(health.observed(&provider).await.unwrap().last_activity, None);
    health.record(&provider, &received(1)).await.unwrap();
    assert_eq!(health.observed(&provider).await.unwrap().last_activity, Some(stage.clock().now()));
    let mut memory = Memory::default();
    memory.last_received = Some(minute_of(stage.clock().now()) + 60);
    health.remember(&provider, &memory).await.unwrap();
    assert_eq!(health.memory(&provider).await.unwrap(), Some(memory));
    let later = stage.clock().now().plus_seconds(3600);
    assert_eq!(health.observed(&provider).await.unwrap().last_activity, Some(later));
}

#[tokio::test]
async fn a_change_that_cannot_be_read_takes_no_history_along() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("one").await;
    let first = stage.add_provider(&merchant, ProviderType::Xendit, &json!({})).await;
    let providers = stage.providers();
    let second = renamed(&providers, &stage, &first, "second").await.unwrap();
    renamed(&providers, &stage, &second, "third").await.unwrap();
    stage.spoil("ProvidersTable", "kind", |item| {
        item["kind"]["S"] == "updated" && item["version"]["N"] == "2"
    });
    let (mut versions, mut before) = (Vec::new(), None);
    loop {
        let page = providers.history(&first.id, before, 1).await.unwrap();
        versions.extend(page.changes.iter().map(|change| change.version));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(versions, [3, 1]);
}
