//! What a page costs, by filter, at a thousand and at a million transactions of one merchant. The rows are written
//! straight into a DynamoDB in a file; the pages are read by the store's own code over the wire.
//!
//! Fails when a page of a filter that an index serves costs ten percent more at a million rows than at a thousand, when
//! a page of one tab costs ten percent more than the plain one, when a plain page of fifty costs more than 13 units, or when
//! a request reads more rows than its bound. `PAYWARDEN_BENCH_ROWS` says another number than a million.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a benchmark speaks to people, who say by a variable how much to measure, and fails loudly"
)]

use std::collections::BTreeSet;

use paywarden_domain::merchant::{Merchant, StuckLimits};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::{Direction, Method, Status};
use paywarden_store::transactions::list::{Filters, ListQuery, MAX_ROWS_READ, Order, TimeRange};
use paywarden_testing::{TestStage, builders};

const FEW: u32 = 1_000;
const MANY: u32 = 1_000_000;

/// One payment in so many is sent, and the others are received: one tab is small, the other has all the rest.
const SENT_IN: u32 = 50;

const PAGE: usize = 50;

/// The newest row, in seconds since 1970; each older one is a second earlier.
const NEWEST: i64 = 1_795_000_000;

/// One measured page.
struct Measured {
    index: &'static str,
    rows_read: usize,
    rows: usize,
    tenths: u64,
}

/// A named set of filters; `served` says that one index answers it.
struct Case {
    name: &'static str,
    served: bool,
    filters: Filters,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let merchant = builders::merchant("one");
    let few = measure(&merchant, FEW).await;
    let rows = std::env::var("PAYWARDEN_BENCH_ROWS").map_or(MANY, |rows| rows.parse().unwrap());
    let many = measure(&merchant, rows).await;
    let plain = many.first().map_or(0, |plain| plain.tenths);
    println!("A page of {PAGE}, in read units (eventually consistent), {FEW} rows against {rows}:\n");
    println!("{:<34} {:<11} {:>9} {:>9} {:>9} {:>6}", "filter", "index", "few", "many", "rows read", "rows");
    let mut failures = Vec::new();
    for ((case, few), many) in cases(&merchant).iter().zip(few).zip(many) {
        println!(
            "{:<34} {:<11} {:>9} {:>9} {:>9} {:>6}",
            case.name,
            many.index,
            units(few.tenths),
            units(many.tenths),
            many.rows_read,
            many.rows
        );
        if case.served && many.tenths * 10 >= few.tenths * 11 {
            failures.push(format!("{}: dearer at {rows} rows", case.name));
        }
        if case.name.starts_with("tab") && many.tenths * 10 > plain * 11 {
            failures.push(format!("{}: dearer than the plain list", case.name));
        }
        if case.name == "none" && many.tenths > 130 {
            failures.push("a plain page costs more than 13 units".to_owned());
        }
        if many.rows_read >= MAX_ROWS_READ + PAGE {
            failures.push(format!("{}: read {} rows", case.name, many.rows_read));
        }
    }
    println!(
        "\nA request reads about {MAX_ROWS_READ} rows at most and then answers what it has, with a cursor."
    );
    assert!(failures.is_empty(), "{failures:#?}");
}

