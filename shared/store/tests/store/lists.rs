//! Lists against the in-process DynamoDB: every way of walking pages is held against a sort in memory.

use std::collections::{BTreeMap, BTreeSet};

use paywarden_domain::id::ProviderId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::money::{Currency, Money};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::{Direction, Method, Status};
use paywarden_store::StoreError;
use paywarden_store::transactions::list::{Filters, ListQuery, MAX_ROWS_READ, Order, Plan, TimeRange};
use paywarden_store::transactions::{Bind, Binding, TransactionsBinder, Write};
use paywarden_testing::{TestStage, builders};

const START: i64 = 1_795_000_000;

fn now() -> Timestamp {
    Timestamp::from_seconds(START).unwrap()
}

async fn create(transactions: &TransactionsBinder, transaction: &Transaction) {
    let write = Write { records: std::slice::from_ref(transaction), binds: &[] };
    transactions.write(write).await.unwrap();
}

/// Transaction number `number`: methods, providers and statuses in turn, and creation times that several share.
fn sample(merchant: &Merchant, number: i64) -> Transaction {
    let turn = |count: i64| usize::try_from(number % count).unwrap();
    let provider = builders::provider(merchant, ProviderType::ALL[turn(3)]);
    let created = Timestamp::from_seconds(START + number / 4 * 60).unwrap();
    let mut draft = builders::draft(&format!("REF-{number}"));
    draft.method = Method::ALL[turn(7)];
    draft.provider = Some(provider.binding());
    draft.created_at = Some(created);
    let transaction = draft.into_transaction(merchant, created, "corr");
    let status = [Status::Pending, Status::Paid, Status::Failed][turn(3)];
    let mut report = builders::report(&transaction.reference, status, "2026-11-20T07:00:00Z");
    // Now and then another amount than was ordered, which waits for a person.
    if number % 10 == 7 {
        report.money = Some(Money::parse_payment("7", Currency::IDR).unwrap());
    }
    report.occurred_at = created.plus_seconds(number % 5);
    let mut origin = builders::origin(&provider, "2026-11-20T08:00:00Z");
    origin.now = created.plus_seconds(number % 2);
    let applied = apply(&transaction, &report, &origin).next.unwrap_or(transaction);
    Transaction { version: 1, ..applied }
}

struct Fixture {
    stage: TestStage,
    merchant: Merchant,
    all: Vec<Transaction>,
}

async fn fixture(shard_count: u16, rows: i64) -> Fixture {
    let stage = TestStage::start().await;
    let merchant = Merchant { shard_count, ..builders::merchant("one") };
    let all: Vec<Transaction> = (0..rows).map(|number| sample(&merchant, number)).collect();
    let transactions = stage.transactions();
    for transaction in &all {
        create(&transactions, transaction).await;
    }
    create(&transactions, &sample(&builders::merchant("other"), 1)).await;
    Fixture { stage, merchant, all }
}

async fn walk(fixture: &Fixture, filters: &Filters, order: Order, limit: usize) -> Vec<String> {
    let transactions = fixture.stage.transactions();
    let (mut after, mut found) = (None, Vec::new());
    for _ in 0..1000 {
        let query = ListQuery {
            merchant: &fixture.merchant.id,
            shard_count: fixture.merchant.shard_count,
            filters,
            order,
            limit,
            after,
            now: now(),
        };
        let page = transactions.list(&query).await.unwrap();
        assert!(page.transactions.len() <= limit);
        found.extend(page.transactions.iter().map(|transaction| transaction.id.to_string()));
        match page.next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
    panic!("the walk does not end");
}

/// The same by sorting everything in memory.
fn expected(fixture: &Fixture, filters: &Filters, order: Order) -> Vec<String> {
    let mut rows: BTreeMap<String, String> = BTreeMap::new();
    for transaction in fixture.all.iter().filter(|transaction| filters.matches(transaction, now())) {
        let at = match Plan::choose(filters) {
            Plan::ByStatus => transaction.status_changed_at,
            Plan::ByCharged => transaction.charged_at().unwrap(),
            Plan::ByHeld | Plan::ByProvider | Plan::ByCreated => transaction.created_at,
        };
        rows.insert(format!("{at}#{}", transaction.id), transaction.id.to_string());
    }
    match order {
        Order::Ascending => rows.into_values().collect(),
        Order::Descending => rows.into_values().rev().collect(),
    }
}

/// A moment as many seconds behind the first row.
fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp::from_seconds(START + seconds).unwrap())
}

/// Neither the first nor the last of them.
fn some_of_the_rows() -> TimeRange {
    TimeRange { from: at(600), until: at(1800) }
}

/// The only provider that is asked for.
fn one_provider(merchant: &Merchant) -> BTreeSet<ProviderId> {
    BTreeSet::from([builders::provider(merchant, ProviderType::ALL[1]).id])
}

fn filters(merchant: &Merchant) -> Vec<(&'static str, Filters)> {
    [filters_alone(merchant), filters_together(merchant)].concat()
}

