use http::Method;
use paywarden_domain::access::Role;
use serde_json::json;

use crate::testing::Console;

fn console() -> Console {
    let console = Console::open();
    let file = json!({"file_name": "ledger-2026-11-18-1.csv", "url": "https://bucket.example.com/ledger.csv?a=1&b=2"});
    let day =
        json!({"date": "2026-11-18", "rows": 3, "written_at": "2026-11-19T02:00:00+07:00", "files": [file]});
    console.shows(
        "/reconciliation/exports",
        json!({"status": true, "exports": [day], "expires_at": "2026-11-20T12:15:00+07:00", "next_cursor": "n"}),
    );
    console
}

#[tokio::test]
async fn days_have_their_files() {
    let console = console();
    let seen = console.get("/reconciliation/exports?cursor=a%2Fb", Role::Finance).await;
    seen.is(200).has("<span>2026-11-18</span>").has("2026-11-19T02:00:00+07:00").has("in 15 min");
    seen.has("<a href=\"https://bucket.example.com/ledger.csv?a=1&#38;b=2\">ledger-2026-11-18-1.csv</a>");
    seen.has("href=\"/v1/console/reconciliation/exports?cursor=n\"").has("An admin says in the settings");
    assert_eq!(console.made_lines(), ["GET /reconciliation/exports?limit=50&cursor=a%2Fb"]);
    console.get("/reconciliation/exports", Role::Admin).await.has("href=\"/v1/console/developers/settings\"");
}

#[tokio::test]
async fn no_day_and_no_answer_are_told_apart() {
    let console = Console::open();
    let none = json!({"status": true, "exports": [], "expires_at": "2026-11-20T12:15:00+07:00", "next_cursor": null});
    console.shows("/reconciliation/exports", none);
    console
        .get("/reconciliation/exports", Role::Finance)
        .await
        .has("No day has been written yet.")
        .lacks("in 15 min");
    console.is_silent(Method::GET, "/reconciliation/exports");
    console.get("/reconciliation/exports", Role::Finance).await.is(200).has("The API has no answer now.");
    console.get("/reconciliation/exports", Role::Operations).await.is(403);
    console.get("/reconciliation/exports/x", Role::Finance).await.is(404);
}
