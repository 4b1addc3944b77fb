//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::money::{Currency, Money};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::transaction::report::Report;
use paywarden_domain::vocabulary::Status;
use paywarden_store::dynamo::Consumed;
use paywarden_testing::{TestDoor, builders};
use serde_json::Value;

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<Deps> {
    TestDoor::open(DOOR, Deps::of, handle).await
}

fn asking(door: &TestDoor<Deps>, id: &str) -> ApiRequest {
    door.request(Role::Merchant).with_path_parameter("id", id)
}

/// Xendit's report of one of its payments of INV0045.
fn of(payment: &str, status: Status, at: &str) -> Report {
    let provider_transaction_id = Some(payment.to_owned());
    Report { provider_transaction_id, ..builders::report("INV0045", status, at) }
}

/// Lets Xendit report, and answers what the record is then.
async fn hear(door: &TestDoor<Deps>, current: &Transaction, report: &Report) -> Transaction {
    let provider = builders::provider(&door.merchant, ProviderType::Xendit);
    let next = apply(current, report, &builders::origin(&provider, "2026-11-20T07:30:00Z")).next.unwrap();
    door.stage.write(&next).await;
    next
}

#[tokio::test]
async fn a_record_nobody_reported_on_has_one_try_and_costs_one_read_of_one_unit() {
    let door = open().await;
    let recorded = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let _ = door.stage.dynamo.take_consumed();
    let body = door.body(asking(&door, recorded.id.as_str())).await;
    assert_eq!(door.stage.dynamo.take_consumed(), Consumed { tenths: 10, operations: 1 });
    let record = TransactionRecord::new(&recorded, &door.merchant.zone);
    let attempt = json!({"provider_id": null, "provider_name": null, "provider_transaction_id": null, "status": "PENDING",
        "reported_at": null, "unpaid_reason": null, "stands": true});
    let expected = json!({"status": true, "transaction": record, "held_reports": [], "attempts": [attempt]});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn each_try_is_shown_and_one_of_them_stands() {
    let door = open().await;
    let recorded = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let mut refused = of("pay_1", Status::Failed, "2026-11-20T07:00:00Z");
    refused.message = Some("card refused".to_owned());
    let refused = hear(&door, &recorded, &refused).await;
    hear(&door, &refused, &of("pay_2", Status::Paid, "2026-11-20T07:10:00Z")).await;
    let body = door.body(asking(&door, recorded.id.as_str())).await;
    let seen = |attempt: &Value| {
        let members = ["provider_transaction_id", "status", "reported_at", "unpaid_reason", "stands"];
        members.map(|member| attempt[member].clone())
    };
    let attempts: Vec<_> = body["attempts"].as_array().unwrap().iter().map(seen).collect();
    let expected = [
        json!(["pay_1", "FAILED", "2026-11-20T14:00:00+07:00", "card refused", false]),
        json!(["pay_2", "PAID", "2026-11-20T14:10:00+07:00", null, true]),
    ];
    assert_eq!(json!(attempts), json!(expected));
    assert_eq!(
        (&body["transaction"]["status"], &body["transaction"]["held"]),
        (&json!("PAID"), &json!(false))
    );
}

#[tokio::test]
async fn what_is_held_is_shown_with_the_id_to_decide_it_by() {
    let door = open().await;
    let recorded = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let mut other = of("pay_1", Status::Paid, "2026-11-20T07:00:00Z");
    other.money = Some(Money::parse_payment("9000", Currency::IDR).unwrap());
    let held = hear(&door, &recorded, &other).await;
    let body = door.body(asking(&door, recorded.id.as_str())).await;
    assert_eq!(body["transaction"]["held"], json!(true));
    assert_eq!(body["held_reports"], json!(held.held_answer(&door.merchant.zone)));
    let shown = &body["held_reports"][0];
    assert!(shown["held_id"].as_str().unwrap().contains("9000"), "{shown}");
    assert_eq!((&shown["amount"], &shown["decision"]), (&json!("9000"), &json!(null)));
}

#[tokio::test]
async fn the_status_apis_id_leads_there_too_and_another_methods_does_not() {
    let door = open().await;
    let recorded = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let body = recorded.id.body();
    let shown = door.body(asking(&door, &format!("QR_{body}"))).await;
    assert_eq!(shown["transaction"]["id"], json!(recorded.id));
    for (id, status) in [
        (format!("VA_{body}"), 404),
        ("tra_00000000000000000000000000".to_owned(), 404),
        ("INV0045".to_owned(), 400),
        (body.to_owned(), 400),
        (format!("XX_{body}"), 400),
        (format!("tra_{body}x"), 400),
    ] {
        let problem = door.refusal(asking(&door, &id)).await;
        assert_eq!(problem.status(), status, "{id}");
    }
    assert_eq!(door.refused_parameter(asking(&door, "INV0045")).await, (400, "id".to_owned()));
}

#[tokio::test]
async fn another_merchants_record_is_answered_like_one_that_does_not_exist() {
    let door = open().await;
    let recorded = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let caller = door.foreign_caller(Role::Merchant).await;
    let foreign = door.refusal(asking(&door, recorded.id.as_str()).with_caller(&caller)).await;
    let absent = door.refusal(asking(&door, "tra_00000000000000000000000000").with_caller(&caller)).await;
    assert_eq!(foreign.to_answer("r").body, absent.to_answer("r").body);
    assert_eq!(foreign.status(), 404);
}

#[tokio::test]
async fn it_takes_the_scope() {
    let door = open().await;
    let recorded = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    door.lets_in_those_with(Scope::TransactionsRead, &asking(&door, recorded.id.as_str())).await;
}

#[tokio::test]
async fn samples_are_answered() {
    let door = open().await;
    door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let expected = [
        ("answered", 200),
        ("by-status-id", 200),
        ("no-such-transaction", 404),
        ("not-an-id", 400),
        ("unknown-parameter", 400),
    ];
    door.samples_are_answered(&expected).await;
}
