//! Against the real store code on an in-process DynamoDB. Counts are written from changes as `project-transactions` does, which
//! its own tests hold to the stream.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::{Method, StatusGroup};
use paywarden_store::totals::TotalsChange;
use paywarden_testing::{TestDoor, TestStage, builders};

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<Deps> {
    TestDoor::open_on(TestStage::without_streams().await, DOOR, Deps::of, handle).await
}

fn provider(door: &TestDoor<Deps>, provider_type: ProviderType) -> Provider {
    builders::provider(&door.merchant, provider_type)
}

/// A payment of a provider that is counted when it is recorded, and again with each report.
async fn add(
    door: &TestDoor<Deps>,
    (reference, created_at): (&str, &str),
    method: Method,
    provider: &Provider,
    reports: &[Status],
) {
    let mut draft = builders::draft(reference);
    draft.method = method;
    draft.provider = Some(provider.binding());
    let mut current = draft.into_transaction(&door.merchant, builders::at(created_at), "corr-1");
    counted(door, None, &current).await;
    for status in reports {
        let report = builders::report(reference, *status, "2026-11-20T07:30:00Z");
        let next =
            apply(&current, &report, &builders::origin(provider, "2026-11-20T07:30:01Z")).next.unwrap();
        counted(door, Some(&current), &next).await;
        current = next;
    }
}

async fn counted(door: &TestDoor<Deps>, old: Option<&Transaction>, new: &Transaction) {
    door.stage.totals().apply(&[TotalsChange::to(old, new)]).await.unwrap();
}

fn asking(door: &TestDoor<Deps>, query: &str) -> ApiRequest {
    door.request(Role::Operations).with_query(query)
}

/// The counts that are not zero, as `STATUS count`, and the total.
async fn found(door: &TestDoor<Deps>, query: &str) -> (Vec<String>, i64) {
    let body = door.body(asking(door, query)).await;
    let counts = body["counts"].as_array().unwrap().iter().filter(|entry| entry["count"] != 0);
    let counts = counts.map(|entry| format!("{} {}", entry["status"].as_str().unwrap(), entry["count"]));
    (counts.collect(), body["total"].as_i64().unwrap())
}

/// Six payments of two providers on three days of two months, as the merchant's clocks show them.
async fn autumn(door: &TestDoor<Deps>) {
    let [xendit, midtrans] = [ProviderType::Xendit, ProviderType::Midtrans].map(|one| provider(door, one));
    add(door, ("OCTOBER", "2026-10-31T16:59:59Z"), Method::Qris, &xendit, &[Status::Paid]).await;
    // Midnight in Jakarta.
    add(door, ("FIRST", "2026-10-31T17:00:00Z"), Method::Qris, &xendit, &[Status::Paid]).await;
    add(door, ("OPEN", "2026-11-19T03:00:00Z"), Method::Qris, &xendit, &[]).await;
    add(door, ("WALLET", "2026-11-19T03:00:00Z"), Method::EWallet, &midtrans, &[Status::Failed]).await;
    add(door, ("SENT", "2026-11-20T03:00:00Z"), Method::BankTransfer, &xendit, &[Status::Completed]).await;
    add(door, ("SENDING", "2026-11-20T03:00:00Z"), Method::BankTransfer, &midtrans, &[]).await;
}

