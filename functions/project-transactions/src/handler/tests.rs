//! Against the real store code on an in-process DynamoDB, with the events of its own stream.

use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Day;
use paywarden_domain::totals::Totals;
use paywarden_domain::transaction::apply::{apply, first_seen};
use paywarden_domain::transaction::draft::Recording;
use paywarden_domain::vocabulary::Status;
use paywarden_store::ledger::{LedgerFilters, LedgerQuery};
use paywarden_store::transactions::Expected;
use paywarden_testing::{TestStage, builders, events};

use super::*;

fn deps(stage: &TestStage) -> Deps {
    Deps {
        timeline: stage.timeline(),
        totals: stage.totals(),
        ledger: stage.ledger(),
        health: stage.health(),
    }
}

async fn totals_of(stage: &TestStage, merchant: &Merchant) -> Totals {
    let day = |text| Day::parse(text).unwrap();
    stage.totals().list(&merchant.id, 1, day("2026-01-01"), day("2026-12-31")).await.unwrap()
}

async fn entries_of(stage: &TestStage, transaction: &Transaction) -> Vec<(EntryKind, String)> {
    let subject = Subject::Transaction(transaction.id.clone());
    let page = stage.timeline().list(&subject, 100, None).await.unwrap();
    page.entries.into_iter().map(|entry| (entry.kind, entry.summary)).collect()
}

/// A record that was posted, paid, and written once more without a change of state.
async fn a_life(stage: &TestStage, merchant: &Merchant) -> Transaction {
    let recorded = stage.add_transaction(merchant, builders::draft("INV0045")).await;
    let provider = builders::provider(merchant, ProviderType::Xendit);
    let report = builders::report("INV0045", Status::Paid, "2026-11-20T07:55:00Z");
    let origin = builders::origin(&provider, "2026-11-20T08:00:01Z");
    let paid = apply(&recorded, &report, &origin).next.unwrap();
    stage.write(&paid, Expected::Version(1)).await;
    let enriched = Transaction { version: 3, ..paid };
    stage.write(&enriched, Expected::Version(2)).await;
    enriched
}

#[tokio::test]
async fn recording_and_changes_of_status_are_written_down() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    let transaction = a_life(&stage, &merchant).await;
    handle(&deps(&stage), stage.transaction_changes()).await.unwrap();
    let expected = [
        (EntryKind::Received, "Recorded by the merchant: 10000 IDR PENDING".to_owned()),
        (EntryKind::StatusChanged, "PENDING became PAID".to_owned()),
    ];
    assert_eq!(entries_of(&stage, &transaction).await, expected);
    assert_eq!(totals_of(&stage, &merchant).await, totals::contribution(&transaction));
}

#[tokio::test]
async fn batches_that_are_cut_anew_or_come_again_write_the_same_entries() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    let transaction = a_life(&stage, &merchant).await;
    let whole = stage.transaction_changes();
    handle(&deps(&stage), whole.clone()).await.unwrap();
    let before = entries_of(&stage, &transaction).await;
    for record in whole.records.iter().rev() {
        let mut cut = whole.clone();
        cut.records = vec![record.clone()];
        handle(&deps(&stage), cut).await.unwrap();
    }
    assert_eq!(entries_of(&stage, &transaction).await, before);
    assert_eq!(totals_of(&stage, &merchant).await, totals::contribution(&transaction));
}

#[tokio::test]
async fn a_payment_first_seen_from_its_provider_and_recorded_later() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    let provider = builders::provider(&merchant, ProviderType::Xendit);
    let report = builders::report("INV0045", Status::Paid, "2026-11-20T07:55:00Z");
    let origin = builders::origin(&provider, "2026-11-20T07:55:01Z");
    let seen = first_seen(&merchant, "INV0045", None, &report, &origin).unwrap();
    stage.write(&seen, Expected::Absent).await;
    let now = builders::at("2026-11-20T08:00:00Z");
    let Recording::Filled(filled) = builders::draft("INV0045").over(&seen, now, "corr-2") else {
        panic!("the provider spoke first");
    };
    stage.write(&filled, Expected::Version(1)).await;
    handle(&deps(&stage), stage.transaction_changes()).await.unwrap();
    let expected = [
        (EntryKind::Received, "First seen from xendit: 10000 IDR PAID".to_owned()),
        (EntryKind::System, "The merchant recorded what the provider had reported first".to_owned()),
    ];
    assert_eq!(entries_of(&stage, &seen).await, expected);
}

#[tokio::test]
async fn the_ledger_holds_what_the_record_says_however_often_the_batch_comes() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    let transaction = a_life(&stage, &merchant).await;
    for _ in 0..2 {
        handle(&deps(&stage), stage.transaction_changes()).await.unwrap();
        assert_eq!(stage.count("LedgerTable"), 1);
    }
    let day = |text| Day::parse(text).unwrap();
    let query = LedgerQuery {
        merchant: &merchant.id,
        shard_count: 1,
        from: day("2026-11-20"),
        until: day("2026-11-20"),
        filters: &LedgerFilters::default(),
        limit: 10,
        after: None,
    };
    let page = stage.ledger().list(&query).await.unwrap();
    let rows: Vec<LedgerRow> = page.lines.into_iter().map(|(row, _)| row).collect();
    assert_eq!(rows, ledger::rows(&transaction));
}

#[tokio::test]
async fn an_image_that_is_no_record_fails_the_batch() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    stage.add_transaction(&merchant, builders::draft("INV0045")).await;
    let mut event = stage.transaction_changes();
    let image = serde_json::json!({"id": {"S": "nonsense"}});
    event.records[0].change.new_image = serde_json::from_value(image).unwrap();
    assert!(handle(&deps(&stage), event).await.is_err());
}

#[tokio::test]
async fn samples_are_handled() {
    let expected = [("created-and-paid", Ok(2)), ("not-a-record", Err(()))];
    let mut handled = Vec::new();
    for (case, event) in events::parsed::<Event>("project-transactions") {
        let stage = TestStage::start().await;
        let outcome = handle(&deps(&stage), event).await;
        handled.push((case, outcome.map(|()| stage.count("TimelineTable")).map_err(|_| ())));
    }
    assert_eq!(handled, expected.map(|(case, outcome)| (case.to_owned(), outcome)));
}
