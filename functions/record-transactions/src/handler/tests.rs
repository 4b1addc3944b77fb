//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::id::{ClientId, TransactionId};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::vocabulary::Status;
use paywarden_lambda_kit::caller::Caller;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        stage.add_provider(&merchant, ProviderType::Xendit, &json!({})).await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        Self { stage, deps, merchant }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn post(&self, role: Role, body: &Value) -> Result<Answer, Problem> {
        self.post_text(role, &body.to_string()).await
    }

    async fn post_text(&self, role: Role, body: &str) -> Result<Answer, Problem> {
        let caller = Caller {
            merchant_id: self.merchant.id.clone(),
            client_id: ClientId::derived("test", &[b"client"]),
            role,
            scopes: role.scopes().to_vec(),
            zone: self.merchant.zone.clone(),
            expires_at: self.stage.clock().now().plus_seconds(600),
        };
        let request = ApiRequest::new(lambda_http::http::Method::POST, "/transactions")
            .with_caller(&caller)
            .with_body(body);
        self.answer(request).await
    }

    async fn refusal(&self, body: Value) -> (u16, String) {
        let problem = self.post(Role::Merchant, &body).await.unwrap_err();
        (problem.status(), problem.error_json("r")["parameter"].as_str().unwrap_or_default().to_owned())
    }
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
    let fixture = Fixture::new().await;
    let body = json!({
        "direction": "receive", "method": "QRIS", "amount": "10000.00", "currency": "IDR",
        "transaction_reference": "INV0045", "customers_id": "cus_1", "metadata": serde_json::from_str::<Value>(r#"{"basket": 12345678901234567890.5}"#).unwrap(),
        "attributes": {"qrData": "000201", "nmid": "ID102"}, "expired_at": "2026-11-20 16:00:00",
        "provider_id": builders::provider(&fixture.merchant, ProviderType::Xendit).id,
    });
    fixture.stage.merchants().get(&fixture.merchant.id).await.unwrap();
    let _ = fixture.stage.dynamo.take_consumed();
    let answer = fixture.post(Role::Merchant, &body).await.unwrap();
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
    assert_eq!(fixture.stage.count("TransactionsTable"), 1);
    assert_eq!(fixture.stage.count("ProviderReferencesTable"), 0);
}

#[tokio::test]
async fn the_same_again_answers_200_and_anything_else_409() {
    let fixture = Fixture::new().await;
    let first = fixture.post(Role::Merchant, &qris("A")).await.unwrap();
    let again = fixture.post(Role::Merchant, &qris("A")).await.unwrap();
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200));
    assert_eq!(first.body, again.body);
    let problem = fixture.post(Role::Merchant, &with(qris("A"), "amount", json!(10001))).await.unwrap_err();
    assert_eq!((problem.status(), problem.code()), (409, "reference_conflict"));
    assert_eq!(fixture.stage.count("TransactionsTable"), 1);
}

#[tokio::test]
async fn a_record_first_seen_from_the_provider_is_filled_in() {
    let fixture = Fixture::new().await;
    let provider = builders::provider(&fixture.merchant, ProviderType::Xendit);
    let report = builders::report("A", Status::Paid, "2026-11-20T07:00:00Z");
    let origin = builders::origin(&provider, "2026-11-20T07:00:01Z");
    let seen =
        paywarden_domain::transaction::apply::first_seen(&fixture.merchant, "A", None, &report, &origin)
            .unwrap();
    fixture.stage.write(&seen).await;

    let answer =
        fixture.post(Role::Merchant, &with(qris("A"), "customers_id", json!("cus_9"))).await.unwrap();
    assert_eq!(answer.status, 200);
    let record = &answer.body_json()["transaction"];
    assert_eq!(
        (&record["customers_id"], &record["status"], &record["version"]),
        (&json!("cus_9"), &json!("PAID"), &json!(2))
    );
    // Known by now: the same again changes nothing, and another amount is a conflict from either side.
    let again = fixture.post(Role::Merchant, &with(qris("A"), "customers_id", json!("cus_9"))).await.unwrap();
    assert_eq!(again.body_json()["transaction"]["version"], json!(2));
    assert!(fixture.post(Role::Merchant, &with(qris("A"), "amount", json!(1))).await.is_err());
}

