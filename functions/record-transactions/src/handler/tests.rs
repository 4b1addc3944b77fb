//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::id::TransactionId;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::vocabulary::Status;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With a provider.
async fn open() -> TestDoor<Deps> {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    door.stage.add_provider(&door.merchant, ProviderType::Xendit, &json!({})).await;
    door
}

fn recording(door: &TestDoor<Deps>, body: &Value) -> ApiRequest {
    door.request(Role::Merchant).with_body(body.to_string())
}

fn qris(reference: &str) -> Value {
    json!({"direction": "receive", "method": "QRIS", "amount": 10000, "currency": "IDR",
        "transaction_reference": reference})
}

fn with(mut base: Value, name: &str, value: Value) -> Value {
    base[name] = value;
    base
}

#[tokio::test]
async fn a_new_transaction_is_answered_whole_and_costs_one_write() {
    let door = open().await;
    let body = json!({
        "direction": "receive", "method": "QRIS", "amount": "10000.00", "currency": "IDR",
        "transaction_reference": "INV0045", "customers_id": "cus_1", "metadata": serde_json::from_str::<Value>(r#"{"basket": 12345678901234567890.5}"#).unwrap(),
        "attributes": {"qrData": "000201", "nmid": "ID102"}, "expired_at": "2026-11-20 16:00:00",
        "provider_id": builders::provider(&door.merchant, ProviderType::Xendit).id,
    });
    door.stage.merchants().get(&door.merchant.id).await.unwrap();
    let _ = door.stage.dynamo.take_consumed();
    let answer = door.answer(recording(&door, &body)).await.unwrap();
    assert_eq!(answer.status, 201);
    let record = &answer.body_json()["transaction"];
    for (name, expected) in [
        ("created_at", json!("2026-11-20 15:00:00")),
        ("expired_at", json!("2026-11-20 16:00:00")),
        ("transaction_reference", json!("INV0045")),
        ("status", json!("PENDING")),
        ("customers_id", json!("cus_1")),
        ("provider_name", json!("xendit")),
        ("updated_at", Value::Null),
        ("charged_at", Value::Null),
        ("version", json!(1)),
    ] {
        assert_eq!(record[name], expected, "{name}");
    }
    assert!(answer.body.contains(r#""amount":10000,"#), "{}", answer.body);
    assert!(answer.body.contains("12345678901234567890.5"), "metadata keeps its digits: {}", answer.body);
    assert_eq!(door.stage.count("TransactionsTable"), 1);
    assert_eq!(door.stage.count("ProviderReferencesTable"), 0);
}

#[tokio::test]
async fn the_same_again_answers_200_and_anything_else_409() {
    let door = open().await;
    let first = door.answer(recording(&door, &qris("A"))).await.unwrap();
    let again = door.answer(recording(&door, &qris("A"))).await.unwrap();
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200));
    assert_eq!(first.body, again.body);
    let problem = door.refusal(recording(&door, &with(qris("A"), "amount", json!(10001)))).await;
    assert_eq!((problem.status(), problem.code()), (409, "reference_conflict"));
    assert_eq!(door.stage.count("TransactionsTable"), 1);
}

#[tokio::test]
async fn a_record_first_seen_from_the_provider_is_filled_in() {
    let door = open().await;
    let provider = builders::provider(&door.merchant, ProviderType::Xendit);
    let report = builders::report("A", Status::Paid, "2026-11-20T07:00:00Z");
    let origin = builders::origin(&provider, "2026-11-20T07:00:01Z");
    let seen = paywarden_domain::transaction::apply::first_seen(&door.merchant, "A", None, &report, &origin)
        .unwrap();
    door.stage.write(&seen).await;

    let answer =
        door.answer(recording(&door, &with(qris("A"), "customers_id", json!("cus_9")))).await.unwrap();
    assert_eq!(answer.status, 200);
    let record = &answer.body_json()["transaction"];
    assert_eq!(
        (&record["customers_id"], &record["status"], &record["version"]),
        (&json!("cus_9"), &json!("PAID"), &json!(2))
    );
    // Known by now: the same again changes nothing, and another amount is a conflict from either side.
    let again =
        door.answer(recording(&door, &with(qris("A"), "customers_id", json!("cus_9")))).await.unwrap();
    assert_eq!(again.body_json()["transaction"]["version"], json!(2));
    assert!(door.answer(recording(&door, &with(qris("A"), "amount", json!(1)))).await.is_err());
}

#[tokio::test]
async fn occurrences_open_one_after_the_other() {
    let door = open().await;
    let occurrence = |number: u32| with(qris("VA"), "occurrence", json!(number));
    assert_eq!(
        door.refused_parameter(recording(&door, &occurrence(2))).await,
        (422, "occurrence".to_owned())
    );
    for number in [1, 2, 3] {
        assert_eq!(door.answer(recording(&door, &occurrence(number))).await.unwrap().status, 201, "{number}");
    }
    assert_eq!(door.answer(recording(&door, &occurrence(2))).await.unwrap().status, 200);
    let first = TransactionId::of(&door.merchant.id, "VA", 1);
    assert_eq!(door.stage.transactions().find(&first).await.unwrap().unwrap().occurrences, 3);
}

#[tokio::test]
async fn a_providers_payment_id_belongs_to_one_transaction() {
    let door = open().await;
    let provider = builders::provider(&door.merchant, ProviderType::Xendit).id;
    let bound = |reference| {
        with(with(qris(reference), "provider_id", json!(provider)), "provider_transaction_id", json!("pay_1"))
    };
    assert_eq!(door.answer(recording(&door, &bound("A"))).await.unwrap().status, 201);
    assert_eq!(door.answer(recording(&door, &bound("A"))).await.unwrap().status, 200);
    let problem = door.refusal(recording(&door, &bound("B"))).await;
    assert_eq!((problem.status(), problem.code()), (409, "provider_transaction_conflict"));
}

#[tokio::test]
async fn an_array_answers_each_in_order() {
    let door = open().await;
    let body = json!([qris("A"), {"method": "QRIS"}, qris("B"), qris("A")]);
    let answer = door.answer(recording(&door, &body)).await.unwrap();
    assert_eq!(answer.status, 207);
    let body = answer.body_json();
    let codes: Vec<_> =
        body["results"].as_array().unwrap().iter().map(|one| one["status_code"].clone()).collect();
    assert_eq!(codes[..3], [json!(201), json!(422), json!(201)]);
    // The two "A" run at the same time: one of them records, the other finds it.
    assert!(codes[3] == json!(200) || codes[3] == json!(201));
    assert_eq!(body["results"][1]["error"]["parameter"], "direction");
    assert_eq!(door.stage.count("TransactionsTable"), 2);
}

#[tokio::test]
async fn a_reference_is_made_when_none_is_sent() {
    let door = open().await;
    let mut body = qris("x");
    body.as_object_mut().unwrap().remove("transaction_reference");
    let answer = door.answer(recording(&door, &body)).await.unwrap();
    assert_eq!(answer.body_json()["transaction"]["transaction_reference"].as_str().unwrap().len(), 26);
}

#[tokio::test]
async fn writing_needs_the_scope() {
    let door = open().await;
    let request = recording(&door, &qris("A")).with_caller(&door.caller(Role::Finance));
    let problem = door.refusal(request).await;
    assert_eq!((problem.status(), problem.message()), (403, "this needs the scope transactions:write"));
}

/// Members that are not what they should be, by the parameter that the answer names.
fn bad_members() -> Vec<(&'static str, Value)> {
    vec![
        ("amount", json!(0)),
        ("amount", json!(-1)),
        ("amount", json!("ten")),
        ("amount", json!(0.001)),
        ("amount", json!(1e15)),
        ("amount", json!([])),
        ("amount", Value::Null),
        ("currency", json!("XXX")),
        ("currency", json!(7)),
        ("method", json!("CASH")),
        ("direction", json!("send")),
        ("transaction_reference", json!("x".repeat(129))),
        ("transaction_reference", json!(" padded ")),
        ("transaction_reference", json!("a\nb")),
        ("transaction_reference", json!("")),
        ("occurrence", json!(0)),
        ("occurrence", json!(1.5)),
        ("customers_id", json!("x".repeat(33))),
        ("metadata", json!([])),
        ("metadata", json!({"long": "x".repeat(3000)})),
        ("attributes.secret", json!({"secret": 1})),
        ("expired_at", json!("soon")),
        ("created_at", json!("2030-01-01")),
        ("created_at", json!("2030-01-01T00:00:00Z")),
        ("created_at", json!("0001-01-01T00:00:00Z")),
        ("expired_at", json!("9999-01-01T00:00:00Z")),
        ("provider_id", json!("prv_none")),
        ("provider_id", json!(builders::provider(&builders::merchant("other"), ProviderType::Xendit).id)),
        ("provider_id", json!(7)),
        ("colour", json!("red")),
    ]
}

#[tokio::test]
async fn bad_bodies_are_named() {
    let door = open().await;
    for text in ["", "{", "[1,", "\u{feff}{}"] {
        assert_eq!(door.refusal(door.request(Role::Merchant).with_body(text)).await.status(), 400, "{text}");
    }
    let long = format!("\"{}\"", "x".repeat(300_000));
    assert_eq!(door.refusal(door.request(Role::Merchant).with_body(long)).await.status(), 413);
    for body in [json!([]), json!(vec![qris("A"); 101]), json!("text"), json!(1), Value::Null] {
        assert_eq!(door.refused_parameter(recording(&door, &body)).await, (422, "body".to_owned()));
    }
    let base = qris("A");
    for (parameter, value) in bad_members() {
        let member = parameter.split('.').next().unwrap();
        let body = with(base.clone(), member, value.clone());
        assert_eq!(
            door.refused_parameter(recording(&door, &body)).await,
            (422, parameter.to_owned()),
            "{parameter}: {value}"
        );
    }
    assert_eq!(door.stage.count("TransactionsTable"), 0);
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [
        ("one", 201),
        ("several", 207),
        ("negative-amount", 422),
        ("not-json", 400),
        ("finance-may-not-write", 403),
    ];
    open().await.samples_are_answered(&expected).await;
}
