//! Against the real store code on an in-process DynamoDB, with the events of its own stream.

use paywarden_domain::reconciliation::run::RunScope;
use paywarden_domain::webhook::EndpointStatus;
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_testing::{TestStage, builders, events};
use serde_json::{Value, json};

use super::*;

struct Fixture {
    stage: TestStage,
    run: Run,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let (_, _, run) = stage.add_run(&merchant).await;
        stage.add_endpoint(&merchant, EndpointStatus::Enabled, &[EventType::ReconciliationCompleted]).await;
        stage.add_endpoint(&merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
        Self { stage, run }
    }

    async fn move_to(&self, run: &Run, state: RunState) -> Run {
        let next = builders::run_in(run, state, builders::at("2026-11-20T08:00:00Z"));
        self.stage.reconciliation().replace_run(&next).await.unwrap();
        next
    }

    async fn dispatch(&self) -> Vec<Value> {
        handle(&self.stage.planner(), self.stage.reconciliation_changes()).await.unwrap();
        let mut bodies = Vec::new();
        for message in self.stage.webhook_deliveries.take() {
            let pointer: Pointer = serde_json::from_str(&message.body).unwrap();
            let delivery = self.stage.deliveries().find(&pointer.delivery_id).await.unwrap().unwrap();
            bodies.push(serde_json::from_str(&delivery.body).unwrap());
        }
        bodies
    }
}

#[tokio::test]
async fn the_end_of_a_run_is_told_once_to_those_who_asked_for_it() {
    let fixture = Fixture::new().await;
    let reducing = fixture.move_to(&fixture.run, RunState::Reducing).await;
    assert_eq!(fixture.dispatch().await, Vec::<Value>::new());
    let completed = fixture.move_to(&reducing, RunState::CompletedWithRejects).await;
    let [body] = fixture.dispatch().await.try_into().unwrap();
    assert_eq!(body["event"], "reconciliation.completed");
    assert_eq!(
        (&body["run"]["id"], &body["run"]["state"]),
        (&json!(fixture.run.id), &json!("COMPLETED_WITH_REJECTS"))
    );
    let rows = fixture.stage.count("WebhooksTable");
    fixture.move_to(&completed, RunState::Superseded).await;
    assert_eq!((fixture.dispatch().await.len(), fixture.stage.count("WebhooksTable")), (1, rows));
}

#[tokio::test]
async fn a_failure_is_told_and_what_somebody_stopped_or_tried_out_is_not() {
    for (state, dry_run, expected) in [
        (RunState::Failed, false, 1),
        (RunState::Cancelled, false, 0),
        (RunState::Completed, true, 0),
        (RunState::Failed, true, 0),
    ] {
        let fixture = Fixture::new().await;
        let run = Run { scope: RunScope { dry_run, ..fixture.run.scope.clone() }, ..fixture.run.clone() };
        fixture.move_to(&run, state).await;
        assert_eq!(fixture.dispatch().await.len(), expected, "{state} {dry_run}");
    }
}

#[tokio::test]
async fn samples_are_handled() {
    let mut handled = Vec::new();
    for (case, event) in events::parsed::<Event>("dispatch-reconciliation-webhooks") {
        let fixture = Fixture::new().await;
        let outcome = handle(&fixture.stage.planner(), event).await;
        let planned = fixture.stage.webhook_deliveries.take().len();
        handled.push((case, outcome.map(|()| planned).map_err(|_| ())));
    }
    let expected = [("completed", Ok(1)), ("not-a-run", Err(()))];
    assert_eq!(handled, expected.map(|(case, outcome)| (case.to_owned(), outcome)));
}
