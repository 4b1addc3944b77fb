//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::webhook::endpoint::DisabledReason;
use paywarden_store::webhooks::StoredEndpoint;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<Deps> {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    door.stage.add_this_endpoint(builders::endpoint(&door.merchant)).await;
    door
}

fn patching(door: &TestDoor<Deps>, body: &Value) -> ApiRequest {
    let id = builders::endpoint(&door.merchant).id;
    let request = door.request(Role::Engineering).with_path_parameter("id", id.as_str());
    request.with_body(body.to_string())
}

/// The same by somebody who has seen the first version.
fn patching_first(door: &TestDoor<Deps>, body: &Value) -> ApiRequest {
    let mut request = patching(door, body);
    request.headers.insert("if-match", "\"1\"".parse().unwrap());
    request
}

async fn changed(door: &TestDoor<Deps>, body: &Value) -> Value {
    door.body(patching(door, body)).await["webhook_endpoint"].clone()
}

async fn stored(door: &TestDoor<Deps>) -> StoredEndpoint {
    let id = builders::endpoint(&door.merchant).id;
    door.stage.endpoints().find(&door.merchant.id, &id).await.unwrap().unwrap()
}

/// The errands that were sent since somebody last looked.
fn errands(door: &TestDoor<Deps>) -> Vec<Value> {
    let messages = door.stage.queue("WebhookRetriesQueue").take();
    messages.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect()
}

#[tokio::test]
async fn only_what_is_named_changes() {
    let door = open().await;
    let sealed = stored(&door).await.sealed_secret;
    let body = json!({
        "url": "https://shop.example/other",
        "events": ["provider.status_changed", "transaction.updated"],
        "retry_seconds": [5, 300],
        "rate_limit": 20,
        "batch": {"max_records": 20, "max_seconds": 10},
        "ordered": true,
    });
    let answer = door.answer(patching_first(&door, &body)).await.unwrap();
    assert_eq!(answer.headers["etag"], "\"2\"");
    let shown = answer.body_json()["webhook_endpoint"].clone();
    for name in ["url", "retry_seconds", "rate_limit", "batch", "ordered"] {
        assert_eq!(shown[name], body[name], "{name}");
    }
    assert_eq!(shown["events"], json!(["transaction.updated", "provider.status_changed"]));
    let cleared = json!({"retry_seconds": null, "rate_limit": null, "batch": null, "url": null});
    let shown = changed(&door, &cleared).await;
    for (name, expected) in [
        ("url", &body["url"]),
        ("retry_seconds", &json!(null)),
        ("rate_limit", &json!(null)),
        ("batch", &json!(null)),
        ("ordered", &json!(true)),
        ("version", &json!(3)),
    ] {
        assert_eq!(&shown[name], expected, "{name}");
    }
    assert_eq!((stored(&door).await.sealed_secret, errands(&door)), (sealed, Vec::<Value>::new()));
}

#[tokio::test]
async fn one_that_goes_on_is_told_what_was_parked() {
    let door = open().await;
    assert_eq!(changed(&door, &json!({"status": "PAUSED"})).await["status"], "PAUSED");
    assert_eq!(errands(&door), Vec::<Value>::new());
    assert_eq!(changed(&door, &json!({"status": "ENABLED"})).await["version"], 3);
    let id = builders::endpoint(&door.merchant).id;
    let drain =
        [json!({"errand": "drain", "merchant_id": door.merchant.id, "endpoint_id": id, "pass": "asked"})];
    assert_eq!(errands(&door), drain);
    // Also when it is told already: whoever says it again may have been cut off before.
    assert_eq!(changed(&door, &json!({"status": "ENABLED"})).await["version"], 3);
    assert_eq!(errands(&door), drain);
}

#[tokio::test]
async fn one_that_was_switched_off_is_switched_on_again() {
    let door = open().await;
    let (id, now) = (builders::endpoint(&door.merchant).id, door.stage.clock().now());
    door.stage.endpoints().disable(&door.merchant.id, &id, now, DisabledReason::Gone).await.unwrap();
    assert_eq!(changed(&door, &json!({"description": "The shop"})).await["disabled_reason"], "gone");
    let shown = changed(&door, &json!({"status": "ENABLED"})).await;
    assert_eq!((&shown["status"], &shown["disabled_at"]), (&json!("ENABLED"), &Value::Null));
    assert_eq!(errands(&door).len(), 1);
}

