//! Changes that were lost, and what brings them back.

use std::sync::Arc;

use paywarden_domain::counts::counts_of;
use paywarden_domain::ledger::{self, LedgerRow};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Day;
use paywarden_domain::totals::{contribution, merge};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::Status;
use paywarden_payments::project::Projector;
use paywarden_payments::rebuild::{Rebuilder, Rebuilt, View};
use paywarden_store::ledger::{LedgerFilters, LedgerQuery};
use paywarden_store::transactions::stream::RecordChange;
use paywarden_testing::builders;

use crate::workshop::{Step, Workshop, paid};

const VIEWS: [View; 3] = [View::Totals, View::Ledger, View::Timeline];

fn days() -> (Day, Day) {
    (Day::parse("2026-11-19").unwrap(), Day::parse("2026-11-21").unwrap())
}

/// A payment that is told of as paid on the 20th, then as paid on the 19th already, then as reversed.
async fn a_life(workshop: &Workshop, reference: &str) -> Transaction {
    let mut current = workshop.add(builders::draft(reference)).await;
    let provider = builders::provider(&workshop.merchant, ProviderType::Xendit);
    let origin = builders::origin(&provider, "2026-11-20T08:00:01Z");
    for (status, at) in [
        (Status::Paid, "2026-11-20T07:55:00Z"),
        (Status::Paid, "2026-11-19T07:55:00Z"),
        (Status::Reversed, "2026-11-20T07:58:00Z"),
    ] {
        let mut report = paid();
        report.reference = Some(reference.to_owned());
        report.provider_transaction_id = Some(format!("pay-{reference}"));
        report.happening = paywarden_domain::transaction::report::Happening::Status { status };
        report.occurred_at = builders::at(at);
        current = apply(&current, &report, &origin).next.unwrap();
        workshop.stage.write(&current).await;
    }
    current
}

async fn rows_of(workshop: &Workshop) -> Vec<LedgerRow> {
    let query = LedgerQuery {
        merchant: &workshop.merchant.id,
        shard_count: 1,
        from: Day::parse("2026-11-01").unwrap(),
        until: Day::parse("2026-11-30").unwrap(),
        filters: &LedgerFilters::default(),
        limit: 100,
        after: None,
    };
    let page = workshop.stage.ledger().list(&query).await.unwrap();
    let mut rows: Vec<LedgerRow> = page.lines.into_iter().map(|(row, _)| row).collect();
    rows.dedup();
    rows.sort_by_key(|row| (row.transaction_id.clone(), row.day));
    rows
}

/// Totals and ledger are those of the records.
async fn is_right(workshop: &Workshop, records: &[Transaction]) {
    let mut totals = paywarden_domain::totals::Totals::new();
    records.iter().for_each(|record| merge(&mut totals, contribution(record)));
    let mut counted = workshop.totals().await;
    counted.retain(|_, sums| !sums.is_zero());
    assert_eq!(counted, totals);
    assert_eq!(workshop.counts().await, counts_of(records));
    let mut rows: Vec<LedgerRow> = records.iter().flat_map(ledger::rows).collect();
    rows.sort_by_key(|row| (row.transaction_id.clone(), row.day));
    assert_eq!(rows_of(workshop).await, rows);
}

async fn rebuild(workshop: &Workshop) -> [Rebuilt; 3] {
    let rebuilder = Rebuilder::of(&workshop.stores).unwrap();
    let mut rebuilt = [Rebuilt::default(); 3];
    for (place, view) in VIEWS.into_iter().enumerate() {
        rebuilt[place] = rebuilder.rebuild(view, &workshop.merchant, days()).await.unwrap();
    }
    rebuilt
}

