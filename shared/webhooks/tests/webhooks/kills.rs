//! Processes that die: before each single operation on the way from a change to the last attempt.
//!
//! What dies with a process is every operation on tables, queues and the vault. A receiver is none of these, and need not
//! be: a process that dies just before it posts leaves what one leaves that dies before it opens the secret, and one that
//! dies just behind is killed before the operation that follows.

use std::collections::{BTreeMap, BTreeSet};

use paywarden_domain::actor::Actor;
use paywarden_domain::id::DeliveryId;
use paywarden_domain::provider::change::Change;
use paywarden_domain::provider::{ProviderStatus, ProviderType};
use paywarden_domain::reconciliation::run::RunState;
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::{DeliveryStatus, EventType};
use paywarden_testing::builders;
use paywarden_webhooks::news::News;
use serde_json::Value;

use crate::breaker::Outage;
use crate::receiver::{HANGS_UP, Receiver};
use crate::workshop::{Row, Workshop};

/// Seconds for which one of the receivers answers 500.
const OUTAGE_SECONDS: i64 = 600;

/// What differs from run to run: ports, and moments behind the first wait, whose length is drawn by lot, with what is signed
/// then.
const VOLATILE: [&str; 8] =
    ["at", "duration_ms", "due_sk", "entry", "expires_at", "next_attempt_at", "signature", "url"];

/// A workshop with receivers of every kind.
struct Flow {
    workshop: Workshop,
    receivers: Vec<Receiver>,
    /// The first delivery to the receiver that wants to hear no more.
    unwanted: DeliveryId,
}

/// What is left when everything is over.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Left {
    webhooks: Vec<Row>,
    timeline: Vec<Row>,
    /// By receiver: what came under each id.
    bodies: Vec<BTreeMap<String, BTreeSet<String>>>,
    in_index: Vec<DeliveryId>,
}

/// What a receiver answers, before and after its outage is over.
type Answering = fn(bool) -> u16;

impl Flow {
    /// Every receiver is told of something: one is well, one recovers when the wait in the index is over, one is gone, and
    /// one never answers.
    async fn prepared() -> Self {
        use EventType::{
            ProviderStatusChanged, ReconciliationCompleted, TransactionCreated, TransactionUpdated,
        };
        let workshop = Workshop::retrying("5,3600,5").await;
        let over = workshop.stage.clock.now().as_seconds() + OUTAGE_SECONDS;
        let answers: [(Answering, &[EventType]); 4] = [
            (|_| 200, &[TransactionCreated, ProviderStatusChanged, ReconciliationCompleted]),
            (|over| if over { 200 } else { 500 }, &[TransactionUpdated]),
            (|_| 410, EventType::DEFAULT),
            (|_| HANGS_UP, &[TransactionCreated]),
        ];
        let (mut receivers, mut endpoints) = (Vec::new(), Vec::new());
        for (answer, events) in answers {
            let receiver = Receiver::deciding(move |post| answer(post.timestamp >= over)).await;
            endpoints.push(workshop.endpoint(receiver.address, events).await);
            receivers.push(receiver);
        }
        let paid = workshop.paid_payment().await;
        let unwanted = DeliveryId::of(&endpoints[2], paid.id.as_str(), 1, paid.created_at);
        Self { workshop, receivers, unwanted }
    }

    /// From the changes to the last attempt.
    async fn run(&self) {
        let provider = builders::provider(&self.workshop.merchant, ProviderType::Xendit);
        let mut failing = provider.clone();
        failing.standing.status = ProviderStatus::Maintenance;
        let failing = failing.changed(self.workshop.stage.clock.now());
        let run = builders::run(&builders::statement(&provider));
        self.plan(self.workshop.transaction_changes()).await;
        self.plan(vec![Change::between(Some(&provider), &failing, Actor::Automation, None)]).await;
        self.plan(vec![builders::run_in(&run, RunState::Failed, self.workshop.stage.clock.now())]).await;
        self.workshop.work().await;
    }

    /// Plans a batch; one that fails comes again, whole.
    async fn plan<C: News + Clone>(&self, changes: Vec<C>) {
        while let Err(error) = self.workshop.planner().plan(changes.clone()).await {
            assert!(self.workshop.stage.faults.restart(), "{error}");
        }
    }

    async fn left(&self) -> Left {
        self.workshop.stage.faults.restart();
        let timeline = self.workshop.rows("TimelineTable");
        nothing_is_early(&timeline);
        let mut webhooks = self.workshop.rows("WebhooksTable");
        // How endpoints do is not known to the last attempt.
        webhooks.retain(|row| !row.get("sk").is_some_and(|sk| sk.starts_with("health#")));
        Left {
            webhooks: lasting(webhooks),
            timeline: lasting(timeline),
            bodies: self.receivers.iter().map(Receiver::bodies).collect(),
            in_index: self.workshop.in_index().await,
        }
    }

    fn posts(&self) -> usize {
        self.receivers.iter().map(Receiver::received).sum()
    }
}

impl Left {
    fn beside(&self, other: &Self) -> [Vec<Row>; 2] {
        [differing(&self.webhooks, &other.webhooks), differing(&self.timeline, &other.timeline)]
    }

    /// The same without what is known of the attempts at a delivery.
    fn without_attempts_at(mut self, delivery: &DeliveryId) -> Self {
        let of_it = |row: &Row| {
            ["pk", "sk"].iter().any(|key| row.get(*key).is_some_and(|id| id == delivery.as_str()))
        };
        self.webhooks.retain(|row| !(of_it(row) && row.contains_key("number")));
        for row in self.webhooks.iter_mut().filter(|row| of_it(row)) {
            row.retain(|name, _| {
                !["attempts", "status", "error", "http_status", "due_pk"].contains(&name.as_str())
            });
        }
        self.webhooks.sort();
        self
    }
}

