//! Processes that die: before each single operation of a payment's life, from its recording to its expiry.
//!
//! What monitoring counts (`provider-health`) is not compared: a batch that comes again may count again.

use paywarden_domain::counts::Counts;
use paywarden_domain::totals::Totals;
use paywarden_domain::transaction::draft::Draft;
use paywarden_domain::transaction::refund::Refund;
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::vocabulary::Status;
use paywarden_payments::record::PaymentOrder;
use paywarden_testing::builders;
use serde_json::Value;

use crate::workshop::{Step, Workshop, of_payment};

/// Times a step is done again before a test gives it up.
const PATIENCE: usize = 3;

/// Everything that the steps leave behind.
#[derive(Debug, PartialEq)]
struct Left {
    records: Vec<Value>,
    references: Vec<Value>,
    timeline: Vec<Value>,
    waiting: Vec<Value>,
    totals: Totals,
    counts: Counts,
    ledger: Vec<Value>,
    /// Writes of records: each is a webhook.
    changes: usize,
}

async fn left(workshop: &Workshop) -> Left {
    let items = |table| workshop.stage.items(table);
    Left {
        records: items("TransactionsTable"),
        references: items("ProviderReferencesTable"),
        timeline: items("TimelineTable").into_iter().filter(|entry| !repeats(entry)).collect(),
        waiting: items("ReportKeysTable"),
        totals: workshop.totals().await,
        counts: workshop.counts().await,
        ledger: items("LedgerTable"),
        changes: workshop.told().len(),
    }
}

/// A message that is applied again, because its process died before it had written the message down, says of itself
/// that the same was reported before. Nothing else may be left twice.
fn repeats(entry: &Value) -> bool {
    let detail = entry["detail"]["S"].as_str().unwrap_or_default();
    entry["kind"]["S"] == "report_ignored" && detail.contains("\"reason\":\"already_known\"")
}

/// Does a step until a process has lived through it. Whatever a process answers that was killed, nobody hears.
async fn finish(workshop: &Workshop, step: Step) {
    // The platform cuts a failed batch anew before it gives it again.
    let again = if matches!(step, Step::Project) { Step::ProjectInPieces } else { step.clone() };
    let mut next = &step;
    for _ in 0..PATIENCE {
        let answer = workshop.attempt(next).await;
        if !workshop.stage.faults.is_dead() {
            answer.unwrap_or_else(|error| panic!("{next:?}: {error}"));
            return;
        }
        workshop.stage.faults.restart();
        next = &again;
    }
    panic!("{step:?} does not come to its end");
}

fn post(workshop: &Workshop, draft: Draft) -> Step {
    Step::Post(Box::new(PaymentOrder { draft, provider_id: Some(workshop.provider.id.clone()) }))
}

async fn tell(workshop: &Workshop, correlation_id: &str, reports: &[Report]) {
    let mut callback = workshop.callback(reports);
    callback.correlation_id = correlation_id.to_owned();
    finish(workshop, Step::Callback(Box::new(callback))).await;
    hand_over(workshop).await;
}

/// Whoever takes what was queued may be killed too; the queue then gives it to another.
async fn hand_over(workshop: &Workshop) {
    loop {
        let queued = workshop.queued();
        if queued.is_empty() {
            return;
        }
        for step in queued {
            finish(workshop, step).await;
        }
    }
}

async fn project(workshop: &Workshop) {
    finish(workshop, Step::Project).await;
    hand_over(workshop).await;
}

fn reported(status: Status, at: &str) -> Report {
    Report { provider_transaction_id: Some("pay_1".to_owned()), ..builders::report("INV0045", status, at) }
}

fn partial_refund() -> Report {
    let refund = Refund {
        id: "refund_1".to_owned(),
        at: builders::at("2026-11-20T07:58:00Z"),
        money: builders::money("2500", "IDR"),
    };
    Report { happening: Happening::PartialRefund { refunds: vec![refund] }, ..of_payment("pay_1") }
}

