//! What each operation costs in DynamoDB, measured, as the page `infra/costs.md`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark speaks to people, and fails loudly"
)]

use std::collections::BTreeMap;

use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::totals::change;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::Status;
use paywarden_store::totals::TotalsChange;
use paywarden_store::transactions::item_json;
use paywarden_store::transactions::list::{Filters, ListQuery, Order};
use paywarden_testing::{TestStage, builders};
use serde_json::{Value, json};

/// List prices on demand in us-east-1, in thousandths of a dollar for a million units
/// (<https://aws.amazon.com/dynamodb/pricing/on-demand/>).
const WRITE_MILS: u64 = 625;
const READ_MILS: u64 = 125;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let stage = TestStage::start().await;
    let merchant = builders::merchant("one");
    let [recorded, paid] = life(&merchant, 0);
    println!("# What DynamoDB costs\n");
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
    for index in ["table", "by-created", "by-status", "by-provider", "by-charged", "by-expiry"] {
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
    line("record a payment", take(), 0);
    let find = || async { stage.transactions().find(&recorded.id).await.unwrap() };
    find().await;
    line("read a record, or a status", 0, take());
    find().await;
    let read = take();
    stage.write(&paid).await;
    line("apply a callback", take(), read);
    let entry = |version: u64| {
        let identity = [version.to_string()];
        let identity: Vec<&str> = identity.iter().map(String::as_str).collect();
        let summary = "PENDING became PAID".to_owned();
        let entry =
            Entry::new(EntryKind::StatusChanged, paid.created_at, "merchant", &identity, summary, json!({}));
        (Subject::Transaction(paid.id.clone()), entry)
    };
    stage.timeline_writer().append(&[entry(1), entry(2)]).await.unwrap();
    line("two timeline entries", take(), 0);
    let moved = TotalsChange {
        transaction_id: paid.id.clone(),
        version: 2,
        totals: change(Some(&recorded), Some(&paid)),
    };
    stage.totals().apply(&[moved]).await.unwrap();
    line("count one payment in the totals", take(), 0);
    let batch: Vec<_> = (100..190).map(|number| life(merchant, number)).collect();
    let changes: Vec<_> = batch
        .iter()
        .map(|[old, new]| TotalsChange {
            transaction_id: new.id.clone(),
            version: 2,
            totals: change(Some(old), Some(new)),
        })
        .collect();
    stage.totals().apply(&changes).await.unwrap();
    line("the same, one of ninety in a batch", take() / 90, 0);
    let report_keys = stage.stores().report_keys().unwrap();
    let _ = take();
    for key in &recorded.keys() {
        report_keys.waiting(&merchant.id, key).await.unwrap();
    }
    line("look who waits for a new record", 0, take());
    println!();
}

async fn projections(stage: &TestStage, merchant: &Merchant) {
    let rows: Vec<_> = (1000..1060).map(|number| life(merchant, number)[1].clone()).collect();
    stage.load(&rows);
    let filters = Filters::default();
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
    let page = stage.dynamo.take_consumed().tenths;
    println!("## Why the list indexes hold whole records\n");
    println!(
        "A page of fifty from an index that holds whole records reads {} units. With keys only it would read about one \
         unit of keys and then fifty records, half a unit each at least: 26 units, and a second round trip. Keys alone \
         would not be cheaper to write, because a record is below the kilobyte that one write unit covers, or little \
         above it. So `by-created`, `by-charged`, `by-status` and `by-provider` hold whole records; `by-expiry`, which \
         is swept for ids and sparse, holds keys.",
        units(page)
    );
}

fn line(name: &str, write_tenths: u64, read_tenths: u64) {
    let mils = (write_tenths * WRITE_MILS + read_tenths * READ_MILS) / 10;
    let dollars = format!("{}.{:03}", mils / 1000, mils % 1000);
    println!("| {name} | {} | {} | {dollars} |", units(write_tenths), units(read_tenths));
}

fn units(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}
