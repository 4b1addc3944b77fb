//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::transaction::status_answer::status_id;
use paywarden_domain::vocabulary::Method;
use paywarden_store::dynamo::Consumed;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<Deps> {
    TestDoor::open(DOOR, Deps::of, handle).await
}

fn asking(door: &TestDoor<Deps>, query: &str) -> ApiRequest {
    door.request(Role::Merchant).with_query(query)
}

#[tokio::test]
async fn every_method_is_found_by_its_id_for_one_read_of_one_unit() {
    let door = open().await;
    for method in Method::ALL {
        let mut draft = builders::draft(method.as_str());
        draft.method = *method;
        let recorded = door.stage.add_transaction(&door.merchant, draft).await;
        let _ = door.stage.dynamo.take_consumed();
        let query = format!("id={}", status_id(*method, &recorded.id));
        let body = door.body(asking(&door, &query)).await;
        assert_eq!(door.stage.dynamo.take_consumed(), Consumed { tenths: 10, operations: 1 });
        let expected = StatusAnswer::new(&recorded, &door.merchant.zone);
        assert_eq!(body, json!({"status": 200, "data": expected}), "{method}");
        assert_eq!(door.body(asking(&door, &format!("id={}", recorded.id))).await, body);
    }
}

#[tokio::test]
async fn what_is_not_found_is_told_in_two_members_whoever_owns_it() {
    let door = open().await;
    let recorded = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let (own, foreign) = (door.caller(Role::Merchant), door.foreign_caller(Role::Merchant).await);
    let id = status_id(Method::Qris, &recorded.id);
    let cases = [
        (&foreign, id.clone()),
        (&own, id.replace("QR_", "VA_")),
        (&own, "QR_123".to_owned()),
        (&own, "nonsense".to_owned()),
    ];
    for (caller, id) in cases {
        let request = asking(&door, &format!("id={id}")).with_caller(caller);
        let answer = render(&door.refusal(request).await, "req-1");
        assert_eq!(answer.status, 404);
        assert_eq!(answer.body, r#"{"status":404,"message":"Transaction not found"}"#, "{id}");
    }
}

#[tokio::test]
async fn a_missing_id_is_400_and_other_refusals_have_the_documents_words() {
    let door = open().await;
    for query in ["", "id=", "id=QR_1&id=QR_2", "ID=QR_1"] {
        let answer = render(&door.refusal(asking(&door, query)).await, "req-1");
        assert_eq!((answer.status.as_u16(), &answer.body_json()["status"]), (400, &json!(400)), "{query}");
    }
    for (problem, status, message) in [
        (Problem::unauthorized(), 401, "Unauthorized"),
        (Problem::forbidden(Scope::TransactionsRead), 403, "Unauthorized"),
        (Problem::internal("secret detail"), 500, "Internal server error"),
        (Problem::unavailable(), 503, "Internal server error"),
    ] {
        let answer = render(&problem, "req-1");
        let body = answer.body_json();
        assert_eq!((&body["status"], &body["message"]), (&json!(status), &json!(message)));
        assert!(!answer.body.contains("secret"));
    }
}

#[tokio::test]
async fn a_caller_without_the_scope_may_not_read() {
    let door = open().await;
    let mut caller = door.caller(Role::Merchant);
    caller.scopes.clear();
    assert_eq!(door.refusal(asking(&door, "").with_caller(&caller)).await.status(), 403);
}

#[tokio::test]
async fn samples_are_answered() {
    let door = open().await;
    door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    door.samples_are_answered(&[("qris", 200), ("other-prefix", 404), ("no-id", 400)]).await;
}
