//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::timeline::{Entry, EntryKind};
use paywarden_domain::transaction::Transaction;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;
use paywarden_domain::access::Scope;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    transaction: Transaction,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let transaction = stage.add_transaction(&merchant, builders::draft("INV0045")).await;
        Self { stage, deps, merchant, transaction }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn write(&self, count: u32) {
        let subject = Subject::Transaction(self.transaction.id.clone());
        let entries: Vec<_> = (0..count).map(|number| (subject.clone(), entry(number))).collect();
        self.stage.timeline_writer().append(&entries).await.unwrap();
    }

    async fn get(&self, merchant: &Merchant, role: Role, id: &str, query: &str) -> Result<Answer, Problem> {
        let request = ApiRequest::new(lambda_http::http::Method::GET, "/transactions/logs")
            .with_caller(&builders::caller(merchant, role))
            .with_path_parameter("id", id)
            .with_query(query);
        self.answer(request).await
    }

    async fn own(&self, query: &str) -> Result<Answer, Problem> {
        self.get(&self.merchant, Role::Engineering, self.transaction.id.as_str(), query).await
    }
}

fn entry(number: u32) -> Entry {
    let at = builders::at("2026-11-20T08:00:00.5Z").plus_seconds(number.into());
    let identity = [number.to_string()];
    let identity: Vec<&str> = identity.iter().map(String::as_str).collect();
    Entry::new(
        EntryKind::System,
        at,
        "paywarden",
        &identity,
        format!("step {number}"),
        json!({"number": number}),
    )
    .caused_by(Some("corr-1"))
}

#[tokio::test]
async fn the_timeline_is_answered_oldest_first_beside_the_record() {
    let fixture = Fixture::new().await;
    fixture.write(2).await;
    let body = fixture.own("").await.unwrap().body_json();
    assert_eq!(body["transaction"]["transaction_reference"], "INV0045");
    let first = json!({"id": entry(0).id, "at": "2026-11-20T15:00:00.500+07:00", "kind": "system",
        "source": "paywarden", "summary": "step 0", "detail": {"number": 0}, "request_id": "corr-1"});
    assert_eq!((&body["logs"][0], &body["logs"][1]["summary"]), (&first, &json!("step 1")));
    assert_eq!((body["logs"].as_array().unwrap().len(), &body["next_cursor"]), (2, &Value::Null));
}

#[tokio::test]
async fn writing_an_entry_again_overwrites_it() {
    let fixture = Fixture::new().await;
    fixture.write(3).await;
    fixture.write(3).await;
    assert_eq!(fixture.stage.count("TimelineTable"), 3);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let fixture = Fixture::new().await;
    fixture.write(60).await;
    let (mut seen, mut query) = (Vec::new(), "limit=7".to_owned());
    loop {
        let body = fixture.own(&query).await.unwrap().body_json();
        seen.extend(body["logs"].as_array().unwrap().iter().map(|log| log["summary"].clone()));
        match body["next_cursor"].as_str() {
            Some(cursor) => query = format!("limit=7&cursor={cursor}"),
            None => break,
        }
    }
    let expected: Vec<_> = (0..60).map(|number| json!(format!("step {number}"))).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_cursor_of_another_timeline_is_refused() {
    let fixture = Fixture::new().await;
    fixture.write(2).await;
    let cursor = fixture.own("limit=1").await.unwrap().body_json()["next_cursor"].clone();
    let other = fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0046")).await;
    let query = format!("cursor={}", cursor.as_str().unwrap());
    let problem = fixture.get(&fixture.merchant, Role::Engineering, other.id.as_str(), &query).await;
    assert_eq!(problem.unwrap_err().error_json("r")["parameter"], "cursor");
}

#[tokio::test]
async fn only_operations_engineers_and_admins_see_timelines() {
    let fixture = Fixture::new().await;
    for role in Role::ALL {
        let answer = fixture.get(&fixture.merchant, *role, fixture.transaction.id.as_str(), "").await;
        assert_eq!(answer.is_ok(), role.scopes().contains(&Scope::LogsRead), "{role}");
    }
}

#[tokio::test]
async fn another_merchants_timeline_is_answered_like_one_that_does_not_exist() {
    let fixture = Fixture::new().await;
    let other = fixture.stage.add_merchant("other").await;
    let absent = TransactionId::of(&other.id, "INV0045", 1);
    let answers = [fixture.transaction.id.as_str(), absent.as_str()].map(|id| id.to_owned());
    let mut bodies = Vec::new();
    for id in answers {
        bodies.push(fixture.get(&other, Role::Admin, &id, "").await.unwrap_err().to_answer("r").body);
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("timeline", 200), ("merchants-may-not", 403), ("no-id-of-ours", 400)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
