//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_testing::{TestDoor, TestStage, builders};

use super::*;
use crate::DOOR;

/// With a provider, and the request for its callbacks.
async fn open() -> (TestDoor<Deps>, Provider, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let provider = door.stage.add_provider(&door.merchant, ProviderType::Xendit, &json!({})).await;
    let request = door.request(Role::Engineering).with_path_parameter("id", provider.id.as_str());
    (door, provider, request)
}

async fn note(stage: &TestStage, provider: &Provider, at: &str) {
    let at = builders::at(at);
    let entry =
        Entry::new(EntryKind::ProviderMessage, at, "x", &[&at.to_string()], at.to_string(), json!({}));
    let subject = Subject::unmatched(&provider.id, at);
    stage.timeline_writer().append(&[(subject, entry)]).await.unwrap();
}

fn summaries(page: &Value) -> Vec<&str> {
    page["logs"].as_array().unwrap().iter().map(|log| log["summary"].as_str().unwrap()).collect()
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
    let (door, provider, request) = open().await;
    for at in DAY.iter().chain(&["2026-11-19T16:59:59.999999Z", "2026-11-20T17:00:00Z"]) {
        note(&door.stage, &provider, at).await;
    }
    let of = async |query: &str| door.body(request.clone().with_query(query)).await;
    let day = of("day=2026-11-20").await;
    assert_eq!((summaries(&day), &day["next_cursor"]), (DAY.to_vec(), &Value::Null));
    // The clock shows that day: it is today.
    assert_eq!(summaries(&of("").await).len(), 4);
    let before = of("day=2026-11-18").await;
    assert_eq!((summaries(&before), &before["next_cursor"]), (vec![], &Value::Null));
}

#[tokio::test]
async fn pages_follow_each_other_across_the_days_in_between() {
    let (door, provider, request) = open().await;
    for at in DAY {
        note(&door.stage, &provider, at).await;
    }
    for limit in 1..=4 {
        let query = format!("day=2026-11-20&limit={limit}");
        let pages = door.pages(request.clone().with_query(&query)).await;
        let seen: Vec<&str> = pages.iter().flat_map(summaries).collect();
        assert_eq!(seen, DAY, "limit {limit}");
    }
}

#[tokio::test]
async fn another_merchants_provider_is_not_found_and_merchants_may_not_ask() {
    let (door, _, request) = open().await;
    let foreign = door.foreign_caller(Role::Admin).await;
    assert_eq!(door.refusal(request.clone().with_caller(&foreign)).await.status(), 404);
    door.lets_in_those_with(Scope::LogsRead, &request).await;
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let (door, _, request) = open().await;
    for (query, parameter) in
        [("day=2026-02-30", "day"), ("day=today", "day"), ("cursor=AAAA", "cursor"), ("x=1", "x")]
    {
        let refused = door.refused_parameter(request.clone().with_query(query)).await;
        assert_eq!(refused, (400, parameter.to_owned()));
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("of-a-day", 200), ("impossible-day", 400), ("merchants-may-not", 403)];
    open().await.0.samples_are_answered(&expected).await;
}
