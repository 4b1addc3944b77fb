//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::time::Day;
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

/// With three days that were written, of one, two and three files.
async fn open() -> TestDoor<Deps> {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    for parts in 1..=3 {
        let day = Day::parse(&format!("2026-11-{:02}", 17 + parts)).unwrap();
        let export = ExportedDay { day, parts, rows: parts.into(), written_at: door.stage.clock().now() };
        door.stage.reconciliation().note_export(&door.merchant.id, &export).await.unwrap();
    }
    door
}

#[tokio::test]
async fn days_are_listed_newest_first_with_where_their_files_are() {
    let door = open().await;
    for limit in [1, 2, 3, 100] {
        let pages = door.pages(door.request(Role::Finance).with_query(&format!("limit={limit}"))).await;
        let days: Vec<_> = pages.iter().flat_map(|page| page["exports"].as_array().unwrap()).collect();
        let told: Vec<_> = days
            .iter()
            .map(|day| {
                (
                    day["date"].as_str().unwrap(),
                    day["rows"].as_u64().unwrap(),
                    day["files"].as_array().unwrap().len(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [("2026-11-20", 3, 3), ("2026-11-19", 2, 2), ("2026-11-18", 1, 1)],
            "{limit} a page"
        );
        assert_eq!(days[1]["files"][1]["file_name"], "ledger-2026-11-19-2.csv");
        let url = days[1]["files"][1]["url"].as_str().unwrap();
        assert!(url.contains(&format!("exports/{}/ledger-2026-11-19-2.csv", door.merchant.id)), "{url}");
    }
}

#[tokio::test]
async fn another_merchant_has_none_and_what_is_wrong_is_named() {
    let door = open().await;
    let foreign = door.foreign_caller(Role::Finance).await;
    let theirs = door.request(Role::Finance).with_caller(&foreign);
    assert_eq!(door.body(theirs).await["exports"], json!([]));
    for (query, parameter) in [("limit=0", "limit"), ("cursor=x", "cursor"), ("colour=red", "colour")] {
        let refused = door.refused_parameter(door.request(Role::Finance).with_query(query)).await;
        assert_eq!(refused, (400, parameter.to_owned()), "{query}");
    }
    door.lets_in_those_with(Scope::ReconciliationRead, &door.request(Role::Finance)).await;
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.samples_are_answered(&[("answered", 200), ("unknown-parameter", 400)]).await;
}
