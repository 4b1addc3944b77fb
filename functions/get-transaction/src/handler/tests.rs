//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::transaction::draft::Draft;
use paywarden_domain::vocabulary::Status;
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

    async fn get(&self, merchant: &Merchant, role: Role, reference: &str) -> Result<Answer, Problem> {
        let request = ApiRequest::new(lambda_http::http::Method::GET, "/transactions/record")
            .with_caller(&builders::caller(merchant, role))
            .with_path_parameter("reference", reference);
        self.answer(request).await
    }
}

#[tokio::test]
async fn a_record_costs_one_read_of_one_unit() {
    let fixture = Fixture::new().await;
    let recorded = fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0045")).await;
    let _ = fixture.stage.dynamo.take_consumed();
    let answer = fixture.get(&fixture.merchant, Role::Merchant, "INV0045").await.unwrap();
    assert_eq!(fixture.stage.dynamo.take_consumed(), Consumed { tenths: 10, operations: 1 });
    let expected = TransactionRecord::new(&recorded, &fixture.merchant.zone);
    assert_eq!(answer.body_json(), json!({"status": true, "transaction": expected}));
}

#[tokio::test]
async fn of_several_payments_the_one_that_stands_is_answered_whatever_came_last() {
    let fixture = Fixture::new().await;
    fixture.stage.add_transaction(&fixture.merchant, builders::draft("VA-1")).await;
    let further = |occurrence| Draft { occurrence, ..builders::draft("VA-1") };
    let second = fixture.stage.add_further(&fixture.merchant, further(2)).await;
    let shown = async || {
        let body = fixture.get(&fixture.merchant, Role::Merchant, "VA-1").await.unwrap().body_json();
        (body["transaction"]["occurrence"].clone(), body["transaction"]["status"].clone())
    };
    assert_eq!(shown().await, (json!(2), json!("PENDING")));
    let provider = builders::provider(&fixture.merchant, ProviderType::Xendit);
    let report = builders::report("VA-1", Status::Paid, "2026-11-20T07:00:00Z");
    let origin = builders::origin(&provider, "2026-11-20T07:00:01Z");
    fixture.stage.write(&apply(&second, &report, &origin).next.unwrap()).await;
    fixture.stage.add_further(&fixture.merchant, further(3)).await;
    assert_eq!(shown().await, (json!(2), json!("PAID")));
}

#[tokio::test]
async fn every_role_may_read_and_a_caller_without_the_scope_may_not() {
    let fixture = Fixture::new().await;
    fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0045")).await;
    for role in Role::ALL {
        assert!(fixture.get(&fixture.merchant, *role, "INV0045").await.is_ok(), "{role}");
    }
    let mut caller = builders::caller(&fixture.merchant, Role::Merchant);
    caller.scopes = vec![Scope::TransactionsWrite];
    let request = ApiRequest::new(lambda_http::http::Method::GET, "/").with_caller(&caller);
    let problem = fixture.answer(request).await.unwrap_err();
    assert_eq!((problem.status(), problem.message()), (403, "this needs the scope transactions:read"));
}

#[tokio::test]
async fn another_merchants_record_is_answered_like_one_that_does_not_exist() {
    let fixture = Fixture::new().await;
    fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0045")).await;
    let other = fixture.stage.add_merchant("other").await;
    let foreign = fixture.get(&other, Role::Merchant, "INV0045").await.unwrap_err();
    let absent = fixture.get(&other, Role::Merchant, "NOTHING").await.unwrap_err();
    assert_eq!(foreign.to_answer("r").body, absent.to_answer("r").body);
    assert_eq!(foreign.status(), 404);
}

#[tokio::test]
async fn a_token_that_ended_since_the_authorizer_saw_it_is_nobodys() {
    let fixture = Fixture::new().await;
    let mut caller = builders::caller(&fixture.merchant, Role::Merchant);
    caller.expires_at = fixture.stage.clock().now();
    let request = ApiRequest::new(lambda_http::http::Method::GET, "/").with_caller(&caller);
    assert_eq!(fixture.answer(request).await.unwrap_err().status(), 401);
}

#[tokio::test]
async fn references_that_cannot_be_are_named() {
    let fixture = Fixture::new().await;
    for reference in ["", "a\nb", " INV", &"x".repeat(129)] {
        let problem = fixture.get(&fixture.merchant, Role::Merchant, reference).await.unwrap_err();
        assert_eq!(problem.status(), 400, "{reference:?}");
        assert_eq!(problem.error_json("r")["parameter"], "reference");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0045")).await;
    fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV/2024 01+%")).await;
    let expected = events::statuses(&[
        ("by-reference", 200),
        ("encoded-reference", 200),
        ("unknown", 404),
        ("control-character", 400),
    ]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