/// Everything that can come from a provider: what moves the record, what is held, what is ignored, what fits nothing,
/// what is about no payment, and what opens the next payment under the reference.
async fn callbacks(workshop: &Workshop) {
    let held = Report { money: Some(builders::money("9999", "IDR")), ..of_payment("pay_1") };
    let unknown = Happening::Unknown { word: "ODD".to_owned() };
    let ignored = Report { happening: unknown, ..of_payment("pay_1") };
    let nowhere = Report { reference: None, ..of_payment("pay_unknown") };
    let ahead = Report { reference: Some("AHEAD".to_owned()), method: None, ..of_payment("pay_ahead") };
    tell(workshop, "corr-pending", &[reported(Status::Pending, "2026-11-20T07:50:00Z")]).await;
    let paid = reported(Status::Paid, "2026-11-20T07:55:00Z");
    tell(workshop, "corr-paid", &[paid, partial_refund()]).await;
    tell(workshop, "corr-odd", &[held, ignored, nowhere, ahead]).await;
    tell(workshop, "corr-none", &[]).await;
    tell(workshop, "corr-next", &[of_payment("pay_2")]).await;
}

/// The next payment under the reference was paid the day before already: its money moves there.
async fn late_news(workshop: &Workshop) {
    let earlier = builders::at("2026-11-19T03:00:00Z");
    tell(workshop, "corr-earlier", &[Report { occurred_at: earlier, ..of_payment("pay_2") }]).await;
}

/// The life of four payments. Each process may be killed; the clock moves between them only.
async fn live(workshop: &Workshop) {
    let payment = Some("pay_1".to_owned());
    finish(
        workshop,
        post(workshop, Draft { provider_transaction_id: payment, ..builders::draft("INV0045") }),
    )
    .await;
    project(workshop).await;
    callbacks(workshop).await;
    project(workshop).await;
    late_news(workshop).await;
    let due = Some(builders::at("2026-11-20T08:01:00Z"));
    finish(workshop, post(workshop, Draft { expired_at: due, ..builders::draft("OPEN") })).await;
    finish(workshop, post(workshop, builders::draft("AHEAD"))).await;
    workshop.stage.clock.advance_seconds(120);
    finish(workshop, Step::Sweep).await;
    project(workshop).await;
    project(workshop).await;
}

#[tokio::test]
async fn a_kill_before_any_operation_changes_nothing() {
    let workshop = Workshop::open().await;
    workshop.stage.faults.kill_before(i64::MAX);
    live(&workshop).await;
    let operations = workshop.stage.faults.operations();
    let expected = left(&workshop).await;
    as_it_should_be(&workshop, &expected).await;
    assert!(operations > 40, "{operations} operations");
    for kill in 0..operations {
        let workshop = Workshop::open().await;
        workshop.stage.faults.kill_before(kill);
        live(&workshop).await;
        assert_eq!(left(&workshop).await, expected, "killed before operation {kill}");
    }
}

/// That nobody cut it says nothing of what it should have left.
async fn as_it_should_be(workshop: &Workshop, left: &Left) {
    let record = workshop.record().await;
    assert_eq!((record.status(), record.held.len(), record.occurrences), (Status::Paid, 1, 2));
    assert_eq!(record.refunds.iter().count(), 1);
    assert_eq!(workshop.find("INV0045", 2).await.unwrap().status(), Status::Paid);
    assert_eq!(workshop.find("OPEN", 1).await.unwrap().status(), Status::Expired);
    assert_eq!(workshop.find("AHEAD", 1).await.unwrap().status(), Status::Paid);
    assert_eq!((left.records.len(), left.references.len()), (4, 3));
    assert_eq!(left.waiting.len(), 2, "the report of nowhere, by its payment and as it is listed");
    assert_eq!(workshop.stage.count("TimelineTable"), left.timeline.len(), "nothing was said to be a repeat");
    assert_eq!(left.ledger.len(), 3);
}

#[tokio::test]
async fn a_stream_that_tells_everything_again_in_batches_cut_anew_changes_nothing() {
    let workshop = Workshop::open().await;
    live(&workshop).await;
    let expected = left(&workshop).await;
    for again in [Step::ProjectInPieces, Step::Project, Step::ProjectInPieces] {
        workshop.done(&again).await;
        assert_eq!(left(&workshop).await, expected);
    }
}
