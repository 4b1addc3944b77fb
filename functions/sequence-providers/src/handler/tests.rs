//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::{ProviderStatus, ProviderType};
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;

struct Fixture {
    deps: Deps,
    merchant: Merchant,
    stage: TestStage,
}

impl Fixture {
    /// Two active providers, one with a fee of 4,500 and 11 % VAT, and one in maintenance.
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        stage.add_provider(&merchant, ProviderType::Xendit, &json!({})).await;
        let charging = builders::charging(builders::provider(&merchant, ProviderType::Midtrans));
        stage.add_this_provider(charging, &json!({})).await;
        let mut resting = builders::provider(&merchant, ProviderType::Brick);
        resting.standing.status = ProviderStatus::Maintenance;
        stage.add_this_provider(resting, &json!({})).await;
        Self { deps, merchant, stage }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn get(&self, query: &str) -> Result<Answer, Problem> {
        let request = ApiRequest::new(lambda_http::http::Method::GET, "/providers/sequence")
            .with_caller(&builders::caller(&self.merchant, Role::Finance))
            .with_query(query);
        self.answer(request).await
    }
}

#[tokio::test]
async fn the_sequence_says_what_a_payment_costs_and_why_each_stands_where_it_stands() {
    let fixture = Fixture::new().await;
    let body = fixture.get("service=SEND_MONEY&amount=8500000&currency=IDR").await.unwrap().body_json();
    let [first, second] = body["sequence"].as_array().unwrap().as_slice() else { unreachable!("{body}") };
    assert_eq!((&first["name"], &first["expected_cost"]), (&json!("midtrans"), &json!(4995)));
    assert_eq!((&second["name"], &second["expected_cost"]), (&json!("xendit"), &json!(null)));
    assert_eq!(first["reason"], "priority 100; costs 4995 IDR: fee 4500, VAT 495");
    assert_eq!(body["excluded"][0]["reason"], "is MAINTENANCE: added");
}

#[tokio::test]
async fn without_an_amount_priority_alone_decides() {
    let fixture = Fixture::new().await;
    let body = fixture.get("service=SEND_MONEY").await.unwrap().body_json();
    assert_eq!(body["sequence"].as_array().unwrap().len(), 2);
    assert_eq!(body["sequence"][0]["expected_cost"], json!(null));
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let fixture = Fixture::new().await;
    let cases = [
        ("", 400, "service"),
        ("service=DANCING", 422, "service"),
        ("service=SEND_MONEY&amount=5", 400, "currency"),
        ("service=SEND_MONEY&currency=IDR", 400, "amount"),
        ("service=SEND_MONEY&amount=-5&currency=IDR", 400, "amount"),
        ("service=SEND_MONEY&amount=5&currency=XXX", 400, "currency"),
        ("service=SEND_MONEY&colour=red", 400, "colour"),
    ];
    for (query, status, parameter) in cases {
        let problem = fixture.get(query).await.unwrap_err();
        assert_eq!(
            (problem.status(), &problem.error_json("r")["parameter"]),
            (status, &json!(parameter)),
            "{query}"
        );
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("for-an-amount", 200), ("no-service", 400)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
