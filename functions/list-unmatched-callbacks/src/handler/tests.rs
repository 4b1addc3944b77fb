//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::timeline::EntryKind;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;
use paywarden_domain::access::Scope;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    provider: Provider,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let provider = stage.add_provider(&merchant, ProviderType::Xendit, &json!({})).await;
        Self { stage, deps, merchant, provider }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn note(&self, at: &str) {
        let at = builders::at(at);
        let entry =
            Entry::new(EntryKind::ProviderMessage, at, "x", &[&at.to_string()], at.to_string(), json!({}));
        let subject = Subject::unmatched(&self.provider.id, at);
        self.stage.timeline_writer().append(&[(subject, entry)]).await.unwrap();
    }

    async fn get(&self, merchant: &Merchant, role: Role, query: &str) -> Result<Answer, Problem> {
        let request = ApiRequest::new(lambda_http::http::Method::GET, "/providers/x/unmatched-callbacks")
            .with_caller(&builders::caller(merchant, role))
            .with_path_parameter("id", self.provider.id.as_str())
            .with_query(query);
        self.answer(request).await
    }

    async fn summaries(&self, query: &str) -> (Vec<String>, Option<String>) {
        let body = self.get(&self.merchant, Role::Engineering, query).await.unwrap().body_json();
        let summary = |log: &Value| log["summary"].as_str().unwrap().to_owned();
        let summaries = body["logs"].as_array().unwrap().iter().map(summary).collect();
        (summaries, body["next_cursor"].as_str().map(str::to_owned))
    }
}

/// Of 20 November in Jakarta the first two instants are on the 19th in UTC, and the last one before 17:00 of the 20th.
const DAY: [&str; 4] = [
    "2026-11-19T17:00:00.000000Z",
    "2026-11-19T23:59:59.999999Z",
    "2026-11-20T00:00:00.000000Z",
    "2026-11-20T16:59:59.999999Z",
];

#[tokio::test]
async fn a_day_is_a_day_on_the_merchants_clocks() {
    let fixture = Fixture::new().await;
    for at in DAY.iter().chain(&["2026-11-19T16:59:59.999999Z", "2026-11-20T17:00:00Z"]) {
        fixture.note(at).await;
    }
    assert_eq!(fixture.summaries("day=2026-11-20").await, (DAY.map(str::to_owned).to_vec(), None));
    // The clock shows that day: it is today.
    assert_eq!(fixture.summaries("").await.0.len(), 4);
    assert_eq!(fixture.summaries("day=2026-11-18").await, (vec![], None));
}

#[tokio::test]
async fn pages_follow_each_other_across_the_days_in_between() {
    let fixture = Fixture::new().await;
    for at in DAY {
        fixture.note(at).await;
    }
    for limit in 1..=4 {
        let base = format!("day=2026-11-20&limit={limit}");
        let (mut seen, mut query) = (Vec::new(), base.clone());
        loop {
            let (found, next) = fixture.summaries(&query).await;
            seen.extend(found);
            match next {
                Some(cursor) => query = format!("{base}&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen, DAY, "limit {limit}");
    }
}

#[tokio::test]
async fn another_merchants_provider_is_not_found_and_merchants_may_not_ask() {
    let fixture = Fixture::new().await;
    let other = fixture.stage.add_merchant("other").await;
    assert_eq!(fixture.get(&other, Role::Admin, "").await.unwrap_err().status(), 404);
    for role in Role::ALL {
        let answer = fixture.get(&fixture.merchant, *role, "").await;
        assert_eq!(answer.is_ok(), role.scopes().contains(&Scope::LogsRead), "{role}");
    }
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let fixture = Fixture::new().await;
    for (query, parameter) in
        [("day=2026-02-30", "day"), ("day=today", "day"), ("cursor=AAAA", "cursor"), ("x=1", "x")]
    {
        let problem = fixture.get(&fixture.merchant, Role::Admin, query).await.unwrap_err();
        assert_eq!((problem.status(), &problem.error_json("r")["parameter"]), (400, &json!(parameter)));
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected =
        events::statuses(&[("of-a-day", 200), ("impossible-day", 400), ("merchants-may-not", 403)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