/// The rows that only one of them has, without what is long.
fn differing(left: &[Row], right: &[Row]) -> Vec<Row> {
    let only = |of: &[Row], other: &[Row]| of.iter().filter(|row| !other.contains(row)).cloned().collect();
    let mut rows: Vec<Row> = only(left, right);
    rows.extend::<Vec<Row>>(only(right, left));
    for row in &mut rows {
        row.retain(|name, _| {
            !["body", "correlation_id", "sealed_secret", "signature"].contains(&name.as_str())
        });
    }
    rows
}

/// What is the same in every run, in order.
fn lasting(mut rows: Vec<Row>) -> Vec<Row> {
    let lasts = |name: &String| !VOLATILE.contains(&name.as_str());
    for row in &mut rows {
        row.retain(|name, _| lasts(name));
        if let Some(detail) = row.get_mut("detail") {
            let mut members: serde_json::Map<String, Value> = serde_json::from_str(detail).unwrap();
            members.retain(|name, _| lasts(name));
            *detail = Value::Object(members).to_string();
        }
    }
    rows.sort();
    rows
}

/// No attempt is made before the time that the entry of the one before names.
fn nothing_is_early(timeline: &[Row]) {
    let mut due: BTreeMap<(String, u64), String> = BTreeMap::new();
    let attempts =
        timeline.iter().map(|row| (&row["at"], serde_json::from_str::<Value>(&row["detail"]).unwrap()));
    let attempts: Vec<_> = attempts.collect();
    for (_, detail) in &attempts {
        if let Some(next) = detail["next_attempt_at"].as_str() {
            let next_number = detail["attempt"].as_u64().unwrap() + 1;
            due.insert((detail["delivery_id"].to_string(), next_number), next.to_owned());
        }
    }
    for (at, detail) in &attempts {
        let key = (detail["delivery_id"].to_string(), detail["attempt"].as_u64().unwrap());
        let due = due.get(&key);
        assert!(due.is_none_or(|due| due <= *at), "attempt {key:?} is due at {due:?} and was made at {at}");
    }
}

/// A kill between posting and booking sends once more, the same body under the same id, and nothing else shows: the clock
/// stands, so that the second entry on the timeline overwrites the first. With one exception: who dies between switching
/// off an endpoint that is gone and booking the attempt that told so leaves that attempt on the timeline only. The
/// delivery is parked then, for its endpoint is off.
#[tokio::test]
async fn a_kill_before_any_operation_changes_nothing() {
    let flow = Flow::prepared().await;
    flow.workshop.stage.faults.kill_before(i64::MAX);
    flow.run().await;
    let operations = flow.workshop.stage.faults.operations();
    let (expected, posts) = (flow.left().await, flow.posts());
    assert_eq!((expected.webhooks.len(), &expected.in_index), (4 + 7 + 3 + 3 + 1 + 4, &Vec::new()));
    assert!(operations > 80, "{operations} operations");
    let mut unbooked = 0;
    for kill in 0..operations {
        let flow = Flow::prepared().await;
        flow.workshop.stage.faults.kill_before(kill);
        flow.run().await;
        let left = flow.left().await;
        let again = flow.posts() - posts;
        assert!(again <= 1, "killed before operation {kill}: {again} posts too many");
        if left != expected {
            unbooked += 1;
            let [left, expected] =
                [left, expected.clone()].map(|left| left.without_attempts_at(&flow.unwanted));
            assert!(left == expected, "killed before operation {kill}: {:?}", left.beside(&expected));
        }
    }
    assert!(unbooked <= 2, "{unbooked} kills lost an attempt's booking");
}

/// Lives through an outage that opens the breaker of an endpoint, in processes of which one is killed; answers how many
/// operations and posts that were.
async fn outage(kill: i64) -> (i64, usize) {
    let outage = Outage::of(4, "1,1,1,1").await;
    let (workshop, mut deliveries) = (&outage.workshop, Vec::new());
    for version in 1..=2 {
        let delivery = workshop.planned(&outage.endpoint, version).await;
        workshop.queue(&delivery).await;
        deliveries.push(delivery);
    }
    workshop.stage.faults.kill_before(kill);
    workshop.work().await;
    let operations = workshop.stage.faults.operations();
    workshop.stage.faults.restart();
    let statuses = outage.statuses(&deliveries).await;
    assert_eq!(statuses, [DeliveryStatus::Delivered; 2], "killed before operation {kill}");
    outage.assert_is_over().await;
    let bodies = outage.receiver.bodies();
    assert!(bodies.len() == 2 && bodies.values().all(|bodies| bodies.len() == 1), "killed before {kill}");
    (operations, outage.receiver.received())
}

/// The breaker opens at the third attempt of one of them, a probe fails, one succeeds, and what was parked is let go.
#[tokio::test]
async fn a_kill_on_the_way_through_an_outage_keeps_nobody_waiting() {
    let (operations, posts) = outage(i64::MAX).await;
    assert!(operations > 80, "{operations} operations");
    for kill in 0..operations {
        let (_, again) = outage(kill).await;
        // The post that nobody has booked, or the failure that nobody has counted.
        assert!(again <= posts + 2, "killed before operation {kill}: {again} posts instead of {posts}");
    }
}
