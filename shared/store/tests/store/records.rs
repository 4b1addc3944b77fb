//! The record as an item.

use paywarden_domain::provider::ProviderType;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::Status;
use paywarden_testing::{TestStage, builders};

#[tokio::test]
async fn a_charged_record_reads_as_it_was_written() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("one").await;
    let provider = builders::charging(builders::provider(&merchant, ProviderType::Xendit));
    let recorded = stage.add_transaction(&merchant, builders::draft("INV0045")).await;
    let report = builders::report("INV0045", Status::Paid, "2026-11-20T07:55:00Z");
    let paid = apply(&recorded, &report, &builders::origin(&provider, "2026-11-20T08:00:01Z")).next.unwrap();
    assert!(paid.charges.is_some());
    stage.write(&paid).await;
    assert_eq!(stage.transactions().find(&paid.id).await.unwrap(), Some(paid));
}
