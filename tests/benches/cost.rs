//! What each operation costs in DynamoDB, measured, as the page `infra/costs.md`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark speaks to people, and fails loudly"
)]

use std::collections::BTreeMap;

use paywarden_domain::id::{DeliveryId, EndpointId};
use paywarden_domain::ledger;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::vocabulary::{Direction, Status};
use paywarden_domain::webhook::delivery::NextStep;
use paywarden_domain::webhook::{Attempt, AttemptOutcome, Delivery, EndpointStatus, EventType};
use paywarden_store::totals::TotalsChange;
use paywarden_store::transactions::list::{Filters, ListQuery, Order};
use paywarden_store::transactions::{Bind, Binding, Write, item_json};
use paywarden_testing::{TestStage, builders};
use serde_json::{Value, json};

/// List prices on demand in us-east-1, in thousandths of a dollar for a million units
/// (<https://aws.amazon.com/dynamodb/pricing/on-demand/>).
const WRITE_MILS: u64 = 625;
const READ_MILS: u64 = 125;

/// What runs without traffic: what, how often in a month, dollars.
const IDLE: [(&str, &str, &str); 7] = [
    ("alarms", "17 of one metric, 4 of 19 together, $0.10 a metric", "3.60"),
    ("empty receives of seven queues", "five pollers each, every 20 seconds: 4.5 million at $0.40", "1.81"),
    ("the KMS key", "one", "1.00"),
    ("secrets", "two at $0.40", "0.80"),
    ("metrics of log lines", "two at $0.30", "0.60"),
    ("sweeps", "132,480 invocations, with their reads and log lines", "0.30"),
    ("together", "", "8.11"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let stage = TestStage::start().await;
    let merchant = builders::merchant("one");
    let [recorded, paid] = life(&merchant, 0);
    println!(
        "# What it costs\n\nFirst DynamoDB, where most of it goes and which is measured; then what runs without traffic.\n"
    );
    println!(
        "Written by `cargo xtask bench cost`; measured with plain records on the in-process DynamoDB.\n"
    );
    println!(
        "A plain record is {} bytes as an item when it is recorded and {} when it is paid.\n",
        size(&recorded),
        size(&paid)
    );
    writes(&stage, &recorded, &paid);
    operations(&stage, &merchant).await;
    projections(&stage, &merchant).await;
    idle();
}

/// A QRIS payment as it is recorded and as it is paid.
fn life(merchant: &Merchant, number: u32) -> [Transaction; 2] {
    let provider = builders::charging(builders::provider(merchant, ProviderType::Xendit));
    let mut draft = builders::draft(&format!("INV{number:07}"));
    draft.provider = Some(provider.binding());
    draft.attributes = builders::object(json!({"qrData": "00020101021226", "nmid": "ID1020021181745"}));
    draft.expired_at = Some(builders::at("2026-11-20T09:00:00Z"));
    let recorded = draft.into_transaction(merchant, builders::at("2026-11-20T08:00:00Z"), "corr-1");
    let report = builders::report(&recorded.reference, Status::Paid, "2026-11-20T08:00:30Z");
    let origin = builders::origin(&provider, "2026-11-20T08:00:31Z");
    let paid = apply(&recorded, &report, &origin).next.unwrap();
    [recorded, paid]
}

fn size(transaction: &Transaction) -> usize {
    // DynamoDB counts names and values; the type tags and punctuation of its JSON are not counted.
    fn of(value: &Value) -> usize {
        match value {
            Value::Object(members) => members.iter().map(|(name, inner)| name.len() + of_tagged(inner)).sum(),
            other => other.to_string().len(),
        }
    }
    fn of_tagged(tagged: &Value) -> usize {
        let Some((tag, inner)) = tagged.as_object().and_then(|members| members.iter().next()) else {
            return 0;
        };
        match (tag.as_str(), inner) {
            ("S", Value::String(text)) => text.len(),
            ("N", Value::String(digits)) => digits.len() / 2 + 1,
            ("M", members) => 3 + of(members),
            ("L", Value::Array(items)) => 3 + items.iter().map(of_tagged).sum::<usize>(),
            _ => 1,
        }
    }
    of(&item_json(transaction).unwrap())
}

/// Units of a `ConsumedCapacity`: the table's and each index's.
fn by_index(consumed: &Value) -> BTreeMap<String, String> {
    let mut units = BTreeMap::from([("table".to_owned(), consumed["Table"]["CapacityUnits"].to_string())]);
    for (index, one) in consumed["GlobalSecondaryIndexes"].as_object().into_iter().flatten() {
        units.insert(index.clone(), one["CapacityUnits"].to_string());
    }
    units
}

fn writes(stage: &TestStage, recorded: &Transaction, paid: &Transaction) {
    let first = by_index(&stage.cost_of_writing(recorded));
    let second = by_index(&stage.cost_of_writing(paid));
    println!("## Writing a record, by index\n");
    println!("| | recorded | paid |\n|---|---:|---:|");
    for index in ["table", "by-created", "by-status", "by-provider", "by-charged", "by-held", "by-expiry"] {
        let unit =
            |units: &BTreeMap<String, String>| units.get(index).cloned().unwrap_or_else(|| "0".to_owned());
        println!("| {index} | {} | {} |", unit(&first), unit(&second));
    }
    println!("\nAn index whose key changes is written twice: the old entry goes, the new one comes.\n");
}

async fn operations(stage: &TestStage, merchant: &Merchant) {
    println!("## Operations\n");
    println!("| operation | write units | read units | dollars a million |\n|---|---:|---:|---:|");
    let [recorded, paid] = life(merchant, 1);
    let take = || stage.dynamo.take_consumed().tenths;
    let _ = take();
    stage.write(&recorded).await;
    let mut life_of_one = line("record a payment", take(), 0);
    let find = || async { stage.transactions().find(&recorded.id).await.unwrap() };
    find().await;
    line("read a record, or a status", 0, take());
    find().await;
    let read = take();
    stage.write(&paid).await;
    line("apply a callback", take(), read);
    life_of_one += bound(stage, merchant).await;
    let _ = take();
    let entry = |version: u64| {
        let identity = [version.to_string()];
        let identity: Vec<&str> = identity.iter().map(String::as_str).collect();
        let summary = "PENDING became PAID".to_owned();
        let entry =
            Entry::new(EntryKind::StatusChanged, paid.created_at, "merchant", &identity, summary, json!({}));
        (Subject::Transaction(paid.id.clone()), entry)
    };
    stage.timeline_writer().append(&[entry(1), entry(2)]).await.unwrap();
    // The payment itself, what the provider said, the change, and the webhooks of both: five entries.
    life_of_one += line("two timeline entries", take(), 0) * 5 / 2;
    life_of_one += counted(stage, merchant, [&recorded, &paid]).await;
    let report_keys = stage.stores().report_keys().unwrap();
    let _ = take();
    for key in &recorded.keys() {
        report_keys.waiting(&merchant.id, key).await.unwrap();
    }
    line("look who waits for a new record", 0, take());
    stage.ledger().project(&[(Vec::new(), ledger::rows(&paid))]).await.unwrap();
    life_of_one += line("the ledger row of a payment", take(), 0);
    life_of_one += 2 * webhook(stage, merchant, &paid).await;
    println!(
        "\nA payment that is recorded, paid under an id of its provider, and told of twice to one endpoint is {} write \
         units: ${} a million.\n",
        units(life_of_one),
        dollars(life_of_one * WRITE_MILS / 10),
    );
}

/// Counts a payment when it is recorded and when it is paid, and answers its write units; then ninety of them together.
async fn counted(stage: &TestStage, merchant: &Merchant, [recorded, paid]: [&Transaction; 2]) -> u64 {
    let take = || stage.dynamo.take_consumed().tenths;
    let mut life_of_one = 0;
    stage.totals().apply(&[TotalsChange::to(None, recorded)]).await.unwrap();
    life_of_one += line("count one payment that is recorded", take(), 0);
    stage.totals().apply(&[TotalsChange::to(Some(recorded), paid)]).await.unwrap();
    life_of_one += line("count it again in counts and totals when it is paid", take(), 0);
    let batch: Vec<_> = (100..190).map(|number| life(merchant, number)).collect();
    let changes: Vec<_> = batch.iter().map(|[recorded, _]| TotalsChange::to(None, recorded)).collect();
    stage.totals().apply(&changes).await.unwrap();
    line("the first, one of ninety in a batch", take() / 90, 0);
    let changes: Vec<_> = batch.iter().map(|[old, new]| TotalsChange::to(Some(old), new)).collect();
    stage.totals().apply(&changes).await.unwrap();
    line("the second, one of ninety in a batch", take() / 90, 0);
    life_of_one
}

/// Applies a callback that names the provider's id of the payment, and answers its write units. Record and id are written
/// together or not at all, for which the tables count twice and the indexes once.
async fn bound(stage: &TestStage, merchant: &Merchant) -> u64 {
    let [recorded, paid] = life(merchant, 2);
    stage.write(&recorded).await;
    let provider = &paid.provider.as_ref().unwrap().id;
    let binding = Binding { provider, payment: "qrpy_1" };
    let binds = [Bind { binding, merchant: &merchant.id, to: &paid.id, from: None }];
    let binder = stage.stores().transactions_binder().unwrap();
    let _ = stage.dynamo.take_consumed();
    binder.find_bound(binding).await.unwrap();
    binder.find(&paid.id).await.unwrap();
    let read = stage.dynamo.take_consumed().tenths;
    binder.write(Write { records: std::slice::from_ref(&paid), binds: &binds }).await.unwrap();
    line("the same, and bind the provider's id of it", stage.dynamo.take_consumed().tenths, read)
}

/// One webhook of one endpoint, from the plan to an attempt that succeeds, and its write units.
async fn webhook(stage: &TestStage, merchant: &Merchant, paid: &Transaction) -> u64 {
    let take = || stage.dynamo.take_consumed().tenths;
    let endpoint: EndpointId =
        stage.add_endpoint(merchant, EndpointStatus::Enabled, &[EventType::TransactionUpdated]).await;
    let now = paid.created_at;
    let body = json!({"transactions": [TransactionRecord::new(paid, &merchant.zone)]}).to_string();
    let id = DeliveryId::of(&endpoint, paid.id.as_str(), paid.version, now);
    let of = (endpoint.clone(), merchant.id.clone());
    let delivery = Delivery {
        transaction_id: Some(paid.id.clone()),
        version: Some(paid.version),
        correlation_id: Some("corr-1".to_owned()),
        ..Delivery::new(id, of, EventType::TransactionUpdated, body, now)
    };
    let _ = take();
    stage.endpoints().list(&merchant.id).await.unwrap();
    let read = take();
    stage.deliveries().plan(&delivery).await.unwrap();
    let planned = line("plan a webhook", take(), read);
    stage.deliveries().find(&delivery.key()).await.unwrap();
    stage.endpoints().find(&merchant.id, &endpoint).await.unwrap();
    let healths = stage.stores_with(None, &[]).endpoint_healths().unwrap();
    healths.find(&merchant.id, &endpoint, false).await.unwrap();
    let read = take();
    let attempt = Attempt {
        number: 1,
        at: now,
        duration_ms: 80,
        outcome: AttemptOutcome::Delivered { http_status: 200 },
        signature: Some(format!("v1,{}", "x".repeat(44))),
        response_excerpt: "ok".to_owned(),
    };
    stage.deliveries().book(&delivery, &attempt, NextStep::Delivered, false).await.unwrap();
    planned + line("book an attempt that succeeds", take(), read)
}

async fn projections(stage: &TestStage, merchant: &Merchant) {
    let rows: Vec<_> = (1000..1060).map(|number| life(merchant, number)[1].clone()).collect();
    stage.load(&rows);
    let page = async |direction| {
        let filters = Filters { direction, ..Filters::default() };
        let query = ListQuery {
            merchant: &merchant.id,
            shard_count: 1,
            filters: &filters,
            order: Order::Descending,
            limit: 50,
            after: None,
            now: builders::at("2026-11-20T08:00:00Z"),
        };
        let _ = stage.dynamo.take_consumed();
        stage.transactions().list(&query).await.unwrap();
        units(stage.dynamo.take_consumed().tenths)
    };
    let (of_one, of_both) = (page(Some(Direction::Receive)).await, page(None).await);
    println!("## Why the list indexes hold whole records\n");
    println!(
        "A page of fifty from an index that holds whole records reads {of_one} units. With keys only it would read about one \
         unit of keys and then fifty records, half a unit each at least: 26 units, and a second round trip. Keys alone \
         would not be cheaper to write, because a record is below the kilobyte that one write unit covers, or little \
         above it. So `by-created`, `by-charged`, `by-status` and `by-provider` hold whole records; `by-expiry`, which \
         is swept for ids and sparse, holds keys. `by-held` holds whole records too, of those only that wait for a person.",
    );
    println!(
        "\nThe two directions stand apart in each of these indexes. A list of one is read like that; a list of both merges \
         them, which here is {of_both} units: a look at the other one comes on top.",
    );
}

/// What nobody measures here: prices of other services, at what a stage without traffic does in a month.
fn idle() {
    println!("\n## What a stage costs that nobody uses\n");
    println!("Not measured: list prices of us-east-1, November 2026, a month of thirty days.\n");
    println!("| | a month | dollars |\n|---|---|---:|");
    for (what, count, dollars) in IDLE {
        println!("| {what} | {count} | {dollars} |");
    }
    println!(
        "\nAn account's first million requests of SQS and of Lambda, ten alarms and ten metrics are free each month: its \
         first stage costs about two dollars less. Tables, streams, the bucket and the gateway cost by use, and the files \
         and rows that are kept by size. The address limit of WAF, \
         which is off unless a parameter turns it on, adds six dollars and $0.60 a million requests.\n"
    );
}

/// Writes a line of the table, and answers the write units.
fn line(name: &str, write_tenths: u64, read_tenths: u64) -> u64 {
    let mils = (write_tenths * WRITE_MILS + read_tenths * READ_MILS) / 10;
    println!("| {name} | {} | {} | {} |", units(write_tenths), units(read_tenths), dollars(mils));
    write_tenths
}

fn dollars(mils: u64) -> String {
    format!("{}.{:03}", mils / 1000, mils % 1000)
}

fn units(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}
