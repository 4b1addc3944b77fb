//! One endpoint hangs: what the others notice.

use std::iter;
use std::sync::Arc;
use std::time::{Duration, Instant};

use paywarden_domain::id::EndpointId;
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_store::queue::{Message, Queue};
use paywarden_testing::TestStage;
use paywarden_webhooks::errand::{Courier, Errand};

use crate::queue::FairQueue;
use crate::receiver::Receiver;
use crate::stage;

const ENDPOINTS: usize = 20;

/// Changes a second, over all endpoints.
const RATE: usize = 400;

/// Batches that the first attempts may have under way at the same time: `MaximumConcurrency` of the template.
const WORKERS: usize = 50;

/// The same of the retries, where those are told who let others wait.
const RETRYING: usize = 20;

/// How long a worker looks away when nothing is there.
const PAUSE: Duration = Duration::from_millis(2);

/// How long the last of them may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Measures with everybody well and with one who hangs, and compares.
pub async fn measure(seconds: usize) {
    println!("\n{ENDPOINTS} endpoints, {RATE} changes a second for {seconds} s, {WORKERS} workers");
    let (well, _) = tell(seconds, false).await;
    let (beside, missing) = tell(seconds, true).await;
    println!("{:<28}{:>10}{:>10}", "change to arrival, ms", "p50", "p95");
    for (name, times) in [("all answer", &well), ("the other 19, one hangs", &beside)] {
        println!("{name:<28}{:>10.1}{:>10.1}", percentile(times, 50), percentile(times, 95));
    }
    println!(
        "p95 beside one who hangs is {:.2} × of without",
        percentile(&beside, 95) / percentile(&well, 95)
    );
    assert_eq!(missing, 0, "everything for those who answer arrived");
}

/// Tells all; answers how long it took to reach those who answer, in order, and how many did not arrive.
async fn tell(seconds: usize, one_hangs: bool) -> (Vec<Duration>, usize) {
    let tables = Arc::new(TestStage::in_process_without_streams());
    let merchant = tables.add_merchant("Kopi Nusantara").await.id;
    let (receiver, queue) = (Receiver::open().await, Arc::new(FairQueue::default()));
    let mut endpoints = Vec::new();
    for number in 0..ENDPOINTS {
        let path = if one_hangs && number == 0 { "hangs" } else { "hooks" };
        let url = stage::url(receiver.address, &format!("{path}/{number}"));
        endpoints.push(stage::endpoint(&tables, &merchant, number, url).await);
    }
    let again = Arc::new(FairQueue::default());
    let queues = iter::repeat_n(&queue, WORKERS).chain(iter::repeat_n(&again, RETRYING));
    let workers: Vec<_> = queues
        .map(|queue| tokio::spawn(work(Arc::clone(&tables), Arc::clone(queue), Arc::clone(&again))))
        .collect();
    let mut changes = Vec::new();
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / RATE as u64));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    for number in 0..seconds * RATE {
        ticks.tick().await;
        let endpoint = &endpoints[number % ENDPOINTS];
        let delivery = stage::delivery(&merchant, endpoint, number);
        changes.push((number % ENDPOINTS, delivery.id.to_string(), Instant::now()));
        tables.deliveries().plan(&delivery).await.unwrap();
        queue.send(pointer(&delivery.key(), endpoint)).await.unwrap();
    }
    tokio::time::sleep(PATIENCE).await;
    workers.iter().for_each(tokio::task::JoinHandle::abort);
    changes.retain(|(number, _, _)| !one_hangs || *number != 0);
    let arrived = changes.iter().filter_map(|(_, id, at)| Some(receiver.arrival(id)?.duration_since(*at)));
    let mut times: Vec<_> = arrived.collect();
    times.sort_unstable();
    let missing = changes.len() - times.len();
    (times, missing)
}

fn pointer(key: &paywarden_domain::webhook::DeliveryKey, endpoint: &EndpointId) -> Message {
    let errand = Errand::Attempt(Pointer { key: key.clone(), attempt: 1 });
    Message {
        body: serde_json::json!(errand).to_string(),
        group: Some(endpoint.to_string()),
        ..Message::default()
    }
}

/// One process after another batch, as long as somebody wants it to.
async fn work(tables: Arc<TestStage>, queue: Arc<FairQueue>, again: Arc<FairQueue>) {
    let courier = Courier::of(&stage::stores(tables.dynamo.clone(), again)).unwrap();
    loop {
        let batch = queue.receive();
        if batch.is_empty() {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        let errands = batch.iter().map(|handed| serde_json::from_str::<Errand>(&handed.body).unwrap());
        let done = futures::future::join_all(errands.map(|errand| courier.run(errand))).await;
        done.into_iter().for_each(|done| done.unwrap());
        queue.done(&batch);
    }
}

/// In milliseconds, of times that are in order.
fn percentile(times: &[Duration], percent: usize) -> f64 {
    times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0
}
