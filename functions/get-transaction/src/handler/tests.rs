//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::transaction::draft::Draft;
use paywarden_domain::vocabulary::Status;
use paywarden_store::dynamo::Consumed;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<Deps> {
    TestDoor::open(DOOR, Deps::of, handle).await
}

fn asking(door: &TestDoor<Deps>, reference: &str) -> ApiRequest {
    door.request(Role::Merchant).with_path_parameter("reference", reference)
}

#[tokio::test]
async fn a_record_costs_one_read_of_one_unit() {
    let door = open().await;
    let recorded = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let _ = door.stage.dynamo.take_consumed();
    let body = door.body(asking(&door, "INV0045")).await;
    assert_eq!(door.stage.dynamo.take_consumed(), Consumed { tenths: 10, operations: 1 });
    let expected = TransactionRecord::new(&recorded, &door.merchant.zone);
    assert_eq!(body, json!({"status": true, "transaction": expected}));
}

#[tokio::test]
async fn of_several_payments_the_one_that_stands_is_answered_whatever_came_last() {
    let door = open().await;
    door.stage.add_transaction(&door.merchant, builders::draft("VA-1")).await;
    let further = |occurrence| Draft { occurrence, ..builders::draft("VA-1") };
    let second = door.stage.add_further(&door.merchant, further(2)).await;
    let shown = async || {
        let body = door.body(asking(&door, "VA-1")).await;
        (body["transaction"]["occurrence"].clone(), body["transaction"]["status"].clone())
    };
    assert_eq!(shown().await, (json!(2), json!("PENDING")));
    let provider = builders::provider(&door.merchant, ProviderType::Xendit);
    let report = builders::report("VA-1", Status::Paid, "2026-11-20T07:00:00Z");
    let origin = builders::origin(&provider, "2026-11-20T07:00:01Z");
    door.stage.write(&apply(&second, &report, &origin).next.unwrap()).await;
    door.stage.add_further(&door.merchant, further(3)).await;
    assert_eq!(shown().await, (json!(2), json!("PAID")));
}

#[tokio::test]
async fn every_role_may_read_and_a_caller_without_the_scope_may_not() {
    let door = open().await;
    door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    for role in Role::ALL {
        let request = asking(&door, "INV0045").with_caller(&door.caller(*role));
        assert!(door.answer(request).await.is_ok(), "{role}");
    }
    let mut caller = door.caller(Role::Merchant);
    caller.scopes = vec![Scope::TransactionsWrite];
    let problem = door.refusal(asking(&door, "INV0045").with_caller(&caller)).await;
    assert_eq!((problem.status(), problem.message()), (403, "this needs the scope transactions:read"));
}

#[tokio::test]
async fn another_merchants_record_is_answered_like_one_that_does_not_exist() {
    let door = open().await;
    door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let caller = door.foreign_caller(Role::Merchant).await;
    let foreign = door.refusal(asking(&door, "INV0045").with_caller(&caller)).await;
    let absent = door.refusal(asking(&door, "NOTHING").with_caller(&caller)).await;
    assert_eq!(foreign.to_answer("r").body, absent.to_answer("r").body);
    assert_eq!(foreign.status(), 404);
}

#[tokio::test]
async fn a_token_that_ended_since_the_authorizer_saw_it_is_nobodys() {
    let door = open().await;
    let mut caller = door.caller(Role::Merchant);
    caller.expires_at = door.stage.clock().now();
    assert_eq!(door.refusal(asking(&door, "INV0045").with_caller(&caller)).await.status(), 401);
}

#[tokio::test]
async fn references_that_cannot_be_are_named() {
    let door = open().await;
    for reference in ["", "a\nb", " INV", &"x".repeat(129)] {
        let refused = door.refused_parameter(asking(&door, reference)).await;
        assert_eq!(refused, (400, "reference".to_owned()), "{reference:?}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let door = open().await;
    for reference in ["INV0045", "INV/2024 01+%"] {
        door.stage.add_transaction(&door.merchant, builders::draft(reference)).await;
    }
    let expected =
        [("by-reference", 200), ("encoded-reference", 200), ("unknown", 404), ("control-character", 400)];
    door.samples_are_answered(&expected).await;
}
