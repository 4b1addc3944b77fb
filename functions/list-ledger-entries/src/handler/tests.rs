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

/// Debit, credit and count by currency, added up from rows.
fn sums(rows: &[Value]) -> BTreeMap<String, (Decimal, Decimal, i64)> {
    let mut sums: BTreeMap<String, (Decimal, Decimal, i64)> = BTreeMap::new();
    for row in rows {
        let own = sums.entry(row["currency"].as_str().unwrap().to_owned()).or_default();
        match row["direction"].as_str().unwrap() {
            "debit" => own.0 += decimal(&row["amount"]),
            _ => own.1 += decimal(&row["amount"]),
        }
        own.2 += 1;
    }
    sums
}

fn totals_of(body: &Value) -> BTreeMap<String, (Decimal, Decimal, i64)> {
    let totals = body["totals"].as_array().unwrap().iter();
    totals
        .map(|own| {
            let (debit, credit) = (decimal(&own["debit"]), decimal(&own["credit"]));
            assert_eq!(decimal(&own["net"]), credit - debit);
            (own["currency"].as_str().unwrap().to_owned(), (debit, credit, own["count"].as_i64().unwrap()))
        })
        .collect()
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
        json!([{"currency": "IDR", "debit": 4995, "credit": 10000, "net": 5005, "count": 3}])
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
    let of = |amount: u32, fees: u32, count: u32| json!([{"currency": "IDR", "debit": fees, "credit": amount, "net": amount - fees, "count": count}]);
    let expected = json!([
        {"group": "2026-11-01", "totals": of(20_000, 9_990, 6)},
        {"group": "2026-11-02", "totals": of(10_000, 4_995, 3)},
    ]);
    assert_eq!(body["groups"], expected);
    assert_eq!(body["totals"], of(30_000, 14_985, 9));
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
            for (number, (method, is_xendit, reports)) in lives.iter().enumerate() {
                let provider = if *is_xendit { &xendit } else { &midtrans };
                let payment = payment(&door.merchant, &format!("INV{number}"), *method, provider);
                let times: Vec<(Status, String)> = reports
                    .iter()
                    .map(|(status, day)| (*status, format!("2026-11-{day:02}T20:00:00Z")))
                    .collect();
                let reports: Vec<(Status, &str)> =
                    times.iter().map(|(status, at)| (*status, at.as_str())).collect();
                report(&door.stage, payment, provider, &reports).await;
            }
            let until = (from + length).min(30);
            let mut query = format!("start_date=2026-11-{from:02}&end_date=2026-11-{until:02}");
            if let Some(method) = method {
                query += &format!("&method={method}");
            }
            if let Some(status) = status {
                query += &format!("&status={status}");
            }
            if xendit_only {
                query += &format!("&provider_id={}", xendit.id);
            }
            let rows = all_rows(&door, &query).await;
            assert_eq!(sums(&rows), totals_of(&door.body(asking(&door, &query)).await), "{query}");
            for (group_by, member) in
                [("provider", "provider_id"), ("method", "method"), ("status", "status"), ("day", "date")]
            {
                let grouped = door.body(asking(&door, &format!("{query}&group_by={group_by}"))).await;
                let of = |group: &Value| -> Vec<Value> {
                    rows.iter().filter(|row| row[member] == *group).cloned().collect()
                };
                for group in grouped["groups"].as_array().unwrap() {
                    assert_eq!(sums(&of(&group["group"])), totals_of(group), "{query} {group}");
                }
                let names: BTreeSet<String> = rows.iter().map(|row| row[member].to_string()).collect();
                let shown = grouped["groups"].as_array().unwrap().iter();
                assert_eq!(shown.map(|one| one["group"].to_string()).collect::<BTreeSet<_>>(), names, "{query}");
            }
            let mut dates: Vec<&str> = rows.iter().map(|row| row["date"].as_str().unwrap()).collect();
            assert!(dates.is_sorted_by(|newer, older| newer >= older), "newest first");
            dates.retain(|date| *date < query[11..21].to_owned().as_str());
            assert!(dates.is_empty(), "no day outside of what was asked for");
        });
    }
}
