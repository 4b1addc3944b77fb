//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::id::{AuditId, ProviderId};
use paywarden_domain::merchant::Merchant;
use paywarden_testing::TestDoor;
use paywarden_testing::builders;

use super::*;
use crate::DOOR;

/// With a trail of six, a day apart: the first on 10 November, every other one about the same provider, each third refused.
async fn open() -> TestDoor<Deps> {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let other = door.stage.add_merchant("other").await;
    for merchant in [&door.merchant, &other] {
        for number in 0..6_u8 {
            write(&door, merchant, number).await;
        }
    }
    door
}

async fn write(door: &TestDoor<Deps>, merchant: &Merchant, number: u8) {
    let at = merchant.zone.filter_start("2026-11-10").unwrap().plus_seconds(i64::from(number) * 86_400);
    let provider = ProviderId::derived("test", &[&[number % 2]]);
    let entry = AuditEntry {
        id: AuditId::derived("test", &[&[number]]),
        merchant_id: Some(merchant.id.clone()),
        at,
        by: if number == 5 { Actor::Operator } else { builders::caller(merchant, Role::Operations).actor() },
        identity: None,
        address: "203.0.113.7".parse().ok(),
        request_id: format!("req-{number}"),
        action: "update-provider".to_owned(),
        target: format!("PATCH /providers/{provider}"),
        subject: Some(provider.to_string()),
        outcome: Outcome::Begun,
        status: None,
        error_code: None,
        before: None,
        after: None,
    };
    let ended = entry.ended(if number % 3 == 2 { 412 } else { 200 }, None, None);
    door.stage.stores().audit_trail().unwrap().write(&ended).await.unwrap();
}

/// The numbers of the entries, as they were written.
async fn found(door: &TestDoor<Deps>, query: &str) -> Vec<u8> {
    let pages = door.pages(door.request(Role::Admin).with_query(query)).await;
    let entries = pages.iter().flat_map(|page| page["audit_entries"].as_array().unwrap());
    let number = |entry: &Value| entry["request_id"].as_str().unwrap()[4..].parse().unwrap();
    entries.map(number).collect()
}

#[tokio::test]
async fn the_trail_is_listed_newest_first_page_by_page() {
    let door = open().await;
    for query in ["", "limit=1", "limit=2", "limit=5"] {
        assert_eq!(found(&door, query).await, [5, 4, 3, 2, 1, 0], "{query}");
    }
    let shown = door.body(door.request(Role::Admin).with_query("limit=1")).await;
    let entry = &shown["audit_entries"][0];
    let told = [&entry["by"], &entry["at"], &entry["address"], &entry["outcome"]];
    assert_eq!(told, ["operator", "2026-11-15T00:00:00.000+07:00", "203.0.113.7", "refused"]);
}

#[tokio::test]
async fn every_filter_leaves_out_what_does_not_fit() {
    let door = open().await;
    let subject = ProviderId::derived("test", &[&[0]]);
    let client = door.caller(Role::Operations).principal;
    let cases = [
        ("by=operator".to_owned(), vec![5]),
        (format!("by={client}&limit=2"), vec![4, 3, 2, 1, 0]),
        (format!("subject={subject}&limit=1"), vec![4, 2, 0]),
        ("action=update-provider&outcome=refused".to_owned(), vec![5, 2]),
        ("outcome=done,begun".to_owned(), vec![4, 3, 1, 0]),
        ("action=delete-provider".to_owned(), vec![]),
        ("start_date=2026-11-12&end_date=2026-11-13".to_owned(), vec![3, 2]),
        ("start_date=2026-11-12&end_date=2026-11-13&limit=1".to_owned(), vec![3, 2]),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&door, &query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_table_has_the_same_rows() {
    let door = open().await;
    let mut request = door.request(Role::Admin).with_query("limit=2");
    request.headers.insert("accept", "text/csv".parse().unwrap());
    let answer = door.answer(request).await.unwrap();
    let lines: Vec<&str> = answer.body.lines().collect();
    assert_eq!(lines[0], COLUMNS.join(","));
    assert_eq!(lines.len(), 3);
    assert!(answer.headers.contains_key("x-next-cursor"));
}

#[tokio::test]
async fn only_admins_see_it_and_only_their_own() {
    let door = open().await;
    door.lets_in_those_with(Scope::AuditRead, &door.anonymous_request()).await;
    let nobody = builders::caller(&door.stage.add_merchant("third").await, Role::Admin);
    let page = door.body(door.anonymous_request().with_caller(&nobody)).await;
    assert_eq!((&page["audit_entries"], &page["next_cursor"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn odd_filters_are_named() {
    let door = open().await;
    let long = format!("action={}", "a".repeat(65));
    let cases = [
        ("by=somebody", 400, "by"),
        ("outcome=perhaps", 422, "outcome"),
        ("start_date=yesterday", 400, "start_date"),
        ("start_date=2026-11-13&end_date=2026-11-12", 400, "start_date"),
        (&long, 400, "action"),
    ];
    for (query, status, parameter) in cases {
        let refused = door.refused_parameter(door.request(Role::Admin).with_query(query)).await;
        assert_eq!(refused, (status, parameter.to_owned()), "{query}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    door.samples_are_answered(&[("answered", 200), ("unknown-parameter", 400)]).await;
}
