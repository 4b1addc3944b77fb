//! Pages of the ledger.

use std::collections::BTreeSet;

use paywarden_domain::id::TransactionId;
use paywarden_domain::ledger::{LedgerRow, Movement, rows};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Day;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::Status;
use paywarden_store::ledger::{LedgerFilters, LedgerQuery, LedgerTable, LedgerWalk};
use paywarden_testing::{TestStage, builders};

/// The rows of `count` paid payments of a merchant with this many partitions.
fn paid(merchant: &paywarden_domain::merchant::Merchant, count: usize) -> Vec<LedgerRow> {
    let provider = builders::charging(builders::provider(merchant, ProviderType::Xendit));
    let payment = |number| {
        let reference = format!("INV{number}");
        let draft = builders::draft(&reference);
        let recorded = draft.into_transaction(merchant, builders::at("2026-11-19T07:00:00Z"), "corr-1");
        let report = builders::report(&reference, Status::Paid, "2026-11-20T08:00:00Z");
        let paid = apply(&recorded, &report, &builders::origin(&provider, "2026-11-20T08:00:01Z"));
        rows(&paid.next.unwrap()).remove(0)
    };
    (0..count).map(payment).collect()
}

#[tokio::test]
async fn pages_are_full_and_hold_every_movement_once_however_many_partitions_there_are() {
    let stage = TestStage::without_streams().await;
    let mut merchant = builders::merchant("one");
    merchant.shard_count = 64;
    let changes: Vec<_> = paid(&merchant, 1_300).into_iter().map(|row| (Vec::new(), vec![row])).collect();
    stage.ledger().project(&changes).await.unwrap();
    let day = Day::parse("2026-11-20").unwrap();
    let (mut seen, mut after, mut pages) = (BTreeSet::new(), None, 0);
    loop {
        let query = LedgerQuery {
            merchant: &merchant.id,
            shard_count: merchant.shard_count,
            from: day,
            until: day,
            filters: &LedgerFilters::default(),
            limit: 100,
            after: after.as_deref(),
        };
        let page = stage.ledger().list(&query).await.unwrap();
        assert!(page.lines.len() == 100 || page.next.is_none(), "page {pages}: {} lines", page.lines.len());
        for (row, movement) in page.lines {
            assert!(seen.insert((row.transaction_id.to_string(), movement.entry_type.as_str())), "once");
        }
        (after, pages) = (page.next, pages + 1);
        if after.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), pages), (3_900, 39));
}

/// What a list says of all rows, page by page.
async fn listed(table: &LedgerTable, whole: &LedgerQuery<'_>) -> Vec<(TransactionId, Movement)> {
    let (mut lines, mut after) = (Vec::new(), None::<String>);
    loop {
        let query = LedgerQuery { after: after.as_deref(), ..whole.clone() };
        let page = table.list(&query).await.unwrap();
        lines.extend(page.lines.into_iter().map(|(row, movement)| (row.transaction_id, movement)));
        after = page.next;
        if after.is_none() {
            return lines;
        }
    }
}

#[tokio::test]
async fn a_walk_reads_each_row_once_and_goes_on_where_it_was_cut_off() {
    let stage = TestStage::without_streams().await;
    let mut merchant = builders::merchant("one");
    merchant.shard_count = 4;
    let changes: Vec<_> = paid(&merchant, 600).into_iter().map(|row| (Vec::new(), vec![row])).collect();
    stage.ledger().project(&changes).await.unwrap();
    let filters = LedgerFilters::default();
    let whole = LedgerQuery {
        merchant: &merchant.id,
        shard_count: merchant.shard_count,
        from: Day::parse("2026-10-20").unwrap(),
        until: Day::parse("2026-11-20").unwrap(),
        filters: &filters,
        limit: 50,
        after: None,
    };
    let table = stage.ledger();
    let walk = async |limit, after: Option<&str>| {
        let _ = stage.dynamo.take_consumed();
        let query = LedgerQuery { limit, after, ..whole.clone() };
        let (mut walk, mut rows) = (table.walk(query), Vec::new());
        while let Some(row) = walk.next().await.unwrap() {
            rows.push(row);
        }
        (rows, stage.dynamo.take_consumed().tenths)
    };
    let (all, at_once) = walk(1_000, None).await;
    let (rows, bit_by_bit) = walk(50, None).await;
    assert_eq!((all.len(), &all), (600, &rows));
    assert!(bit_by_bit * 10 <= at_once * 12, "{bit_by_bit} tenths of a unit, {at_once} at least");
    let walked =
        rows.iter().flat_map(|row| row.movements.iter().map(|one| (row.transaction_id.clone(), one.clone())));
    assert_eq!(walked.collect::<Vec<_>>(), listed(&table, &whole).await, "in the order of a list");
    for cut in [1, 299, 599, 600] {
        let position = LedgerWalk::position(&rows[cut - 1]);
        let (rest, _) = walk(50, Some(&position)).await;
        assert_eq!(rest, rows[cut..], "cut off behind row {cut}");
    }
}
