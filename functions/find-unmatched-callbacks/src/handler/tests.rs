//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::timeline::{EntryKind, Subject};
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With two providers, and the request for what they reported on 20 November in Jakarta.
async fn open() -> (TestDoor<Deps>, [Provider; 2], ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let first = door.stage.add_provider(&door.merchant, ProviderType::Xendit, &json!({})).await;
    let second = door.stage.add_provider(&door.merchant, ProviderType::Midtrans, &json!({})).await;
    let request = door.request(Role::Engineering).with_query("day=2026-11-20");
    (door, [first, second], request)
}

async fn note(door: &TestDoor<Deps>, provider: &Provider, at: &str, detail: Value) {
    let at = builders::at(at);
    let key = [provider.id.as_str(), &at.to_string()];
    let entry = Entry::new(EntryKind::ProviderMessage, at, "x", &key, at.to_string(), detail);
    door.stage.timeline_writer().append(&[(Subject::unmatched(&provider.id, at), entry)]).await.unwrap();
}

/// Who reported what, in the order of the page.
fn told(page: &Value) -> Vec<(String, String)> {
    let callbacks = page["unmatched_callbacks"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    callbacks.iter().map(|one| (text(&one["provider_name"]), text(&one["log"]["summary"]))).collect()
}

/// Moments on both days of UTC that the day in Jakarta is a part of.
const TIMES: [&str; 5] = [
    "2026-11-19T17:00:00.000000Z",
    "2026-11-19T18:00:00.000000Z",
    "2026-11-20T00:00:00.000000Z",
    "2026-11-20T01:00:00.000000Z",
    "2026-11-20T16:59:59.999999Z",
];

#[tokio::test]
async fn what_all_providers_reported_is_one_list_in_the_order_of_time() {
    // Whoever of the two reported each: one alone, both in turns, both at one moment.
    for turns in ["00000", "01010", "00111", "11100", "BBBBB"] {
        let (door, providers, request) = open().await;
        let mut expected = Vec::new();
        for (at, turn) in TIMES.iter().zip(turns.chars()) {
            let theirs = match turn {
                'B' => &providers[..],
                turn => std::slice::from_ref(&providers[turn.to_digit(10).unwrap() as usize]),
            };
            for provider in theirs {
                note(&door, provider, at, json!({})).await;
                expected.push((provider.name.clone(), (*at).to_owned()));
            }
        }
        note(&door, &providers[0], "2026-11-20T17:00:00.000000Z", json!({})).await;
        expected.sort_by(|one, other| (&one.1, &one.0).cmp(&(&other.1, &other.0)));
        for limit in [1, 2, 3, 4, 100] {
            let query = format!("day=2026-11-20&limit={limit}");
            let pages = door.pages(request.clone().with_query(&query)).await;
            let mut seen: Vec<_> = pages.iter().flat_map(told).collect();
            assert!(seen.is_sorted_by_key(|(_, at)| at.clone()), "{turns}, {limit} a page");
            seen.sort_by(|one, other| (&one.1, &one.0).cmp(&(&other.1, &other.0)));
            assert_eq!(seen, expected, "{turns}, {limit} a page");
        }
    }
}

#[tokio::test]
async fn what_waits_for_somebody_can_be_asked_for_alone() {
    let (door, [provider, _], request) = open().await;
    note(&door, &provider, TIMES[0], json!({"applied_to": "trx_1"})).await;
    note(&door, &provider, TIMES[1], json!({"decision": {"reason": "a test"}})).await;
    note(&door, &provider, TIMES[2], json!({"event": "va.created"})).await;
    // A report that waits says with nothing what it was applied to.
    note(&door, &provider, TIMES[3], json!({"applied_to": null})).await;
    for (query, expected) in
        [("", vec![0, 1, 2, 3]), ("&decided=false", vec![2, 3]), ("&decided=true", vec![0, 1])]
    {
        let page = door.body(request.clone().with_query(&format!("day=2026-11-20{query}"))).await;
        let times: Vec<String> = expected.iter().map(|index: &usize| TIMES[*index].to_owned()).collect();
        assert_eq!(told(&page).into_iter().map(|(_, at)| at).collect::<Vec<_>>(), times, "{query}");
    }
}

#[tokio::test]
async fn another_merchant_sees_its_own_and_merchants_may_not_ask() {
    let (door, [provider, _], request) = open().await;
    note(&door, &provider, TIMES[0], json!({})).await;
    let foreign = door.foreign_caller(Role::Admin).await;
    assert_eq!(told(&door.body(request.clone().with_caller(&foreign)).await), []);
    door.lets_in_those_with(Scope::LogsRead, &request).await;
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let (door, _, request) = open().await;
    for (query, status, parameter) in [
        ("day=2026-02-30", 400, "day"),
        ("decided=maybe", 422, "decided"),
        ("cursor=AAAA", 400, "cursor"),
        ("x=1", 400, "x"),
    ] {
        let refused = door.refused_parameter(request.clone().with_query(query)).await;
        assert_eq!(refused, (status, parameter.to_owned()));
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("answered", 200), ("unknown-parameter", 400)];
    open().await.0.samples_are_answered(&expected).await;
}
