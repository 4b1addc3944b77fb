//! Rows that everybody writes: a code that a thousand pay within a minute, and the sums of a merchant who is paid two hundred
//! times a second. The tables are in this process, at a distance; a model of the queue hands out what was sent.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark speaks to people, times itself, and fails loudly"
)]

#[path = "hot/queue.rs"]
mod queue;
#[path = "hot/sums.rs"]
mod sums;

use std::sync::Arc;
use std::time::{Duration, Instant};

use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::time::Clock;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::{Report, TrustGrade};
use paywarden_domain::vocabulary::Status;
use paywarden_lambda_kit::batch;
use paywarden_payments::apply::{Applier, lane};
use paywarden_testing::{TestStage, builders};
use serde_json::json;

use queue::{Queue, Received};

/// Payments on one code.
const PAYMENTS: usize = 1_000;

/// What one operation on a table takes, there and back; an atomic write twice that.
const DISTANCE: Duration = Duration::from_millis(5);

/// Processes that apply callbacks. They share the cores of this machine, as functions do not: each further one makes all of them
/// slower here.
const WORKERS: usize = 20;

/// Payments that come all at once.
const CROWD: usize = 100;

/// How long a worker looks away when nothing is there.
const PAUSE: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() {
    let payments = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(PAYMENTS);
    sums::add_up().await;
    for (payments, within) in [(payments, Duration::from_secs(60)), (payments.min(CROWD), Duration::ZERO)] {
        println!("\n{payments} payments on one reference within {} s, {WORKERS} workers", within.as_secs());
        pay(payments, within).await;
    }
}

async fn pay(payments: usize, within: Duration) {
    let stage = Arc::new(TestStage::in_process_without_streams());
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    let provider = builders::charging(builders::provider(&merchant, ProviderType::Xendit));
    let provider = stage.add_this_provider(provider, &json!({})).await;
    stage.faults.flights.set_distance(DISTANCE);
    let queue = Arc::new(Queue::default());
    let workers: Vec<_> =
        (0..WORKERS).map(|_| tokio::spawn(work(Arc::clone(&stage), Arc::clone(&queue), payments))).collect();
    let started = Instant::now();
    for number in 0..payments {
        let due = within * u32::try_from(number).unwrap() / u32::try_from(payments).unwrap();
        tokio::time::sleep_until((started + due).into()).await;
        queue.send(&serde_json::to_string(&callback(&stage, &provider, number)).unwrap(), 0);
    }
    for worker in workers {
        worker.await.unwrap();
    }
    println!("  all done after: {:.1} s", started.elapsed().as_secs_f64());
    queue.say();
    println!("  records under the reference: {}", stage.count("TransactionsTable"));
}

fn callback(stage: &TestStage, provider: &Provider, number: usize) -> VerifiedCallback {
    let paid = builders::report("CODE-1", Status::Paid, "2026-11-20T07:55:00Z");
    VerifiedCallback {
        merchant_id: provider.merchant_id.clone(),
        provider: provider.binding(),
        grade: TrustGrade::Signed,
        received_at: stage.clock.now(),
        correlation_id: format!("corr-{number}"),
        reports: vec![Report { provider_transaction_id: Some(format!("pay_{number}")), ..paid }],
        raw_body: "{}".to_owned(),
        waits: false,
        put_off: 0,
    }
}

/// Takes batches until everything is applied or dead.
async fn work(stage: Arc<TestStage>, queue: Arc<Queue>, payments: usize) {
    let applier = Applier::of(&stage.stores()).unwrap();
    while !queue.has_settled(payments) {
        let batch = queue.receive();
        if batch.is_empty() {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        let started = Instant::now();
        let response =
            batch::process_in_lanes(&applier, Received::event(&batch), lane, Applier::apply_lane).await;
        for message in stage.transaction_events.take() {
            queue.send(&message.body, message.delay_seconds);
        }
        let failed: Vec<_> =
            response.batch_item_failures.into_iter().map(|one| one.item_identifier).collect();
        queue.end(batch, &failed, started.elapsed());
    }
}
