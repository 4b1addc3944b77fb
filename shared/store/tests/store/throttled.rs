//! Tables that do not take all of a batch at once.

use paywarden_domain::ledger::rows;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::time::Day;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::Status;
use paywarden_store::StoreError;
use paywarden_store::ledger::{LedgerFilters, LedgerQuery};
use paywarden_testing::{TestStage, builders};

const AT: &str = "2026-11-20T03:00:00Z";

/// More than any patience.
const FOR_EVER: usize = 1_000;

#[tokio::test]
async fn what_a_table_left_of_a_batch_is_sent_again() {
    let stage = TestStage::in_process();
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    let provider = builders::provider(&merchant, ProviderType::Xendit);
    let paid = |number: u8| {
        let reference = format!("INV{number}");
        let recorded = builders::draft(&reference).into_transaction(&merchant, builders::at(AT), "corr");
        let report = builders::report(&reference, Status::Paid, AT);
        (Vec::new(), rows(&apply(&recorded, &report, &builders::origin(&provider, AT)).next.unwrap()))
    };
    let changes: Vec<_> = (0..12).map(paid).collect();
    // More often than one patience waits: each time, one item goes through.
    stage.faults.throttle(10, 1);
    stage.ledger().project(&changes).await.unwrap();
    let day = Day::parse("2026-11-20").unwrap();
    let query = LedgerQuery {
        merchant: &merchant.id,
        shard_count: merchant.shard_count,
        from: day,
        until: day,
        filters: &LedgerFilters::default(),
        limit: 100,
        after: None,
    };
    assert_eq!(stage.ledger().list(&query).await.unwrap().lines.len(), 12);
}

#[tokio::test]
async fn a_table_that_takes_nothing_is_given_up_in_the_end() {
    let stage = TestStage::in_process();
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    let (_, _, run) = stage.add_run(&merchant).await;
    let table = stage.reconciliation();
    let found = [
        builders::exception(&run, 0, Outcome::AmountOver),
        builders::exception(&run, 1, Outcome::MissingInternal),
    ];
    let ids: Vec<_> = found.iter().map(|exception| exception.id.clone()).collect();
    stage.faults.throttle(1, 1);
    assert_eq!(table.exceptions(&ids).await.unwrap().len(), 2, "what was not answered is asked again");
    stage.faults.throttle(FOR_EVER, 0);
    let noted = found.iter().map(|exception| (exception.outcome, &exception.id));
    let refused = table.note_findings(&run.id, noted).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { operation: "BatchWriteItem", .. })),
        "{refused:?}"
    );
}
