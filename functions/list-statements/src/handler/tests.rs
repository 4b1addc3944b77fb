//! Against the real store code on an in-process DynamoDB.

use lambda_http::http::Method;
use paywarden_domain::access::Role;
use paywarden_domain::id::StatementId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::statement::Statement;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    statement: Statement,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let (_, statement, _) = stage.add_run(&merchant).await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        Self { stage, deps, merchant, statement }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn get(&self, merchant: &Merchant, query: &str) -> Result<Answer, Problem> {
        let request = ApiRequest::new(Method::GET, "/reconciliation/statements")
            .with_caller(&builders::caller(merchant, Role::Finance))
            .with_query(query);
        self.answer(request).await
    }
}

#[tokio::test]
async fn lists_go_on_and_are_each_merchants_own() {
    let fixture = Fixture::new().await;
    for number in 0..3_u8 {
        fixture.stage.clock.advance_seconds(1);
        let id = StatementId::derived("test", &[&[number]]);
        let created_at = fixture.stage.clock().now();
        let statement = Statement { id, created_at, ..fixture.statement.clone() };
        fixture.stage.reconciliation().put_statement(&statement).await.unwrap();
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = fixture.get(&fixture.merchant, &format!("limit=2{cursor}")).await.unwrap().body_json();
        seen.extend(page["statements"].as_array().unwrap().iter().map(|one| one["id"].to_string()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (4, 4));
    let other = "provider_id=prv_00000000000000000000000000";
    let none = fixture.get(&fixture.merchant, other).await.unwrap().body_json();
    assert_eq!(none["statements"], json!([]));
    let foreign = fixture.stage.add_merchant("other").await;
    assert_eq!(fixture.get(&foreign, "").await.unwrap().body_json()["statements"], json!([]));
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("first-page", 200), ("unknown-parameter", 400)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
