//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::transaction::status_answer::status_id;
use paywarden_domain::vocabulary::Method;
use paywarden_store::dynamo::Consumed;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;
use paywarden_domain::access::Scope;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        Self { stage, deps, merchant }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn get(&self, merchant: &Merchant, query: &str) -> Result<Answer, Problem> {
        let request = ApiRequest::new(lambda_http::http::Method::GET, "/transactions/status")
            .with_caller(&builders::caller(merchant, Role::Merchant))
            .with_query(query);
        self.answer(request).await
    }
}

#[tokio::test]
async fn every_method_is_found_by_its_id_for_one_read_of_one_unit() {
    let fixture = Fixture::new().await;
    for method in Method::ALL {
        let mut draft = builders::draft(method.as_str());
        draft.method = *method;
        let recorded = fixture.stage.add_transaction(&fixture.merchant, draft).await;
        let _ = fixture.stage.dynamo.take_consumed();
        let query = format!("id={}", status_id(*method, &recorded.id));
        let body = fixture.get(&fixture.merchant, &query).await.unwrap().body_json();
        assert_eq!(fixture.stage.dynamo.take_consumed(), Consumed { tenths: 10, operations: 1 });
        let expected = StatusAnswer::new(&recorded, &fixture.merchant.zone);
        assert_eq!(body, json!({"status": 200, "data": expected}), "{method}");
        let plain = fixture.get(&fixture.merchant, &format!("id={}", recorded.id)).await.unwrap();
        assert_eq!(plain.body_json(), body);
    }
}

#[tokio::test]
async fn what_is_not_found_is_told_in_two_members_whoever_owns_it() {
    let fixture = Fixture::new().await;
    let recorded = fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0045")).await;
    let other = fixture.stage.add_merchant("other").await;
    let id = status_id(Method::Qris, &recorded.id);
    let cases = [
        (&other, id.clone()),
        (&fixture.merchant, id.replace("QR_", "VA_")),
        (&fixture.merchant, "QR_123".to_owned()),
        (&fixture.merchant, "nonsense".to_owned()),
    ];
    for (merchant, id) in cases {
        let problem = fixture.get(merchant, &format!("id={id}")).await.unwrap_err();
        let answer = render(&problem, "req-1");
        assert_eq!(answer.status, 404);
        assert_eq!(answer.body, r#"{"status":404,"message":"Transaction not found"}"#, "{id}");
    }
}

#[tokio::test]
async fn a_missing_id_is_400_and_other_refusals_have_the_documents_words() {
    let fixture = Fixture::new().await;
    for query in ["", "id=", "id=QR_1&id=QR_2", "ID=QR_1"] {
        let answer = render(&fixture.get(&fixture.merchant, query).await.unwrap_err(), "req-1");
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
    let fixture = Fixture::new().await;
    let mut caller = builders::caller(&fixture.merchant, Role::Merchant);
    caller.scopes.clear();
    let request = ApiRequest::new(lambda_http::http::Method::GET, "/").with_caller(&caller);
    assert_eq!(fixture.answer(request).await.unwrap_err().status(), 403);
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0045")).await;
    let expected = events::statuses(&[("qris", 200), ("other-prefix", 404), ("no-id", 400)]);
    let answers =
        events::answers_with(env!("CARGO_PKG_NAME"), render, |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