fn filters_alone(merchant: &Merchant) -> Vec<(&'static str, Filters)> {
    let range = some_of_the_rows();
    let none = Filters::default();
    vec![
        ("nothing", none.clone()),
        ("created", Filters { created: range, ..none.clone() }),
        ("created from", Filters { created: TimeRange { from: at(600), until: None }, ..none.clone() }),
        ("created until", Filters { created: TimeRange { from: None, until: at(600) }, ..none.clone() }),
        ("charged", Filters { charged: range, ..none.clone() }),
        ("status changed", Filters { status_changed: range, ..none.clone() }),
        ("one status", Filters { statuses: BTreeSet::from([Status::Paid]), ..none.clone() }),
        (
            "two statuses",
            Filters { statuses: BTreeSet::from([Status::Pending, Status::Failed]), ..none.clone() },
        ),
        ("provider", Filters { providers: one_provider(merchant), ..none.clone() }),
        ("direction", Filters { direction: Some(Direction::Send), ..none.clone() }),
        ("held", Filters { held: Some(true), ..none.clone() }),
        ("not held", Filters { held: Some(false), ..none.clone() }),
        ("method", Filters { methods: BTreeSet::from([Method::Qris]), ..none.clone() }),
        (
            "methods of both directions",
            Filters { methods: BTreeSet::from([Method::Qris, Method::BankTransfer]), ..none },
        ),
    ]
}

fn filters_together(merchant: &Merchant) -> Vec<(&'static str, Filters)> {
    let range = some_of_the_rows();
    let providers = one_provider(merchant);
    let none = Filters::default();
    vec![
        ("provider and created", Filters { providers: providers.clone(), created: range, ..none.clone() }),
        ("held, created", Filters { held: Some(true), created: range, ..none.clone() }),
        (
            "held, direction, provider",
            Filters {
                held: Some(true),
                direction: Some(Direction::Receive),
                providers: providers.clone(),
                ..none.clone()
            },
        ),
        (
            "direction, provider, status",
            Filters {
                direction: Some(Direction::Receive),
                providers,
                statuses: BTreeSet::from([Status::Paid]),
                ..none.clone()
            },
        ),
        (
            "direction and charged",
            Filters { direction: Some(Direction::Receive), charged: range, ..none.clone() },
        ),
        (
            "status, method, charged",
            Filters {
                statuses: BTreeSet::from([Status::Paid]),
                methods: BTreeSet::from([Method::EWallet]),
                charged: range,
                ..none
            },
        ),
    ]
}