#[tokio::test]
async fn views_that_heard_nothing_are_rebuilt_once_and_take_the_stream_that_comes_after_all() {
    let workshop = Workshop::open().await;
    let records = [a_life(&workshop, "INV1").await, a_life(&workshop, "INV2").await];
    workshop.stage.clock.advance_seconds(3600);
    assert_eq!(rebuild(&workshop).await, [Rebuilt { looked_at: 2, mended: 2 }; 3]);
    is_right(&workshop, &records).await;
    let told = workshop.entries_of(&records[0]).await;
    assert_eq!(
        told.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(),
        ["received", "status_changed"]
    );
    assert_eq!(rebuild(&workshop).await, [Rebuilt { looked_at: 2, mended: 0 }; 3]);
    assert_eq!(workshop.entries_of(&records[0]).await, told);
    let rebuilder = Rebuilder::of(&workshop.stores).unwrap();
    rebuilder.project_late(workshop.told()).await.unwrap();
    is_right(&workshop, &records).await;
}

#[tokio::test]
async fn records_that_were_not_written_in_the_days_are_left_alone() {
    let workshop = Workshop::open().await;
    a_life(&workshop, "INV1").await;
    let before = (Day::parse("2026-11-01").unwrap(), Day::parse("2026-11-18").unwrap());
    let rebuilder = Rebuilder::of(&workshop.stores).unwrap();
    for view in VIEWS {
        let rebuilt = rebuilder.rebuild(view, &workshop.merchant, before).await.unwrap();
        assert_eq!(rebuilt, Rebuilt::default());
    }
}

/// Whatever part of the changes was put aside: once it is projected, all is as if nothing had been.
#[tokio::test]
async fn what_was_put_aside_is_projected_late_in_any_order() {
    for lost in 1..16_u8 {
        let workshop = Workshop::open().await;
        let records = [a_life(&workshop, "INV1").await];
        let (mut aside, mut come) = (Vec::new(), Vec::new());
        for (place, change) in workshop.told().into_iter().enumerate() {
            if lost & (1 << place) == 0 { come.push(change) } else { aside.push(change) }
        }
        Projector::of(&workshop.stores).unwrap().project(come).await.unwrap();
        aside.reverse();
        let rebuilder = Rebuilder::of(&workshop.stores).unwrap();
        for change in aside {
            rebuilder.project_late(vec![change]).await.unwrap();
        }
        is_right(&workshop, &records).await;
    }
}

/// The record is written, and its change projected, before each operation of a rebuild.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_beside_live_traffic_leaves_what_is_newest() {
    for view in [View::Totals, View::Ledger] {
        for operation in 0.. {
            let workshop = Arc::new(Workshop::open().await);
            let record = a_life(&workshop, "INV1").await;
            let told = workshop.told().len();
            workshop.done(&Step::Project).await;
            let (writer, old) = (Arc::clone(&workshop), record.clone());
            let newest = voided_to_the_19th(&record);
            let written = newest.clone();
            workshop.stage.faults.meanwhile(operation, async move {
                writer.stage.write(&written).await;
                let change: Vec<RecordChange> = writer.told().into_iter().skip(told).collect();
                assert_eq!(change.len(), 1, "{old:?}");
                Projector::of(&writer.stores).unwrap().project(change).await.unwrap();
            });
            let rebuilder = Rebuilder::of(&workshop.stores).unwrap();
            rebuilder.rebuild(view, &workshop.merchant, days()).await.unwrap();
            if workshop.stage.faults.nobody_else() {
                break;
            }
            is_right(&workshop, &[newest]).await;
        }
    }
}

/// The next version of a record: it was reversed earlier than was told so far.
fn voided_to_the_19th(record: &Transaction) -> Transaction {
    let provider = record.provider.clone().unwrap();
    let mut report = paid();
    report.reference = Some(record.reference.clone());
    report.provider_transaction_id.clone_from(&record.provider_transaction_id);
    report.happening = paywarden_domain::transaction::report::Happening::Status { status: Status::Reversed };
    report.occurred_at = builders::at("2026-11-19T08:00:00Z");
    let origin = paywarden_domain::transaction::apply::Origin {
        provider,
        terms: paywarden_domain::provider::Terms::default(),
        grade: paywarden_domain::transaction::report::TrustGrade::Signed,
        now: builders::at("2026-11-20T08:30:00Z"),
        correlation_id: "corr-late".to_owned(),
    };
    apply(record, &report, &origin).next.unwrap()
}
