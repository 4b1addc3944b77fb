//! What the stream tells, with the events of the tables' own stream.

use paywarden_domain::ledger::{self, LedgerRow};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Day;
use paywarden_domain::timeline::EntryKind;
use paywarden_domain::totals;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::{apply, first_seen};
use paywarden_domain::transaction::draft::Recording;
use paywarden_payments::project::Projector;
use paywarden_store::ledger::{LedgerFilters, LedgerQuery};
use paywarden_store::transactions::stream::changes;
use paywarden_testing::builders;

use crate::workshop::{Step, Workshop, paid};

/// A record that was posted, paid, and written once more without a change of state.
async fn a_life(workshop: &Workshop) -> Transaction {
    let recorded = workshop.add(builders::draft("INV0045")).await;
    // It charges nothing, so that the payment is one movement.
    let provider = builders::provider(&workshop.merchant, ProviderType::Xendit);
    let origin = builders::origin(&provider, "2026-11-20T08:00:01Z");
    let paid = apply(&recorded, &paid(), &origin).next.unwrap();
    workshop.stage.write(&paid).await;
    let enriched = Transaction { version: 3, ..paid };
    workshop.stage.write(&enriched).await;
    enriched
}

#[tokio::test]
async fn recording_and_changes_of_status_are_written_down() {
    let workshop = Workshop::open().await;
    let transaction = a_life(&workshop).await;
    workshop.done(&Step::Project).await;
    let expected = [
        (EntryKind::Received, "Recorded by the merchant: 10000 IDR PENDING".to_owned()),
        (EntryKind::StatusChanged, "PENDING became PAID".to_owned()),
    ];
    assert_eq!(workshop.entries_of(&transaction).await, expected);
    assert_eq!(workshop.totals().await, totals::contribution(&transaction));
}

#[tokio::test]
async fn batches_that_are_cut_anew_or_come_again_write_the_same_entries() {
    let workshop = Workshop::open().await;
    let transaction = a_life(&workshop).await;
    workshop.done(&Step::Project).await;
    let before = workshop.entries_of(&transaction).await;
    let projector = Projector::of(&workshop.stores).unwrap();
    for change in workshop.told().into_iter().rev() {
        projector.project(vec![change]).await.unwrap();
    }
    assert_eq!(workshop.entries_of(&transaction).await, before);
    assert_eq!(workshop.totals().await, totals::contribution(&transaction));
}

#[tokio::test]
async fn a_payment_first_seen_from_its_provider_and_recorded_later() {
    let workshop = Workshop::open().await;
    let origin = builders::origin(&workshop.provider, "2026-11-20T07:55:01Z");
    let seen = first_seen(&workshop.merchant, "INV0045", None, &paid(), &origin).unwrap();
    workshop.stage.write(&seen).await;
    let now = builders::at("2026-11-20T08:00:00Z");
    let Recording::Filled(filled) = builders::draft("INV0045").over(&seen, now, "corr-2") else {
        panic!("the provider spoke first");
    };
    workshop.stage.write(&filled).await;
    workshop.done(&Step::Project).await;
    let expected = [
        (EntryKind::Received, "First seen from xendit: 10000 IDR PAID".to_owned()),
        (EntryKind::System, "The merchant recorded what the provider had reported first".to_owned()),
    ];
    assert_eq!(workshop.entries_of(&seen).await, expected);
}

#[tokio::test]
async fn the_ledger_holds_what_the_record_says_however_often_the_batch_comes() {
    let workshop = Workshop::open().await;
    let transaction = a_life(&workshop).await;
    for _ in 0..2 {
        workshop.done(&Step::Project).await;
        assert_eq!(workshop.stage.count("LedgerTable"), 1);
    }
    let day = |text| Day::parse(text).unwrap();
    let query = LedgerQuery {
        merchant: &workshop.merchant.id,
        shard_count: 1,
        from: day("2026-11-20"),
        until: day("2026-11-20"),
        filters: &LedgerFilters::default(),
        limit: 10,
        after: None,
    };
    let page = workshop.stage.ledger().list(&query).await.unwrap();
    let rows: Vec<LedgerRow> = page.lines.into_iter().map(|(row, _)| row).collect();
    assert_eq!(rows, ledger::rows(&transaction));
}

#[tokio::test]
async fn an_image_that_is_no_record_fails_the_batch() {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    let mut event = workshop.stage.transaction_changes();
    let image = serde_json::json!({"id": {"S": "nonsense"}});
    event.records[0].change.new_image = serde_json::from_value(image).unwrap();
    assert!(changes(event).is_err());
}
