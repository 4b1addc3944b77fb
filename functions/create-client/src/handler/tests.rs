//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::principal::Principal;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<Deps> {
    TestDoor::open(DOOR, Deps::of, handle).await
}

fn creating(door: &TestDoor<Deps>, body: &Value) -> ApiRequest {
    door.request(Role::Admin).with_body(body.to_string())
}

async fn stored(door: &TestDoor<Deps>, shown: &Value) -> Client {
    let id = ClientId::parse(shown["client"]["id"].as_str().unwrap()).unwrap();
    door.stage.clients().find(&id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_new_client_shows_its_secret_once_and_keeps_a_hash() {
    let door = open().await;
    let answer = door.answer(creating(&door, &json!({"name": "Shop", "role": "merchant"}))).await.unwrap();
    assert_eq!(answer.status, 201);
    let shown = answer.body_json();
    let secret = shown["client"]["secret"].as_str().unwrap();
    let client = stored(&door, &shown).await;
    assert!(client.has_secret(secret, door.stage.clock().now()) && secret.starts_with(secret::PREFIX));
    assert_eq!((&client.merchant_id, client.scopes), (&door.merchant.id, None));
    assert!(!door.stage.items("ClientsTable")[0].to_string().contains(secret));
}

#[tokio::test]
async fn scopes_and_addresses_are_narrowed() {
    let door = open().await;
    let body = json!({"name": "Job", "role": "finance", "scopes": ["reconciliation:read", "transactions:read"],
        "allowed_addresses": ["203.0.113.7", "2001:db8::/32"]});
    let shown = door.body(creating(&door, &body)).await;
    assert_eq!(shown["client"]["scopes"], json!(["transactions:read", "reconciliation:read"]));
    assert_eq!(shown["client"]["allowed_addresses"], json!(["203.0.113.7/32", "2001:db8::/32"]));
    assert_eq!(stored(&door, &shown).await.scopes().len(), 2);
}

/// A token of few scopes makes no client of many.
#[tokio::test]
async fn nobody_gives_what_their_token_does_not_have() {
    let door = open().await;
    let mut caller = door.caller(Role::Admin);
    caller.scopes = vec![Scope::ClientsWrite, Scope::TransactionsRead];
    let by_them = |body: &Value| creating(&door, body).with_caller(&caller);
    let problem = door.refusal(by_them(&json!({"name": "A", "role": "operations"}))).await;
    assert_eq!((problem.status(), problem.message()), (403, "this needs the scope logs:read"));
    let within = json!({"name": "A", "role": "operations", "scopes": ["transactions:read"]});
    assert_eq!(door.answer(by_them(&within)).await.unwrap().status, 201);
}

#[tokio::test]
async fn a_merchant_has_a_limited_number_of_clients() {
    let door = open().await;
    for number in 0..Client::LIMIT {
        let id = ClientId::derived("test", &[&number.to_be_bytes()]);
        let client = Client { id, ..builders::client(&door.merchant, Role::Merchant) };
        door.stage.clients().create(&client).await.unwrap();
    }
    let request = creating(&door, &json!({"name": "One more", "role": "merchant"}));
    let problem = door.refusal(request.clone()).await;
    assert_eq!((problem.status(), problem.code()), (409, "too_many_clients"));
    // One that is revoked makes room.
    let admin = Principal::Client(door.stage.add_client(&door.merchant, Role::Admin).await.id);
    for number in [0_usize, 1] {
        let id = ClientId::derived("test", &[&number.to_be_bytes()]);
        door.stage.clients().revoke(&id, &admin, door.stage.clock().now()).await.unwrap();
    }
    assert_eq!(door.answer(request).await.unwrap().status, 201);
}

#[tokio::test]
async fn bad_members_are_named() {
    let door = open().await;
    let with = |name: &str, value: Value| {
        let mut body = json!({"name": "A", "role": "finance"});
        body[name] = value;
        body
    };
    let many: Vec<String> = (0..=Addresses::LIMIT).map(|number| format!("203.0.113.{number}")).collect();
    let cases = [
        ("name", json!({"role": "finance"})),
        ("name", with("name", json!(""))),
        ("role", json!({"name": "A"})),
        ("role", with("role", json!("owner"))),
        ("scopes", with("scopes", json!([]))),
        ("scopes", with("scopes", json!(["logs:read"]))),
        ("scopes", with("scopes", json!(["everything"]))),
        ("scopes", with("scopes", json!("transactions:read"))),
        ("allowed_addresses", with("allowed_addresses", json!(["shop.example"]))),
        ("allowed_addresses", with("allowed_addresses", json!(["203.0.113.7/24"]))),
        ("allowed_addresses", with("allowed_addresses", json!(many))),
        ("colour", with("colour", json!("red"))),
        ("body", json!([])),
    ];
    for (parameter, body) in cases {
        assert_eq!(
            door.refused_parameter(creating(&door, &body)).await,
            (422, parameter.to_owned()),
            "{body}"
        );
    }
    assert_eq!(door.stage.count("ClientsTable"), 0);
}

#[tokio::test]
async fn creating_needs_the_scope() {
    let door = open().await;
    let request = creating(&door, &json!({"name": "A", "role": "merchant"}));
    door.lets_in_those_with(Scope::ClientsWrite, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("created", 201), ("foreign-scope", 422), ("more-than-own", 403)];
    open().await.samples_are_answered(&expected).await;
}

#[tokio::test]
async fn sent_again_under_its_key_it_is_the_same_client_with_the_same_secret() {
    let door = open().await;
    let request = creating(&door, &json!({"name": "Shop", "role": "merchant"}));
    door.creates_once("ClientsTable", &request).await;
    // Without a key each is another one.
    assert_ne!(door.body(request.clone()).await, door.body(request).await);
    let kept = door.stage.items("IdempotencyTable")[0].to_string();
    assert!(!kept.contains(secret::PREFIX), "{kept}");
}

#[tokio::test]
async fn a_key_is_the_callers_own_and_free_again_after_a_refusal() {
    let door = open().await;
    let keyed = |body: Value| {
        let mut request = creating(&door, &body);
        request.headers.insert("idempotency-key", "one".parse().unwrap());
        request
    };
    assert_eq!(door.refusal(keyed(json!({"name": "Shop"}))).await.status(), 422);
    let request = keyed(json!({"name": "Shop", "role": "merchant"}));
    let first = door.body(request.clone()).await;
    let colleague = Caller {
        principal: Principal::Client(ClientId::derived("colleague", &[])),
        ..door.caller(Role::Admin)
    };
    assert_ne!(door.body(request.clone().with_caller(&colleague)).await, first);
    let stranger = door.foreign_caller(Role::Admin).await;
    assert_ne!(door.body(request.clone().with_caller(&stranger)).await, first);
    door.stage.clock.advance_seconds(24 * 3600);
    assert_ne!(door.body(request).await, first);
}

#[tokio::test]
async fn keys_are_read_strictly() {
    let door = open().await;
    for key in [&[][..], b" ", "\u{e9}".as_bytes(), &[b'a'; 256]] {
        let mut request = creating(&door, &json!({"name": "Shop", "role": "merchant"}));
        request.headers.insert("idempotency-key", lambda_http::http::HeaderValue::from_bytes(key).unwrap());
        assert_eq!(door.refused_parameter(request).await, (400, "Idempotency-Key".to_owned()), "{key:?}");
    }
}

/// Whoever was cut off has half a minute before the next one takes over.
#[tokio::test]
async fn what_is_under_way_is_not_done_twice() {
    let door = open().await;
    let mut request = creating(&door, &json!({"name": "Shop", "role": "merchant"}));
    request.headers.insert("idempotency-key", "one".parse().unwrap());
    door.body(request.clone()).await;
    door.stage.forget_answers();
    let problem = door.refusal(request.clone()).await;
    assert_eq!((problem.status(), problem.code()), (409, "request_under_way"));
    door.stage.clock.advance_seconds(31);
    door.body(request).await;
    assert_eq!(door.stage.count("ClientsTable"), 1);
}

#[tokio::test]
async fn the_trail_tells_who_made_what_without_the_secret() {
    let door = open().await;
    let shown = door.body(creating(&door, &json!({"name": "Shop", "role": "merchant"}))).await;
    let line = door.audited().await;
    assert_eq!((&line["action"], &line["target"]), (&json!("create-client"), &json!("POST /clients")));
    assert_eq!((&line["outcome"], &line["status"]), (&json!("done"), &json!(201)));
    assert_eq!(
        (&line["by"], &line["subject"]),
        (&json!(door.caller(Role::Admin).principal), &shown["client"]["id"])
    );
    assert_eq!((&line["before"], &line["after"]["name"]), (&Value::Null, &json!("Shop")));
    assert!(!line.to_string().contains(shown["client"]["secret"].as_str().unwrap()));
    door.refusal(creating(&door, &json!({"name": "Shop"}))).await;
    let line = door.audited().await;
    assert_eq!((&line["outcome"], &line["error_code"]), (&json!("refused"), &json!("invalid_parameter")));
}

/// Wherever the process dies, what it did is on the trail.
#[tokio::test]
async fn nothing_is_done_without_a_trace() {
    for before in 0..8 {
        let door = open().await;
        door.stage.faults.kill_before(before);
        let answer = door.answer(creating(&door, &json!({"name": "Shop", "role": "merchant"}))).await;
        door.stage.faults.restart();
        let (made, traces) = (door.stage.count("ClientsTable"), door.stage.count("AuditTable"));
        assert!(made <= traces && (answer.is_err() || made == 1), "{before}: {made} made, {traces} traces");
        if answer.is_err() && traces == 1 {
            assert_eq!(door.audited().await["outcome"], "begun", "{before}");
        }
    }
}