async fn measure(merchant: &Merchant, count: u32) -> Vec<Measured> {
    let folder = std::env::temp_dir().join(format!("paywarden-bench-{}-{count}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let stage = TestStage::in_file(&folder.join("rows.db")).await;
    eprintln!("… writing {count} rows");
    let mut numbers = (0..count).peekable();
    while numbers.peek().is_some() {
        let chunk: Vec<_> = numbers.by_ref().take(10_000).map(|number| row(merchant, number)).collect();
        stage.load(&chunk);
    }
    let mut measured = Vec::new();
    for case in cases(merchant) {
        measured.push(page(&stage, merchant, &case.filters).await);
    }
    drop(stage);
    std::fs::remove_dir_all(&folder).unwrap();
    measured
}

async fn page(stage: &TestStage, merchant: &Merchant, filters: &Filters) -> Measured {
    let query = ListQuery {
        merchant: &merchant.id,
        shard_count: merchant.shard_count,
        filters,
        order: Order::Descending,
        limit: PAGE,
        after: None,
        now: at(NEWEST + 30 * 24 * 3600),
    };
    let _ = stage.dynamo.take_consumed();
    let page = stage.transactions().list(&query).await.unwrap();
    Measured {
        index: page.index,
        rows_read: page.rows_read,
        rows: page.transactions.len(),
        tenths: stage.dynamo.take_consumed().tenths,
    }
}

/// Row number `number`: methods of received money, statuses and providers in turn, and now and then a payout.
fn row(merchant: &Merchant, number: u32) -> Transaction {
    let created = at(NEWEST - i64::from(number));
    let provider = provider(merchant, number);
    let mut draft = builders::draft(&format!("INV{number:07}"));
    draft.method = method(number);
    draft.provider = Some(provider.binding());
    draft.created_at = Some(created);
    let recorded = draft.into_transaction(merchant, created, "corr-1");
    let status = [Status::Pending, Status::Paid, Status::Paid, Status::Failed][number as usize / 7 % 4];
    let mut report = builders::report(&recorded.reference, status, "2026-11-20T07:00:00Z");
    report.occurred_at = created.plus_seconds(30);
    let mut origin = builders::origin(&provider, "2026-11-20T08:00:00Z");
    origin.now = created.plus_seconds(31);
    apply(&recorded, &report, &origin).next.unwrap()
}

fn method(number: u32) -> Method {
    let received: Vec<_> =
        Method::ALL.iter().filter(|method| method.direction() == Direction::Receive).collect();
    if number.is_multiple_of(SENT_IN) {
        Method::BankTransfer
    } else {
        *received[number as usize % received.len()]
    }
}

fn provider(merchant: &Merchant, number: u32) -> paywarden_domain::provider::Provider {
    builders::provider(merchant, ProviderType::ALL[number as usize % 3])
}

fn cases(merchant: &Merchant) -> Vec<Case> {
    let none = Filters::default();
    let range = TimeRange { from: Some(at(NEWEST - 900)), until: Some(at(NEWEST - 10)) };
    let case = |name, served, filters| Case { name, served, filters };
    let provider = Filters { providers: BTreeSet::from([provider(merchant, 1).id]), ..none.clone() };
    let paid = Filters { statuses: BTreeSet::from([Status::Paid]), ..none.clone() };
    let qris = Filters { methods: BTreeSet::from([Method::Qris]), ..none.clone() };
    vec![
        case("none", true, none.clone()),
        case("status", true, paid.clone()),
        case("status changed range", true, Filters { status_changed: range, ..none.clone() }),
        case("charged range", true, Filters { charged: range, ..none.clone() }),
        case("created range", true, Filters { created: range, ..none.clone() }),
        case("provider", true, provider.clone()),
        case("provider + created range", true, Filters { created: range, ..provider.clone() }),
        case("method", true, qris.clone()),
        case("tab: money sent", false, Filters { direction: Some(Direction::Send), ..none.clone() }),
        case("tab: money received", true, Filters { direction: Some(Direction::Receive), ..none.clone() }),
        case(
            "tab: money sent + provider",
            false,
            Filters { direction: Some(Direction::Send), ..provider.clone() },
        ),
        case(
            "tab: money received + status",
            true,
            Filters { direction: Some(Direction::Receive), ..paid.clone() },
        ),
        case("stuck", true, Filters { stuck: Some(StuckLimits::default()), ..none.clone() }),
        case(
            "reference prefix",
            true,
            Filters { reference_prefix: Some("INV00000".to_owned()), ..none.clone() },
        ),
        case("status + method", false, Filters { methods: qris.methods.clone(), ..paid.clone() }),
        case("provider + status", false, Filters { statuses: paid.statuses.clone(), ..provider.clone() }),
        case("provider + charged range", false, Filters { charged: range, ..provider.clone() }),
        case(
            "a reference nobody has",
            false,
            Filters { reference_prefix: Some("NOBODY'S".to_owned()), ..none },
        ),
    ]
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds).unwrap()
}

fn units(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}
