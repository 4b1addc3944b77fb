//! What a delivery costs a process, beside posting alone.

use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use paywarden_domain::id::{EndpointId, MerchantId};
use paywarden_domain::webhook::Health;
use paywarden_domain::webhook::address::AddressPolicy;
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_store::aws::config_for_emulator;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::webhooks::StoredHealth;
use paywarden_testing::TestStage;
use paywarden_webhooks::attempt::{TIME_LIMIT, client};
use paywarden_webhooks::errand::{Courier, Errand};

use crate::queue::FairQueue;
use crate::receiver::Receiver;
use crate::stage;

/// Messages of a batch, and posts that are under way at the same time.
const AT_ONCE: usize = 10;

const ENDPOINTS: usize = 20;

/// Clock ticks a second in `/proc`: <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>, on every Linux of today.
const TICKS: f64 = 100.0;

/// What a process says of itself.
struct Spent {
    cpu_seconds: f64,
    seconds: f64,
}

/// Measures both, and prints them.
pub async fn measure(deliveries: usize) {
    let tables = TestStage::without_streams().await;
    let merchant = tables.add_merchant("Kopi Nusantara").await.id;
    let receiver = Receiver::open().await;
    let mut endpoints = Vec::new();
    for number in 0..ENDPOINTS {
        let url = stage::url(receiver.address, &format!("hooks/{number}"));
        endpoints.push(stage::endpoint(&tables, &merchant, number, url).await);
    }
    let mut pointers = String::new();
    for number in 0..deliveries {
        let delivery = stage::delivery(&merchant, &endpoints[number % ENDPOINTS], number);
        tables.deliveries().plan(&delivery).await.unwrap();
        let errand = Errand::Attempt(Pointer { key: delivery.key(), attempt: 1 });
        pointers.push_str(&format!("{}\n", serde_json::json!(errand)));
    }
    let file = std::env::temp_dir().join(format!("paywarden-bench-webhooks-{}", std::process::id()));
    std::fs::write(&file, pointers).unwrap();
    let address = stage::url(receiver.address, "hooks/bare");
    let count = deliveries.to_string();
    let bare = spent(&["bare", &address, &count]).await;
    let noting = spent(&["noting", &address, &count, &tables.endpoint]).await;
    let delivering = spent(&["deliver", &tables.endpoint, file.to_str().unwrap()]).await;
    std::fs::remove_file(&file).unwrap();
    assert_eq!(receiver.count(), deliveries + 1, "everything arrived; all bare posts have one id");
    print(deliveries, &bare, &noting, &delivering);
}

fn print(deliveries: usize, bare: &Spent, noting: &Spent, delivering: &Spent) {
    let count = f64::from(u32::try_from(deliveries).unwrap());
    println!("{deliveries} webhooks of a kilobyte\n{:<16}{:>16}{:>12}", "", "CPU ms/webhook", "webhooks/s");
    for (name, spent) in [("bare posts", bare), ("… one note each", noting), ("deliveries", delivering)] {
        println!("{name:<16}{:>16.3}{:>12.0}", spent.cpu_seconds * 1000.0 / count, count / spent.seconds);
    }
    for (name, floor) in [("bare posts", bare), ("posts with one small write each", noting)] {
        println!(
            "deliveries take {:.1} × the processor time of {name}",
            delivering.cpu_seconds / floor.cpu_seconds
        );
    }
}

/// Lets a process of its own do something.
async fn spent(arguments: &[&str]) -> Spent {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("--process").args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<f64> = said.split_whitespace().map(|number| number.parse().unwrap()).collect();
    Spent { cpu_seconds: numbers[0], seconds: numbers[1] }
}

/// What such a process does, and says at its end: seconds of the processor, and seconds.
pub fn process(arguments: &[String]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let started = Instant::now();
    match arguments[0].as_str() {
        "bare" => runtime.block_on(post(&arguments[1], arguments[2].parse().unwrap())),
        "noting" => runtime.block_on(note(&arguments[1], arguments[2].parse().unwrap(), &arguments[3])),
        "deliver" => runtime.block_on(deliver(&arguments[1], &arguments[2])),
        other => panic!("{other} is nothing to do"),
    }
    println!("{} {}", cpu_seconds(), started.elapsed().as_secs_f64());
}

/// Posts over and over.
async fn post(address: &str, count: usize) {
    let client = client(AddressPolicy::AllowLoopback, TIME_LIMIT).unwrap();
    let posting = (0..count).map(|number| {
        let request = client.post(address).header("webhook-id", "bare").body(stage::body(number));
        async move { assert!(request.send().await.unwrap().bytes().await.is_ok()) }
    });
    futures::stream::iter(posting).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

/// Posts over and over, and writes down each time that it has: the least that a process can do that may be asked later.
async fn note(address: &str, count: usize, endpoint: &str) {
    let client = client(AddressPolicy::AllowLoopback, TIME_LIMIT).unwrap();
    let healths = stage::stores(Dynamo::new(&config_for_emulator(endpoint)), Arc::new(FairQueue::default()))
        .endpoint_healths()
        .unwrap();
    let merchant = MerchantId::derived("bench", &[]);
    let noting = (0..count).map(|number| {
        let request = client.post(address).header("webhook-id", "bare").body(stage::body(number));
        let (healths, merchant, row) =
            (&healths, &merchant, EndpointId::derived("note", &[&number.to_be_bytes()]));
        async move {
            assert!(request.send().await.unwrap().bytes().await.is_ok());
            healths.write(merchant, &row, &StoredHealth::default(), &Health::default(), None).await.unwrap();
        }
    });
    futures::stream::iter(noting).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

async fn deliver(endpoint: &str, file: &str) {
    let dynamo = Dynamo::new(&config_for_emulator(endpoint));
    let courier = Courier::of(&stage::stores(dynamo, Arc::new(FairQueue::default()))).unwrap();
    let lines = std::fs::read_to_string(file).unwrap();
    let errands: Vec<Errand> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for batch in errands.chunks(AT_ONCE) {
        let done = futures::future::join_all(batch.iter().map(|errand| courier.run(errand.clone()))).await;
        done.into_iter().for_each(|done| done.unwrap());
    }
}

/// Seconds that this process had a processor.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |place: usize| fields[place].parse::<f64>().unwrap();
    // The fourteenth and fifteenth field of the line; the name in brackets is the second.
    (ticks(11) + ticks(12)) / TICKS
}