#[tokio::test]
async fn every_status_is_counted_and_those_that_none_has_are_zero() {
    let door = open().await;
    autumn(&door).await;
    let body = door.body(asking(&door, "")).await;
    let entry = |status: Status, count: i64| {
        let group: StatusGroup = status.group();
        json!({"status": status, "status_group": group, "count": count})
    };
    let expected = json!({
        "status": true,
        "created_at_start_date": "2026-11-01",
        "created_at_end_date": "2026-11-20",
        "time_zone": "Asia/Jakarta",
        "counts": [
            entry(Status::Pending, 1),
            entry(Status::Processing, 1),
            entry(Status::Paid, 1),
            entry(Status::Completed, 1),
            entry(Status::Expired, 0),
            entry(Status::Failed, 1),
            entry(Status::Reversed, 0),
        ],
        "total": 5,
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn filters_combine() {
    let door = open().await;
    autumn(&door).await;
    let [xendit, midtrans] =
        [ProviderType::Xendit, ProviderType::Midtrans].map(|one| provider(&door, one).id);
    let cases: Vec<(String, &[&str])> = vec![
        ("direction=send".to_owned(), &["PROCESSING 1", "COMPLETED 1"]),
        ("direction=receive".to_owned(), &["PENDING 1", "PAID 1", "FAILED 1"]),
        ("direction=send&method=QRIS".to_owned(), &[]),
        ("method=QRIS,EWALLET".to_owned(), &["PENDING 1", "PAID 1", "FAILED 1"]),
        (format!("provider_id={midtrans}"), &["PROCESSING 1", "FAILED 1"]),
        (format!("provider_id={midtrans}&direction=send"), &["PROCESSING 1"]),
        (format!("provider_id={xendit}&provider_id={midtrans}&method=EWALLET"), &["FAILED 1"]),
        (
            "created_at_start_date=2026-10-01".to_owned(),
            &["PENDING 1", "PROCESSING 1", "PAID 2", "COMPLETED 1", "FAILED 1"],
        ),
        ("created_at_start_date=2026-10-31&created_at_end_date=2026-10-31".to_owned(), &["PAID 1"]),
        ("created_at_end_date=2026-10-31".to_owned(), &["PAID 1"]),
        (
            "created_at_start_date=2026-11-19&created_at_end_date=2026-11-19".to_owned(),
            &["PENDING 1", "FAILED 1"],
        ),
        ("created_at_start_date=2026-11-21&created_at_end_date=2026-11-30".to_owned(), &[]),
    ];
    for (query, expected) in cases {
        let (counts, total) = found(&door, &query).await;
        let sum: i64 =
            expected.iter().map(|entry| entry.rsplit(' ').next().unwrap().parse::<i64>().unwrap()).sum();
        assert_eq!(
            (counts.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), total),
            (expected, sum),
            "{query}"
        );
    }
}

#[tokio::test]
async fn what_it_costs_does_not_grow_with_transactions() {
    let mut costs = Vec::new();
    for rows in [3, 30] {
        let door = open().await;
        let xendit = provider(&door, ProviderType::Xendit);
        // Written by one process: another one might write other rows of the same counts.
        let totals = door.stage.totals();
        for number in 0..rows {
            let mut draft = builders::draft(&format!("INV{number}"));
            draft.provider = Some(xendit.binding());
            let recorded =
                draft.into_transaction(&door.merchant, builders::at("2026-11-19T03:00:00Z"), "corr-1");
            totals.apply(&[TotalsChange::to(None, &recorded)]).await.unwrap();
        }
        door.deps.merchants.get(&door.merchant.id).await.unwrap();
        let _ = door.stage.dynamo.take_consumed();
        assert_eq!(found(&door, "").await.1, rows);
        costs.push(door.stage.dynamo.take_consumed());
    }
    assert_eq!(costs[0], costs[1]);
    assert_eq!((costs[0].operations, costs[0].tenths), (1, 5));
}

#[tokio::test]
async fn merchants_count_their_own_transactions_only() {
    let door = open().await;
    autumn(&door).await;
    let foreign = door.foreign_caller(Role::Merchant).await;
    assert_eq!(door.body(asking(&door, "").with_caller(&foreign)).await["total"], json!(0));
    door.lets_in_those_with(Scope::TransactionsRead, &asking(&door, "")).await;
}

#[tokio::test]
async fn bad_parameters_are_named_with_what_was_expected() {
    let door = open().await;
    let cases = [
        ("status=PAID", 400, "status", "unknown parameter"),
        ("direction=up", 422, "direction", "send, receive"),
        ("method=CASH", 422, "method", "QRIS"),
        ("provider_id=none", 422, "provider_id", "prv_"),
        ("created_at_start_date=2026-02-30", 400, "created_at_start_date", "YYYY-MM-DD"),
        ("created_at_end_date=2026-11-01%2010:00:00", 400, "created_at_end_date", "YYYY-MM-DD"),
        (
            "created_at_start_date=2026-11-02&created_at_end_date=2026-11-01",
            400,
            "created_at_start_date",
            "not after created_at_end_date",
        ),
        ("created_at_start_date=2025-10-31", 400, "created_at_start_date", "within 13 months"),
    ];
    for (query, status, parameter, expected) in cases {
        let problem = door.refusal(asking(&door, query)).await;
        assert_eq!(problem.status(), status, "{query}");
        assert_eq!(problem.error_json("r")["parameter"], parameter, "{query}");
        assert!(problem.message().contains(expected), "{query}: {}", problem.message());
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let door = open().await;
    door.samples_are_answered(&[("answered", 200), ("unknown-parameter", 400)]).await;
}