#[tokio::test]
async fn what_was_seen_must_still_be_there() {
    let door = open().await;
    door.body(patching_first(&door, &json!({"description": "first"}))).await;
    let problem = door.refusal(patching_first(&door, &json!({"description": "second"}))).await;
    assert_eq!((problem.status(), problem.code()), (412, "outdated"));
    assert_eq!(stored(&door).await.endpoint.description.as_deref(), Some("first"));
}

/// Of two who changed the same version one has to look again.
#[tokio::test]
async fn a_change_replaces_what_was_read() {
    let door = open().await;
    let stale = stored(&door).await;
    changed(&door, &json!({"description": "first"})).await;
    let second = Endpoint { description: Some("second".to_owned()), ..stale.endpoint.clone() };
    assert!(door.deps.keeper.change(stale, second).await.is_err());
}

#[tokio::test]
async fn a_change_to_what_is_there_writes_nothing() {
    let door = open().await;
    let body = json!({"url": "https://shop.example/hooks", "ordered": false, "batch": null});
    assert_eq!(changed(&door, &body).await["version"], 1);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let door = open().await;
    let cases = [
        (json!({"url": "http://shop.example/"}), "url"),
        (json!({"events": []}), "events"),
        (json!({"events": ["webhook.test"]}), "events"),
        (json!({"description": ""}), "description"),
        (json!({"retry_seconds": []}), "retry_seconds"),
        (json!({"retry_seconds": [0]}), "retry_seconds"),
        (json!({"retry_seconds": [1.5]}), "retry_seconds"),
        (json!({"retry_seconds": 5}), "retry_seconds"),
        (json!({"retry_seconds": vec![86_400; 8]}), "retry_seconds"),
        (json!({"rate_limit": 0}), "rate_limit"),
        (json!({"rate_limit": 1001}), "rate_limit"),
        (json!({"batch": {"max_records": 1, "max_seconds": 1}}), "batch.max_records"),
        (json!({"batch": {"max_records": 51, "max_seconds": 1}}), "batch.max_records"),
        (json!({"batch": {"max_records": 2}}), "batch.max_seconds"),
        (json!({"batch": {"max_records": 2, "max_seconds": 301}}), "batch.max_seconds"),
        (json!({"batch": {"max_records": 2, "max_seconds": 1, "colour": 1}}), "batch.colour"),
        (json!({"batch": 5}), "batch"),
        (json!({"ordered": "yes"}), "ordered"),
        (json!({"status": "DISABLED"}), "status"),
        (json!({"status": "asleep"}), "status"),
        (json!({"signature": "v1a"}), "signature"),
        (json!({"test": true}), "test"),
        (json!([]), "body"),
    ];
    for (body, parameter) in cases {
        let refused = door.refused_parameter(patching(&door, &body)).await;
        assert_eq!(refused, (422, parameter.to_owned()), "{body}");
    }
    assert_eq!(stored(&door).await.endpoint.version, 1);
}

#[tokio::test]
async fn another_merchants_endpoint_is_as_if_it_did_not_exist() {
    let door = open().await;
    let foreign = door.foreign_caller(Role::Engineering).await;
    let request = patching(&door, &json!({"status": "PAUSED"}));
    let absent = request.clone().with_path_parameter("id", "whe_00000000000000000000000000");
    let theirs = door.refusal(request.with_caller(&foreign)).await;
    assert_eq!((theirs.status(), &theirs), (404, &door.refusal(absent).await));
}

#[tokio::test]
async fn changing_needs_the_scope() {
    let door = open().await;
    door.lets_in_those_with(Scope::WebhooksWrite, &patching(&door, &json!({"ordered": true}))).await;
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("outdated", 412), ("paused", 200), ("settings", 200), ("switched-off", 422)];
    open().await.samples_are_answered(&expected).await;
}

#[tokio::test]
async fn the_trail_tells_what_it_was_and_what_it_is() {
    let door = open().await;
    changed(&door, &json!({"status": "PAUSED"})).await;
    let line = door.audited().await;
    assert_eq!((&line["before"]["status"], &line["after"]["status"]), (&json!("ENABLED"), &json!("PAUSED")));
    assert_eq!(line["subject"], json!(builders::endpoint(&door.merchant).id));
}
