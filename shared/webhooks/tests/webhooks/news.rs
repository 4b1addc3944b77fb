//! What merchants are told, and what they are not, with the events of each table's own stream.

use paywarden_domain::actor::Actor;
use paywarden_domain::provider::change::Change;
use paywarden_domain::provider::{Provider, ProviderStatus, ProviderType};
use paywarden_domain::reconciliation::run::{Run, RunScope, RunState};
use paywarden_domain::time::Clock;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::webhook::{EndpointStatus, EventType};
use paywarden_store::providers::StoredProvider;
use paywarden_store::stream::read_all;
use paywarden_store::{providers, reconciliation};
use paywarden_testing::builders;
use serde_json::{Value, json};

use crate::workshop::Workshop;

/// A workshop with an endpoint that wants to hear of `event`, and one that hears of what endpoints usually do.
async fn open(event: EventType) -> Workshop {
    let workshop = Workshop::open().await;
    workshop.stage.add_endpoint(&workshop.merchant, EndpointStatus::Enabled, &[event]).await;
    workshop.stage.add_endpoint(&workshop.merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    workshop
}

async fn change(workshop: &Workshop, provider: &Provider, change: impl FnOnce(&mut Provider)) {
    let stored = workshop.stage.providers().find_latest(&workshop.merchant.id, &provider.id).await;
    let stored = stored.unwrap().unwrap();
    let mut next = stored.provider.clone();
    change(&mut next);
    let next = next.changed(workshop.stage.clock.now());
    let change = Change::between(Some(&stored.provider), &next, Actor::Automation, None);
    let version = stored.provider.version;
    let next = StoredProvider { provider: next, ..stored };
    workshop.stage.providers().replace(&next, version, &change).await.unwrap();
}

/// The bodies that changes of providers lead to.
async fn of_providers(workshop: &Workshop) -> Vec<Value> {
    let changes = read_all(workshop.stage.provider_changes(), providers::stream::change).unwrap();
    let told = workshop.told(changes).await.into_iter();
    told.map(|delivery| {
        assert_eq!((delivery.event, &delivery.transaction_id), (EventType::ProviderStatusChanged, &None));
        serde_json::from_str(&delivery.body).unwrap()
    })
    .collect()
}

/// The bodies that the ends of runs lead to.
async fn of_runs(workshop: &Workshop) -> Vec<Value> {
    let ended = read_all(workshop.stage.reconciliation_changes(), reconciliation::stream::ended_run).unwrap();
    let told = workshop.told(ended).await.into_iter();
    told.map(|delivery| serde_json::from_str(&delivery.body).unwrap()).collect()
}

async fn move_to(workshop: &Workshop, run: &Run, state: RunState) -> Run {
    let next = builders::run_in(run, state, builders::at("2026-11-20T08:00:00Z"));
    workshop.stage.reconciliation().replace_run(&next).await.unwrap();
    next
}

#[tokio::test]
async fn a_write_that_no_reader_could_notice_tells_nothing() {
    let workshop = Workshop::open().await;
    let events = [EventType::TransactionUpdated];
    workshop.stage.add_endpoint(&workshop.merchant, EndpointStatus::Enabled, &events).await;
    let recorded = workshop.stage.add_transaction(&workshop.merchant, builders::draft("INV0045")).await;
    let counted = Transaction { version: 2, occurrences: 2, ..recorded };
    workshop.stage.write(&counted).await;
    assert!(workshop.told(workshop.transaction_changes()).await.is_empty());
}

#[tokio::test]
async fn a_change_of_status_is_told_to_those_who_asked_for_it() {
    let workshop = open(EventType::ProviderStatusChanged).await;
    let provider = workshop.stage.add_provider(&workshop.merchant, ProviderType::Xendit, &json!({})).await;
    change(&workshop, &provider, |provider| {
        provider.standing.status = ProviderStatus::Maintenance;
        provider.standing.reason = "24 of the last 25 payments failed".to_owned();
    })
    .await;
    let [body] = of_providers(&workshop).await.try_into().unwrap();
    assert_eq!(body["event"], "provider.status_changed");
    assert_eq!(body["provider"]["id"], provider.id.as_str());
    assert_eq!((&body["change"]["from"], &body["change"]["to"]), (&json!("ACTIVE"), &json!("MAINTENANCE")));
    assert_eq!(body["change"]["reason"], "24 of the last 25 payments failed");
}

#[tokio::test]
async fn other_changes_are_told_to_nobody_and_repeats_make_no_new_deliveries() {
    let workshop = open(EventType::ProviderStatusChanged).await;
    let provider = workshop.stage.add_provider(&workshop.merchant, ProviderType::Xendit, &json!({})).await;
    change(&workshop, &provider, |provider| provider.name = "Xendit 2".to_owned()).await;
    assert_eq!(of_providers(&workshop).await, Vec::<Value>::new());
    change(&workshop, &provider, |provider| provider.standing.status = ProviderStatus::Inactive).await;
    let first = of_providers(&workshop).await;
    let rows = workshop.stage.count("WebhooksTable");
    assert_eq!((of_providers(&workshop).await, workshop.stage.count("WebhooksTable")), (first, rows));
}

#[tokio::test]
async fn the_end_of_a_run_is_told_once_to_those_who_asked_for_it() {
    let workshop = open(EventType::ReconciliationCompleted).await;
    let (_, _, run) = workshop.stage.add_run(&workshop.merchant).await;
    let reducing = move_to(&workshop, &run, RunState::Reducing).await;
    assert_eq!(of_runs(&workshop).await, Vec::<Value>::new());
    let completed = move_to(&workshop, &reducing, RunState::CompletedWithRejects).await;
    let [body] = of_runs(&workshop).await.try_into().unwrap();
    assert_eq!(body["event"], "reconciliation.completed");
    assert_eq!(
        (&body["run"]["id"], &body["run"]["state"]),
        (&json!(run.id), &json!("COMPLETED_WITH_REJECTS"))
    );
    let rows = workshop.stage.count("WebhooksTable");
    move_to(&workshop, &completed, RunState::Superseded).await;
    assert_eq!((of_runs(&workshop).await.len(), workshop.stage.count("WebhooksTable")), (1, rows));
}

#[tokio::test]
async fn a_failure_is_told_and_what_somebody_stopped_or_tried_out_is_not() {
    for (state, dry_run, expected) in [
        (RunState::Failed, false, 1),
        (RunState::Cancelled, false, 0),
        (RunState::Completed, true, 0),
        (RunState::Failed, true, 0),
    ] {
        let workshop = open(EventType::ReconciliationCompleted).await;
        let (_, _, run) = workshop.stage.add_run(&workshop.merchant).await;
        let run = Run { scope: RunScope { dry_run, ..run.scope.clone() }, ..run };
        move_to(&workshop, &run, state).await;
        assert_eq!(of_runs(&workshop).await.len(), expected, "{state} {dry_run}");
    }
}
