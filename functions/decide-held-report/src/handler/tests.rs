//! Against the real store code on an in-process DynamoDB; what a decision comes to is tested in `shared/payments`.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::transaction::report::Report;
use paywarden_domain::vocabulary::Status;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With a transaction for which 9,000 rupiah were paid instead of 10,000.
async fn open() -> (TestDoor<Deps>, Transaction) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let provider = door.stage.add_provider(&door.merchant, ProviderType::Xendit, &json!({})).await;
    let transaction = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let paid = builders::report("INV0045", Status::Paid, "2026-11-20T07:55:00Z");
    let less = Report { money: Some(builders::money("9000", "IDR")), ..paid };
    let held = apply(&transaction, &less, &builders::origin(&provider, "2026-11-20T08:00:00Z")).next.unwrap();
    door.stage.transactions().replace(&held).await.unwrap();
    (door, held)
}

fn deciding(door: &TestDoor<Deps>, transaction: &Transaction, body: &Value) -> ApiRequest {
    let request = door.request(Role::Finance).with_path_parameter("id", transaction.id.as_str());
    request.with_body(body.to_string())
}

#[tokio::test]
async fn an_accepted_amount_is_the_transactions() {
    let (door, transaction) = open().await;
    let accept = json!({"held_id": "amount:9000:IDR", "ruling": "accepted", "reason": "by agreement"});
    let answer = door.body(deciding(&door, &transaction, &accept)).await;
    let record = &answer["transaction"];
    assert_eq!(
        (&record["status"], &record["amount"], &record["held"]),
        (&json!("PAID"), &json!(9000), &json!(false))
    );
    let decision = &answer["held_reports"][0]["decision"];
    let by = door.client_id(Role::Finance);
    assert_eq!((&decision["ruling"], &decision["by"]), (&json!("accepted"), &json!(by)));
    // Again it is the same; the other way it is too late.
    assert_eq!(door.body(deciding(&door, &transaction, &accept)).await["transaction"], *record);
    let dismiss = json!({"held_id": "amount:9000:IDR", "ruling": "dismissed", "reason": "no"});
    assert_eq!(door.refusal(deciding(&door, &transaction, &dismiss)).await.status(), 409);
}

#[tokio::test]
async fn what_cannot_be_decided_is_refused_by_name() {
    let (door, transaction) = open().await;
    let good = json!({"held_id": "amount:9000:IDR", "ruling": "accepted", "reason": "by agreement"});
    for (name, value) in [
        ("held_id", json!("amount:8000:IDR")),
        ("held_id", json!("x".repeat(161))),
        ("held_id", json!(null)),
        ("ruling", json!("maybe")),
        ("reason", json!("")),
        ("reason", json!(7)),
        ("unknown", json!("x")),
    ] {
        let mut body = good.clone();
        body[name] = value.clone();
        let refused = door.refused_parameter(deciding(&door, &transaction, &body)).await;
        assert_eq!(refused, (422, name.to_owned()), "{value}");
    }
}

#[tokio::test]
async fn only_those_who_settle_exceptions_decide_and_only_about_their_own() {
    let (door, transaction) = open().await;
    let accept = json!({"held_id": "amount:9000:IDR", "ruling": "accepted", "reason": "by agreement"});
    let request = deciding(&door, &transaction, &accept);
    let stranger = door.foreign_caller(Role::Admin).await;
    assert_eq!(door.refusal(request.clone().with_caller(&stranger)).await.status(), 404);
    door.lets_in_those_with(Scope::ReconciliationWrite, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    let (door, _) = open().await;
    let expected = [("accepted", 200), ("no-such-transaction", 404), ("unknown-parameter", 400)];
    door.samples_are_answered(&expected).await;
}