#[tokio::test]
async fn occurrences_open_one_after_the_other() {
    let fixture = Fixture::new().await;
    let occurrence = |number: u32| with(qris("VA"), "occurrence", json!(number));
    assert_eq!(fixture.refusal(occurrence(2)).await, (422, "occurrence".to_owned()));
    for number in [1, 2, 3] {
        assert_eq!(fixture.post(Role::Merchant, &occurrence(number)).await.unwrap().status, 201, "{number}");
    }
    assert_eq!(fixture.post(Role::Merchant, &occurrence(2)).await.unwrap().status, 200);
    let first = TransactionId::of(&fixture.merchant.id, "VA", 1);
    assert_eq!(fixture.stage.transactions().find(&first).await.unwrap().unwrap().occurrences, 3);
}

#[tokio::test]
async fn a_providers_payment_id_belongs_to_one_transaction() {
    let fixture = Fixture::new().await;
    let provider = builders::provider(&fixture.merchant, ProviderType::Xendit).id;
    let bound = |reference| {
        with(with(qris(reference), "provider_id", json!(provider)), "provider_transaction_id", json!("pay_1"))
    };
    assert_eq!(fixture.post(Role::Merchant, &bound("A")).await.unwrap().status, 201);
    assert_eq!(fixture.post(Role::Merchant, &bound("A")).await.unwrap().status, 200);
    let problem = fixture.post(Role::Merchant, &bound("B")).await.unwrap_err();
    assert_eq!((problem.status(), problem.code()), (409, "provider_transaction_conflict"));
}

#[tokio::test]
async fn an_array_answers_each_in_order() {
    let fixture = Fixture::new().await;
    let body = json!([qris("A"), {"method": "QRIS"}, qris("B"), qris("A")]);
    let answer = fixture.post(Role::Merchant, &body).await.unwrap();
    assert_eq!(answer.status, 207);
    let body = answer.body_json();
    let codes: Vec<_> =
        body["results"].as_array().unwrap().iter().map(|one| one["status_code"].clone()).collect();
    assert_eq!(codes[..3], [json!(201), json!(422), json!(201)]);
    // The two "A" run at the same time: one of them records, the other finds it.
    assert!(codes[3] == json!(200) || codes[3] == json!(201));
    assert_eq!(body["results"][1]["error"]["parameter"], "direction");
    assert_eq!(fixture.stage.count("TransactionsTable"), 2);
}

#[tokio::test]
async fn a_reference_is_made_when_none_is_sent() {
    let fixture = Fixture::new().await;
    let mut body = qris("x");
    body.as_object_mut().unwrap().remove("transaction_reference");
    let answer = fixture.post(Role::Merchant, &body).await.unwrap();
    assert_eq!(answer.body_json()["transaction"]["transaction_reference"].as_str().unwrap().len(), 26);
}

#[tokio::test]
async fn writing_needs_the_scope() {
    let fixture = Fixture::new().await;
    let problem = fixture.post(Role::Finance, &qris("A")).await.unwrap_err();
    assert_eq!((problem.status(), problem.message()), (403, "this needs the scope transactions:write"));
}

#[tokio::test]
async fn bad_bodies_are_named() {
    let fixture = Fixture::new().await;
    for text in ["", "{", "[1,", "\u{feff}{}"] {
        assert_eq!(fixture.post_text(Role::Merchant, text).await.unwrap_err().status(), 400, "{text}");
    }
    let long = format!("\"{}\"", "x".repeat(300_000));
    assert_eq!(fixture.post_text(Role::Merchant, &long).await.unwrap_err().status(), 413);
    for body in [json!([]), json!(vec![qris("A"); 101]), json!("text"), json!(1), Value::Null] {
        assert_eq!(fixture.refusal(body).await, (422, "body".to_owned()));
    }
    let base = qris("A");
    let cases = [
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
        ("provider_id", json!("prv_none")),
        ("provider_id", json!(builders::provider(&builders::merchant("other"), ProviderType::Xendit).id)),
        ("provider_id", json!(7)),
        ("colour", json!("red")),
    ];
    for (parameter, value) in cases {
        let member = parameter.split('.').next().unwrap();
        let body = with(base.clone(), member, value.clone());
        assert_eq!(fixture.refusal(body).await, (422, parameter.to_owned()), "{parameter}: {value}");
    }
    assert_eq!(fixture.stage.count("TransactionsTable"), 0);
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[
        ("one", 201),
        ("several", 207),
        ("negative-amount", 422),
        ("not-json", 400),
        ("finance-may-not-write", 403),
    ]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
