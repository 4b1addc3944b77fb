//! Against the real store code on an in-process DynamoDB. Totals and ledger are written from changes as
//! `project-transactions` does, which its own tests hold to the stream.

use std::collections::{BTreeMap, BTreeSet};

use paywarden_domain::access::Role;
use paywarden_domain::ledger;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::{Method, Status};
use paywarden_store::totals::TotalsChange;
use paywarden_testing::{TestDoor, TestStage, builders};
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use serde_json::Value;

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<Deps> {
    TestDoor::open_on(TestStage::without_streams().await, DOOR, Deps::of, handle).await
}

fn provider(merchant: &Merchant, provider_type: ProviderType) -> Provider {
    builders::charging(builders::provider(merchant, provider_type))
}

fn payment(merchant: &Merchant, reference: &str, method: Method, provider: &Provider) -> Transaction {
    let mut draft = builders::draft(reference);
    draft.method = method;
    draft.provider = Some(provider.binding());
    draft.into_transaction(merchant, builders::at("2026-11-19T07:00:00Z"), "corr-1")
}

/// Applies reports one after the other and writes down what each of them moved.
async fn report(
    stage: &TestStage,
    mut current: Transaction,
    provider: &Provider,
    reports: &[(Status, &str)],
) {
    for (status, at) in reports {
        let report = builders::report(&current.reference, *status, at);
        let applied = apply(&current, &report, &builders::origin(provider, "2026-11-30T08:00:00Z"));
        let Some(next) = applied.next else { continue };
        stage.totals().apply(&[TotalsChange::to(Some(&current), &next)]).await.unwrap();
        let moved = (ledger::rows(&current), ledger::rows(&next));
        stage.ledger().project(&[moved]).await.unwrap();
        current = next;
    }
}

fn asking(door: &TestDoor<Deps>, query: &str) -> ApiRequest {
    door.request(Role::Finance).with_query(query)
}

/// The rows of all pages of three.
async fn all_rows(door: &TestDoor<Deps>, query: &str) -> Vec<Value> {
    let mut pages = door.pages(asking(door, &format!("{query}&limit=3"))).await;
    pages.iter_mut().flat_map(|page| page["rows"].as_array_mut().map(std::mem::take).unwrap()).collect()
}

fn decimal(number: &Value) -> Decimal {
    paywarden_domain::money::decimal_from_json(number).unwrap()
}

/// Debit, credit, fee, tax and count by currency.
type SumsByCurrency = BTreeMap<String, ([Decimal; 4], i64)>;

/// Added up from rows.
fn sums<'a>(rows: impl IntoIterator<Item = &'a Value>) -> SumsByCurrency {
    let mut sums = SumsByCurrency::new();
    for row in rows {
        let ([debit, credit, fee, tax], count) =
            sums.entry(row["currency"].as_str().unwrap().to_owned()).or_default();
        let amount = decimal(&row["amount"]);
        let is_debit = row["direction"] == "debit";
        *(if is_debit { debit } else { credit }) += amount;
        match row["transaction_type"].as_str().unwrap() {
            "Fee" => *fee += if is_debit { amount } else { -amount },
            "Tax" => *tax += if is_debit { amount } else { -amount },
            _ => {}
        }
        *count += 1;
    }
    sums
}

