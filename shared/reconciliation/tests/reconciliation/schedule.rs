//! Runs that are due. The clock shows 15:00 in Jakarta.

use paywarden_domain::id::StatementId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::settlement::{ClockTime, Settlement};
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::reconciliation::run::{Run, RunState, Trigger};
use paywarden_domain::statement::{ParseReport, Statement, StatementStatus};
use paywarden_domain::time::{Clock, Zone};
use paywarden_reconciliation::schedule::Scheduler;
use paywarden_reconciliation::work::Work;
use paywarden_testing::{TestStage, builders};
use serde_json::json;

use crate::workshop::{HEADER, Workshop, line, summary};

/// A settlement at this time in Jakarta, a business day later.
fn jakarta(time: &str) -> Settlement {
    let (time, zone) = (ClockTime::parse(time).unwrap(), Zone::parse("Asia/Jakarta").unwrap());
    Settlement { time, zone, lag_days: 1 }
}

struct Fixture {
    stage: TestStage,
    scheduler: Scheduler,
    merchant: Merchant,
    provider: Provider,
}

impl Fixture {
    async fn new(time: &str) -> Self {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let provider = Provider {
            settlement: Some(jakarta(time)),
            ..builders::provider(&merchant, ProviderType::Xendit)
        };
        let provider = stage.add_this_provider(provider, &json!({})).await;
        let scheduler = Scheduler::of(&stage.stores()).unwrap();
        Self { stage, scheduler, merchant, provider }
    }

    /// A statement with bookings at that time.
    async fn arrive(&self, name: &str, booked: &str) -> Statement {
        let moment = Some(builders::at(booked));
        let sample = builders::statement(&self.provider);
        let report =
            ParseReport { first_booked_at: moment, last_booked_at: moment, ..sample.report.clone().unwrap() };
        let statement = Statement {
            id: StatementId::derived("test", &[name.as_bytes()]),
            sha256: Some(name.to_owned()),
            report: Some(report),
            created_at: self.stage.clock.now(),
            ..sample
        };
        self.stage.reconciliation().put_statement(&statement).await.unwrap();
        statement
    }

    /// First day, last day and number of statements of the runs that a tick begins.
    async fn tick(&self) -> Vec<(String, String, usize)> {
        self.scheduler.run().await.unwrap();
        let mut begun = Vec::new();
        for message in self.stage.reconciliation_queues[0].take() {
            let work: Work = serde_json::from_str(&message.body).unwrap();
            let run: Run = self.stage.reconciliation().run(&work.run_id).await.unwrap().unwrap();
            assert_eq!((run.trigger, run.scope.as_of), (Trigger::Schedule, Some(run.scope.until)));
            let scope = &run.scope;
            begun.push((scope.from.to_string(), scope.until.to_string(), scope.statement_ids.len()));
            // Done: what is still queued would be queued again.
            let done = builders::run_in(&run, RunState::Completed, self.stage.clock.now());
            self.stage.reconciliation().replace_run(&done).await.unwrap();
        }
        begun
    }
}

fn window(from: &str, until: &str, statements: usize) -> (String, String, usize) {
    (format!("2026-11-{from}"), format!("2026-11-{until}"), statements)
}

#[tokio::test]
async fn a_day_is_reconciled_once_when_its_books_have_closed() {
    let fixture = Fixture::new("15:30").await;
    fixture.arrive("friday", "2026-11-20T05:00:00Z").await;
    assert_eq!(fixture.tick().await, [], "the books of Friday are open");
    fixture.stage.clock.advance_seconds(30 * 60);
    assert_eq!(fixture.tick().await, [window("19", "20", 1)]);
    for _ in 0..3 {
        fixture.stage.clock.advance_seconds(15 * 60);
        assert_eq!(fixture.tick().await, []);
    }
}

