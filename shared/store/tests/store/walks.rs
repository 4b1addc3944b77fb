//! Walking all pages while somebody else writes.

use std::collections::BTreeMap;

use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::Status;
use paywarden_store::StoreError;
use paywarden_store::transactions::list::{Filters, ListQuery, Order, TimeRange};
use paywarden_store::transactions::{Transactions, Write};
use paywarden_testing::{TestStage, builders};

/// Rows that stand when the walk begins.
const ROWS: u32 = 100_000;

const START: i64 = 1_795_000_000;

fn transaction(merchant: &Merchant, number: u32) -> Transaction {
    let created = Timestamp::from_seconds(START + i64::from(number / 3)).unwrap();
    let mut draft = builders::draft(&format!("INV{number}"));
    draft.created_at = Some(created);
    draft.into_transaction(merchant, created, "corr-1")
}

/// Writes newer records, and changes the status of standing ones, until the walk is over.
async fn disturb(stage: &TestStage, merchant: &Merchant, standing: &[Transaction]) {
    let provider = builders::provider(merchant, ProviderType::Xendit);
    for number in 0.. {
        let mut draft = builders::draft(&format!("NEW{number}"));
        draft.created_at = Timestamp::from_seconds(START + 1_000_000 + i64::from(number)).ok();
        let new = draft.into_transaction(merchant, builders::at("2026-11-20T08:00:00Z"), "corr-2");
        write(stage, &new).await;
        let index = usize::try_from(number).unwrap().wrapping_mul(7919) % standing.len();
        let changed = &standing[index];
        let report = builders::report(&changed.reference, Status::Paid, "2026-11-20T07:00:00Z");
        let origin = builders::origin(&provider, "2026-11-20T08:00:00Z");
        if let Some(next) = apply(changed, &report, &origin).next {
            write(stage, &next).await;
        }
    }
}

/// Writes, unless it was written before.
async fn write(stage: &TestStage, transaction: &Transaction) {
    let write = Write { records: std::slice::from_ref(transaction), binds: &[] };
    match stage.transactions().write(write).await {
        Ok(()) | Err(StoreError::Conflict) => {}
        Err(error) => panic!("{error}"),
    }
}

/// How often each reference was returned by a walk over all pages.
async fn walk(
    transactions: &Transactions,
    merchant: &Merchant,
    filters: &Filters,
    order: Order,
) -> BTreeMap<String, u32> {
    let (mut after, mut seen) = (None, BTreeMap::new());
    loop {
        let query = ListQuery {
            merchant: &merchant.id,
            shard_count: merchant.shard_count,
            filters,
            order,
            limit: 100,
            after,
            now: Timestamp::from_seconds(START).unwrap(),
        };
        let page = transactions.list(&query).await.unwrap();
        for transaction in page.transactions {
            *seen.entry(transaction.reference).or_insert(0) += 1;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return seen,
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_standing_row_is_returned_once_while_others_write() {
    let stage = TestStage::without_streams().await;
    let mut merchant = builders::merchant("one");
    merchant.shard_count = 3;
    let standing: Vec<_> = (0..ROWS).map(|number| transaction(&merchant, number)).collect();
    stage.load(&standing);
    let (transactions, everything) = (stage.transactions(), Filters::default());
    // In descending order new rows stand before the walk, so it ends; in ascending order they would lengthen it.
    let seen = tokio::select! {
        seen = walk(&transactions, &merchant, &everything, Order::Descending) => seen,
        () = disturb(&stage, &merchant, &standing) => unreachable!("it goes on until the walk is over"),
    };
    for transaction in &standing {
        assert_eq!(seen.get(&transaction.reference), Some(&1), "{}", transaction.reference);
    }
}

#[tokio::test]
async fn in_other_orders_rows_that_do_not_move_are_returned_once() {
    let stage = TestStage::without_streams().await;
    let merchant = builders::merchant("one");
    let moving: Vec<_> = (0..500).map(|number| transaction(&merchant, number)).collect();
    let provider = builders::provider(&merchant, ProviderType::Xendit);
    let still = (500..2_500).map(|number| {
        let recorded = transaction(&merchant, number);
        let report = builders::report(&recorded.reference, Status::Paid, "2026-11-01T07:00:00Z");
        apply(&recorded, &report, &builders::origin(&provider, "2026-11-01T08:00:00Z")).next.unwrap()
    });
    let still: Vec<_> = still.collect();
    stage.load(&moving);
    stage.load(&still);
    let transactions = stage.transactions();
    let since = TimeRange { from: Timestamp::from_seconds(0).ok(), until: None };
    for filters in [
        Filters { statuses: [Status::Paid].into(), ..Filters::default() },
        Filters { charged: since, ..Filters::default() },
        Filters { providers: [provider.id.clone()].into(), ..Filters::default() },
    ] {
        let seen = tokio::select! {
            seen = walk(&transactions, &merchant, &filters, Order::Descending) => seen,
            () = disturb(&stage, &merchant, &moving) => unreachable!("it goes on until the walk is over"),
        };
        for transaction in &still {
            assert_eq!(seen.get(&transaction.reference), Some(&1), "{} {filters:?}", transaction.reference);
        }
    }
}

#[tokio::test]
async fn raising_the_shard_count_loses_no_row() {
    let stage = TestStage::without_streams().await;
    let before = builders::merchant("one");
    let old: Vec<_> = (0..40).map(|number| transaction(&before, number)).collect();
    stage.load(&old);
    let after = before.with_shards(4, Timestamp::from_seconds(START).unwrap()).unwrap();
    let raised = Timestamp::from_seconds(START + 3600).unwrap();
    let new: Vec<_> = (40..80)
        .map(|number| builders::draft(&format!("INV{number}")).into_transaction(&after, raised, "corr-2"))
        .collect();
    assert!(new.iter().any(|transaction| transaction.shard > 0));
    stage.load(&new);
    let seen = walk(&stage.transactions(), &after, &Filters::default(), Order::Ascending).await;
    assert_eq!(seen.len(), 80);
    assert!(seen.values().all(|count| *count == 1));
}