fn totals_of<'a>(totals: impl IntoIterator<Item = &'a Value>) -> SumsByCurrency {
    let own = |own: &Value| {
        let amounts = ["debit", "credit", "fee", "tax"].map(|name| decimal(&own[name]));
        assert_eq!(decimal(&own["net"]), amounts[1] - amounts[0]);
        (own["currency"].as_str().unwrap().to_owned(), (amounts, own["count"].as_i64().unwrap()))
    };
    totals.into_iter().map(own).collect()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

const NOVEMBER: &str = "start_date=2026-11-01&end_date=2026-11-30";

#[tokio::test]
async fn a_charged_payment_shows_transfer_fee_and_tax_on_its_day() {
    let door = open().await;
    let xendit = provider(&door.merchant, ProviderType::Xendit);
    let payment = payment(&door.merchant, "INV0045", Method::Qris, &xendit);
    // 17:30 UTC is half past midnight of the next day in Jakarta.
    report(&door.stage, payment.clone(), &xendit, &[(Status::Paid, "2026-11-20T17:30:00Z")]).await;
    let body = door.body(asking(&door, "start_date=2026-11-21&end_date=2026-11-21")).await;
    assert_eq!(
        body["totals"],
        json!([{
            "currency": "IDR", "debit": 4995, "credit": 10000, "net": 5005, "fee": 4500, "tax": 495, "count": 3,
        }])
    );
    assert_eq!(body["time_zone"], "Asia/Jakarta");
    let types: Vec<&Value> =
        body["rows"].as_array().unwrap().iter().map(|row| &row["transaction_type"]).collect();
    assert_eq!(types, ["Transfer", "Fee", "Tax"]);
    let expected = json!({
        "transaction_id": payment.id, "order_id": "INV0045", "provider_name": "xendit", "method": "QRIS",
        "status": "PAID", "created_at": "2026-11-19 14:00:00", "updated_at": "2026-11-30 15:00:00",
        "paid_at": "2026-11-21 00:30:00", "expired_at": null, "transaction_type": "Transfer",
        "direction": "credit", "amount": 10000, "currency": "IDR", "provider_id": xendit.id,
        "date": "2026-11-21", "moved_at": "2026-11-21 00:30:00",
    });
    assert_eq!(body["rows"][0], expected);
    let before = door.body(asking(&door, "start_date=2026-11-20&end_date=2026-11-20")).await;
    assert_eq!((&before["totals"], &before["rows"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn a_reversal_stands_on_its_own_day_and_leaves_nothing_over_both() {
    let door = open().await;
    let bureau = provider(&door.merchant, ProviderType::DebitOrder);
    let order = payment(&door.merchant, "DO1", Method::DebiCheck, &bureau);
    let reports = [(Status::Paid, "2026-11-20T08:00:00Z"), (Status::Failed, "2026-11-25T08:00:00Z")];
    report(&door.stage, order, &bureau, &reports).await;
    let later = door.body(asking(&door, "start_date=2026-11-25&end_date=2026-11-25")).await;
    assert_eq!((&later["totals"][0]["debit"], &later["totals"][0]["credit"]), (&json!(10000), &json!(4995)));
    assert_eq!(later["rows"][0]["status"], "REVERSED");
    let both = door.body(asking(&door, NOVEMBER)).await;
    let day = |date: &str, debit: u32, credit: u32, fee: i32, tax: i32| {
        let net = i64::from(credit) - i64::from(debit);
        json!({
            "date": date, "currency": "IDR", "debit": debit, "credit": credit, "net": net, "fee": fee, "tax": tax,
            "count": 3,
        })
    };
    let days =
        json!([day("2026-11-20", 4995, 10000, 4500, 495), day("2026-11-25", 10000, 4995, -4500, -495),]);
    assert_eq!(both["days"], days, "what comes back is less than nothing on its day");
    assert_eq!((&both["totals"][0]["net"], both["rows"].as_array().unwrap().len()), (&json!(0), 6));
}

#[tokio::test]
async fn an_earlier_success_moves_the_rows_to_its_day() {
    let door = open().await;
    let xendit = provider(&door.merchant, ProviderType::Xendit);
    let payment = payment(&door.merchant, "INV0045", Method::Qris, &xendit);
    let reports = [(Status::Paid, "2026-11-20T08:00:00Z"), (Status::Paid, "2026-11-18T08:00:00Z")];
    report(&door.stage, payment, &xendit, &reports).await;
    let rows = all_rows(&door, NOVEMBER).await;
    assert_eq!(rows.iter().map(|row| row["date"].as_str().unwrap()).collect::<Vec<_>>(), ["2026-11-18"; 3]);
}

#[tokio::test]
async fn the_table_has_the_same_rows() {
    let door = open().await;
    let xendit = provider(&door.merchant, ProviderType::Xendit);
    for number in 0..10 {
        let payment = payment(&door.merchant, &format!("=INV{number}"), Method::Qris, &xendit);
        report(&door.stage, payment, &xendit, &[(Status::Paid, &format!("2026-11-2{number}T08:00:00Z"))])
            .await;
    }
    let mut request = asking(&door, NOVEMBER);
    request.headers.insert("accept", "text/csv".parse().unwrap());
    let answer = door.answer(request).await.unwrap();
    assert_eq!(answer.body.lines().count(), 1 + all_rows(&door, NOVEMBER).await.len());
    assert!(answer.body.starts_with("transaction_id,order_id,provider_name,method,status,created_at"));
    assert!(answer.body.contains(",'=INV9,"), "formula-safe");
}

#[tokio::test]
async fn totals_cost_the_same_however_many_payments_there_are() {
    let door = open().await;
    let xendit = provider(&door.merchant, ProviderType::Xendit);
    let mut costs = Vec::new();
    for round in 0..2 {
        for number in 0..20 {
            let payment = payment(&door.merchant, &format!("INV{round}-{number}"), Method::Qris, &xendit);
            report(&door.stage, payment, &xendit, &[(Status::Paid, "2026-11-20T08:00:00Z")]).await;
        }
        let _ = door.stage.dynamo.take_consumed();
        let (from, until) = (day("2026-01-01"), day("2026-12-31"));
        door.deps.totals.list(&door.merchant.id, 1, from, until).await.unwrap();
        costs.push(door.stage.dynamo.take_consumed().tenths);
    }
    assert_eq!(costs.first(), costs.last());
}

fn day(text: &str) -> paywarden_domain::time::Day {
    paywarden_domain::time::Day::parse(text).unwrap()
}

#[tokio::test]
async fn sums_are_grouped_where_that_is_asked_for() {
    let door = open().await;
    let xendit = provider(&door.merchant, ProviderType::Xendit);
    for (reference, day) in [("A", 1), ("B", 1), ("C", 2)] {
        let payment = payment(&door.merchant, reference, Method::Qris, &xendit);
        let at = format!("2026-11-{day:02}T03:00:00Z");
        report(&door.stage, payment, &xendit, &[(Status::Paid, &at)]).await;
    }
    let body = door.body(asking(&door, "end_date=2026-11-20&group_by=day")).await;
    let of = |payments: u32| {
        json!([{
            "currency": "IDR", "debit": 4_995 * payments, "credit": 10_000 * payments, "net": 5_005 * payments,
            "fee": 4_500 * payments, "tax": 495 * payments, "count": 3 * payments,
        }])
    };
    let expected =
        json!([{"group": "2026-11-01", "totals": of(2)}, {"group": "2026-11-02", "totals": of(1)}]);
    assert_eq!(body["groups"], expected);
    assert_eq!(body["totals"], of(3));
    assert_eq!(door.body(asking(&door, "end_date=2026-11-20")).await["groups"], Value::Null);
    let mut table = asking(&door, "group_by=day");
    table.headers.insert("accept", "text/csv".parse().unwrap());
    assert_eq!(door.refused_parameter(table).await, (400, "group_by".to_owned()));
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let door = open().await;
    let cases = [
        ("start_date=2026-02-30", 400, "start_date"),
        ("start_date=2026-11-21&end_date=2026-11-20", 400, "start_date"),
        ("start_date=2025-01-01&end_date=2026-11-20", 400, "start_date"),
        ("end_date=today", 400, "end_date"),
        ("status=LOST", 422, "status"),
        ("method=BARTER", 422, "method"),
        ("provider_id=xendit", 422, "provider_id"),
        ("group_by=colour", 422, "group_by"),
        ("limit=0", 400, "limit"),
        ("cursor=x", 400, "cursor"),
        ("colour=red", 400, "colour"),
    ];
    for (query, status, parameter) in cases {
        let refused = door.refused_parameter(asking(&door, query)).await;
        assert_eq!(refused, (status, parameter.to_owned()), "{query}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("november", 200), ("merchants-may-not", 403), ("impossible-day", 400)];
    open().await.samples_are_answered(&expected).await;
}

/// A payment's method, whether Xendit or Midtrans carries it, and its reports: status and day of November.
type Life = (Method, bool, Vec<(Status, u32)>);

fn lives() -> impl Strategy<Value = Vec<Life>> {
    let reports = prop::collection::vec((select(Status::ALL), 1_u32..29), 0..4);
    prop::collection::vec((select(Method::ALL), any::<bool>(), reports), 0..6)
}

/// Payments as they were lived, each with the reports about it, on days of November.
async fn live(door: &TestDoor<Deps>, lives: &[Life], [xendit, midtrans]: [&Provider; 2]) {
    for (number, (method, is_xendit, reports)) in lives.iter().enumerate() {
        let provider = if *is_xendit { xendit } else { midtrans };
        let payment = payment(&door.merchant, &format!("INV{number}"), *method, provider);
        let times: Vec<(Status, String)> =
            reports.iter().map(|(status, day)| (*status, format!("2026-11-{day:02}T20:00:00Z"))).collect();
        let reports: Vec<(Status, &str)> = times.iter().map(|(status, at)| (*status, at.as_str())).collect();
        report(&door.stage, payment, provider, &reports).await;
    }
}

/// Asks for these days of November, and for what else is given.
fn query_of(
    days: (u32, u32),
    method: Option<Method>,
    status: Option<Status>,
    provider: Option<&Provider>,
) -> String {
    let mut query = format!("start_date=2026-11-{:02}&end_date=2026-11-{:02}", days.0, days.1);
    if let Some(method) = method {
        query += &format!("&method={method}");
    }
    if let Some(status) = status {
        query += &format!("&status={status}");
    }
    if let Some(provider) = provider {
        query += &format!("&provider_id={}", provider.id);
    }
    query
}

/// Each day is there once, with the sums of its own rows.
fn days_are_sums_of(rows: &[Value], whole: &Value, query: &str) {
    let dates: BTreeSet<String> = rows.iter().map(|row| row["date"].to_string()).collect();
    let days = array(&whole["days"]);
    assert_eq!(days.iter().map(|one| one["date"].to_string()).collect::<BTreeSet<_>>(), dates, "{query}");
    for day in days {
        let own = rows.iter().filter(|row| row["date"] == day["date"] && row["currency"] == day["currency"]);
        assert_eq!(sums(own), totals_of([day]), "{query}");
    }
}

/// Whatever the rows are grouped by, each group is there once, with the sums of its own rows.
async fn groups_are_sums_of(rows: &[Value], door: &TestDoor<Deps>, query: &str) {
    for (group_by, member) in
        [("provider", "provider_id"), ("method", "method"), ("status", "status"), ("day", "date")]
    {
        let grouped = door.body(asking(door, &format!("{query}&group_by={group_by}"))).await;
        let of = |group: &Value| -> Vec<Value> {
            rows.iter().filter(|row| row[member] == *group).cloned().collect()
        };
        for group in array(&grouped["groups"]) {
            assert_eq!(sums(&of(&group["group"])), totals_of(array(&group["totals"])), "{query} {group}");
        }
        let names: BTreeSet<String> = rows.iter().map(|row| row[member].to_string()).collect();
        let shown = array(&grouped["groups"]).iter();
        assert_eq!(shown.map(|one| one["group"].to_string()).collect::<BTreeSet<_>>(), names, "{query}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn totals_are_the_sums_of_the_rows_for_any_filter(
        lives in lives(),
        method in prop::option::of(select(Method::ALL)),
        status in prop::option::of(select(Status::ALL)),
        xendit_only in any::<bool>(),
        (from, length) in (1_u32..29, 0_u32..29),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let door = open().await;
            let xendit = provider(&door.merchant, ProviderType::Xendit);
            let midtrans = provider(&door.merchant, ProviderType::Midtrans);
            live(&door, &lives, [&xendit, &midtrans]).await;
            let days = (from, (from + length).min(30));
            let query = query_of(days, method, status, xendit_only.then_some(&xendit));
            let rows = all_rows(&door, &query).await;
            let whole = door.body(asking(&door, &query)).await;
            assert_eq!(sums(&rows), totals_of(array(&whole["totals"])), "{query}");
            days_are_sums_of(&rows, &whole, &query);
            groups_are_sums_of(&rows, &door, &query).await;
            let mut dates: Vec<&str> = rows.iter().map(|row| row["date"].as_str().unwrap()).collect();
            assert!(dates.is_sorted_by(|newer, older| newer >= older), "newest first");
            dates.retain(|date| *date < query[11..21].to_owned().as_str());
            assert!(dates.is_empty(), "no day outside of what was asked for");
        });
    }
}