#[tokio::test]
async fn what_was_paid_in_the_night_belongs_to_the_provider_s_day_not_to_the_one_of_utc() {
    let workshop = Workshop::open_for(Some(jakarta("01:00"))).await;
    // 02:00 and 03:00 on the 20th in Jakarta, still the 19th in UTC: due on the 23rd, and the books are those of the 20th.
    workshop.paid("SETTLED", "10000", "2026-11-19T19:00:00Z").await;
    workshop.paid("OPEN", "10000", "2026-11-19T20:00:00Z").await;
    workshop.statement("one", &format!("{HEADER}{}", line("SETTLED", "10000", "2026-11-19T21:00:00Z"))).await;
    Scheduler::of(&workshop.stage.stores()).unwrap().run().await.unwrap();
    workshop.work().await;
    let runs = workshop.table().runs(&workshop.merchant.id, None, 10).await.unwrap();
    let [run] = &runs.items[..] else { panic!("{runs:?}") };
    assert_eq!((run.scope.until.to_string(), run.state), ("2026-11-20".to_owned(), RunState::Completed));
    assert_eq!(summary(run)["outcomes"]["ledger"], json!({"MATCHED": 1, "PENDING_SETTLEMENT": 1}));
}

#[tokio::test]
async fn a_statement_that_comes_late_or_anew_starts_its_days_again() {
    let fixture = Fixture::new("01:00").await;
    fixture.arrive("thursday", "2026-11-19T05:00:00Z").await;
    assert_eq!(fixture.tick().await, [window("18", "19", 1)]);
    fixture.arrive("thursday, restated", "2026-11-19T05:00:00Z").await;
    assert_eq!(fixture.tick().await, [window("18", "19", 2)]);
    fixture.arrive("wednesday, late", "2026-11-18T05:00:00Z").await;
    let mut begun = fixture.tick().await;
    begun.sort();
    assert_eq!(begun, [window("17", "18", 1), window("18", "19", 3)]);
    fixture.arrive("october", "2026-10-18T05:00:00Z").await;
    assert_eq!(fixture.tick().await, [], "too long ago: by hand");
}

#[tokio::test]
async fn what_cannot_be_read_keeps_no_day_from_being_reconciled() {
    let fixture = Fixture::new("01:00").await;
    let stage = &fixture.stage;
    let other = stage.add_provider(&fixture.merchant, ProviderType::Midtrans, &json!({})).await;
    stage.spoil("ProvidersTable", "type", |item| item["id"]["S"] == other.id.as_str());
    let spoilt = fixture.arrive("of the next version", "2026-11-20T04:00:00Z").await;
    fixture.arrive("friday", "2026-11-20T05:00:00Z").await;
    stage.spoil("ReconciliationTable", "statement", |item| item["pk"]["S"] == spoilt.id.as_str());
    assert_eq!(fixture.tick().await, [window("19", "20", 1)]);
}

#[tokio::test]
async fn nothing_is_due_without_a_settlement_time_or_a_statement_that_can_be_used() {
    let fixture = Fixture::new("01:00").await;
    assert_eq!(fixture.tick().await, []);
    let statement = fixture.arrive("friday", "2026-11-20T05:00:00Z").await;
    let rejected = Statement { status: StatementStatus::Rejected, ..statement };
    fixture.stage.reconciliation().put_statement(&rejected).await.unwrap();
    assert_eq!(fixture.tick().await, []);
}

#[tokio::test]
async fn a_run_that_failed_or_was_stopped_is_left_to_people() {
    let fixture = Fixture::new("01:00").await;
    fixture.arrive("friday", "2026-11-20T05:00:00Z").await;
    fixture.scheduler.run().await.unwrap();
    let runs = fixture.stage.reconciliation().runs(&fixture.merchant.id, None, 10).await.unwrap();
    let failed = runs.items[0].fail("gone", fixture.stage.clock.now()).unwrap();
    fixture.stage.reconciliation().replace_run(&failed).await.unwrap();
    drop(fixture.stage.reconciliation_queues[0].take());
    assert_eq!(fixture.tick().await, []);
}