#[tokio::test]
async fn every_walk_finds_each_row_once_in_order() {
    for shard_count in [1, 3] {
        let fixture = fixture(shard_count, 160).await;
        for (name, filters) in filters(&fixture.merchant) {
            for order in [Order::Descending, Order::Ascending] {
                for limit in [7, 50] {
                    let found = walk(&fixture, &filters, order, limit).await;
                    let expected = expected(&fixture, &filters, order);
                    assert!(!expected.is_empty(), "{name} finds something");
                    assert_eq!(found, expected, "{name}, {order:?}, {limit} a page, {shard_count} shards");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_page_of_fifty_plain_records_costs_at_most_thirteen_units() {
    let fixture = fixture(1, 160).await;
    for (name, filters) in filters(&fixture.merchant) {
        let transactions = fixture.stage.transactions();
        let _ = fixture.stage.dynamo.take_consumed();
        let (merchant, order) = (&fixture.merchant.id, Order::Descending);
        let query = ListQuery {
            merchant,
            shard_count: 1,
            filters: &filters,
            order,
            limit: 50,
            after: None,
            now: now(),
        };
        let page = transactions.list(&query).await.unwrap();
        let consumed = fixture.stage.dynamo.take_consumed();
        if page.transactions.len() == 50 {
            assert!(consumed.tenths <= 130, "{name}: {consumed:?}");
        }
    }
}

#[tokio::test]
async fn a_filter_no_index_serves_reads_a_bounded_part_and_says_where_to_go_on() {
    let stage = TestStage::start().await;
    let merchant = builders::merchant("one");
    let transactions = stage.transactions();
    let mut received = 0;
    for number in 0..1300 {
        let transaction = sample(&merchant, number * 3);
        received += usize::from(transaction.direction() == Direction::Receive);
        create(&transactions, &transaction).await;
    }
    let prefix = Some("NOBODY'S".to_owned());
    let unfindable =
        Filters { direction: Some(Direction::Receive), reference_prefix: prefix, ..Filters::default() };
    let (order, limit) = (Order::Descending, 50);
    let query = ListQuery {
        merchant: &merchant.id,
        shard_count: 1,
        filters: &unfindable,
        order,
        limit,
        after: None,
        now: now(),
    };
    let page = transactions.list(&query).await.unwrap();
    assert!(page.transactions.is_empty());
    assert!(page.rows_read >= MAX_ROWS_READ && page.rows_read < MAX_ROWS_READ + 100, "{}", page.rows_read);
    let rest = transactions.list(&ListQuery { after: page.next.clone(), ..query }).await.unwrap();
    assert_eq!((page.rows_read + rest.rows_read, rest.next), (received, None));
}

/// Money sent is a small part of what there is, and the oldest: the other tab's rows lie before it.
#[tokio::test]
async fn a_tab_reads_its_own_rows_only_however_many_the_other_one_has() {
    let stage = TestStage::start().await;
    let merchant = builders::merchant("one");
    let at = |seconds| Timestamp::from_seconds(START + seconds).unwrap();
    for number in 0..360_i64 {
        let mut draft = builders::draft(&format!("TAB-{number}"));
        draft.method = if number < 60 { Method::BankTransfer } else { Method::Qris };
        create(&stage.transactions(), &draft.into_transaction(&merchant, at(number), "corr")).await;
    }
    let transactions = stage.transactions();
    let read = async |filters: Filters| {
        let query = ListQuery {
            merchant: &merchant.id,
            shard_count: 1,
            filters: &filters,
            order: Order::Descending,
            limit: 50,
            after: None,
            now: now(),
        };
        let _ = stage.dynamo.take_consumed();
        let page = transactions.list(&query).await.unwrap();
        (page.transactions.len(), page.rows_read, stage.dynamo.take_consumed().operations)
    };
    let none = Filters::default();
    let tab = |direction| Filters { direction: Some(direction), ..none.clone() };
    let of = |methods: &[Method]| Filters { methods: methods.iter().copied().collect(), ..none.clone() };
    // A page, and one row that tells of the next.
    assert_eq!(read(tab(Direction::Send)).await, (50, 51, 1));
    assert_eq!(read(tab(Direction::Receive)).await, (50, 51, 1));
    // A method tells its direction.
    assert_eq!(read(of(&[Method::BankTransfer])).await, (50, 51, 1));
    assert_eq!(read(of(&[Method::Qris, Method::EWallet])).await, (50, 51, 1));
    // Nothing waits for a person: nothing is read.
    assert_eq!(read(Filters { held: Some(true), ..none.clone() }).await, (0, 0, 2));
    // Both together: a look at each, and then the rest of the page from where it is.
    assert_eq!(read(none.clone()).await, (50, 59, 3));
    // Money cannot be sent by QR code.
    let nothing = Filters { direction: Some(Direction::Send), ..of(&[Method::Qris]) };
    assert_eq!(read(nothing).await, (0, 0, 0));
}

#[tokio::test]
async fn a_record_is_read_back_as_it_was_written() {
    let fixture = fixture(1, 40).await;
    let transactions = fixture.stage.transactions();
    for transaction in &fixture.all {
        assert_eq!(transactions.find(&transaction.id).await.unwrap().as_ref(), Some(transaction));
    }
}

#[tokio::test]
async fn a_write_whose_expectation_fails_writes_nothing() {
    let stage = TestStage::start().await;
    let (merchant, transactions) = (builders::merchant("one"), stage.transactions());
    let first = sample(&merchant, 1);
    create(&transactions, &first).await;
    let write = async |record: Transaction, binds: &[Bind<'_>]| {
        transactions.write(Write { records: &[record], binds }).await
    };
    assert_eq!(write(first.clone(), &[]).await, Err(StoreError::Conflict));
    let later = |version| Transaction { version, ..first.clone() };
    assert_eq!(write(later(first.version + 2), &[]).await, Err(StoreError::Conflict));
    // The binding belongs to another transaction: neither of the two is written.
    let provider = builders::provider(&merchant, ProviderType::Xendit).id;
    let binding = Binding { provider: &provider, payment: "pay_1" };
    let to = |to| Bind { binding, merchant: &merchant.id, to, from: None };
    write(later(first.version + 1), &[to(&first.id)]).await.unwrap();
    let second = sample(&merchant, 2);
    assert_eq!(write(second.clone(), &[to(&second.id)]).await, Err(StoreError::Conflict));
    assert_eq!(transactions.find(&second.id).await, Ok(None));
    assert_eq!(transactions.find_bound(binding).await, Ok(Some(first.id)));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_takes_no_page_along() {
    let stage = TestStage::start().await;
    let merchant = builders::merchant("one");
    for number in 1..=9 {
        create(&stage.transactions(), &sample(&merchant, number)).await;
    }
    // A whole page of them, at its beginning too.
    let spoilt = ["REF-9", "REF-8", "REF-4", "REF-1"];
    stage.spoil("TransactionsTable", "method", |item| {
        spoilt.contains(&item["reference"]["S"].as_str().unwrap())
    });
    let filters = Filters::default();
    let (mut listed, mut after) = (0, None);
    loop {
        let query = ListQuery {
            merchant: &merchant.id,
            shard_count: 1,
            filters: &filters,
            order: Order::Descending,
            limit: 2,
            after,
            now: now(),
        };
        let page = stage.transactions().list(&query).await.unwrap();
        listed += page.transactions.len();
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed, 9 - spoilt.len());
}
