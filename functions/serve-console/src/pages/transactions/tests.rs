use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::testing::Console;
use crate::testing::samples::{self, HOSTILE, HOSTILE_SHOWN, TRANSACTION};

fn console(transactions: &[Value], next: Option<&str>) -> Console {
    let console = Console::open();
    console
        .shows("/transactions", json!({"status": true, "transactions": transactions, "next_cursor": next}));
    console.shows("/merchant", json!({"status": true, "merchant": samples::merchant()}));
    console.shows("/transactions/counts", samples::counts());
    console.shows("/providers", json!({"status": true, "providers": [], "next_cursor": null}));
    console
}

#[tokio::test]
async fn a_tab_shows_what_the_specification_names() {
    let paid = json!({"id": "tra_00000000000000000000000002", "status": "PAID", "destination": "BCA", "amount": 1500000.5});
    let console = console(&[samples::transaction(), samples::with(samples::transaction(), &paid)], None);
    let seen = console.get("/transactions?tab=receive", Role::Operations).await;
    seen.is(200);
    for column in
        ["Transaction and order", "Provider", "Created", "Updated", "Type and destination", "Status"]
    {
        seen.has(&format!(">{column}</th>"));
    }
    seen.has(&format!("href=\"/v1/console/transactions/{TRANSACTION}\""))
        .has("<code>INV-1</code>")
        .has("Xendit");
    seen.has("QR Code Payment").has("BCA").has("1,500,000.5 <abbr>IDR</abbr>").has("PAID");
    seen.has("<span class=\"ago\">1 h 30 min ago</span> <time datetime=\"2026-11-20T10:30:00+07:00\" title=\"2026-11-20T03:30:00.000Z\"><span>2026-11-20</span> <span>10:30:00 +07:00</span></time>");
    seen.has("stuck: open for 1 h 30 min").has("unchanged for 1 h 30 min");
    seen.has("href=\"/v1/console/transactions?tab=send\"").has("Send Money").has("Receive Money");
    seen.has("2 rows, 2026-11-20 10:30:00 – 2026-11-20 10:30:00");
}

/// A page asks the API for four things and no more, a poll for two.
#[tokio::test]
async fn a_view_is_four_requests_and_a_poll_two() {
    let console = console(&[samples::transaction()], None);
    console.get("/transactions?tab=send&status=FAILED&reference=INV%201", Role::Operations).await.is(200);
    let mut made = console.made_lines();
    made.sort();
    assert_eq!(
        made,
        [
            "GET /merchant",
            "GET /providers?limit=100",
            "GET /transactions/counts?direction=send",
            "GET /transactions?limit=50&direction=send&status=FAILED&reference=INV+1",
        ]
    );
    let poll = console.request(Method::GET, "/transactions", Some(Role::Operations));
    let seen = console.send(crate::testing::with_header(poll, "x-console-part", "rows")).await;
    seen.is(200).has("id=\"rows\" data-live").lacks("<html").lacks("<form");
    assert_eq!(console.made().len(), 2);
}

/// Where other pages lead that do not know which way the money went.
#[tokio::test]
async fn both_directions_are_shown_at_once() {
    let console = console(&[samples::transaction()], None);
    let seen = console.get("/transactions?tab=all&stuck=true", Role::Operations).await;
    seen.has("Transfer</option>").has("QR Code Payment</option>").has("tab=all&#38;status=PAID");
    let made = console.made_lines();
    assert!(made.contains(&"GET /transactions?limit=50&stuck=true".to_owned()), "{made:?}");
    assert!(made.contains(&"GET /transactions/counts".to_owned()), "{made:?}");
}

#[tokio::test]
async fn filters_stay_and_the_next_page_keeps_them() {
    let console = console(&[samples::transaction()], Some("next/1="));
    let seen =
        console.get("/transactions?tab=receive&method=QRIS&amount_min=10&cursor=abc", Role::Operations).await;
    seen.has("<option value=\"QRIS\" selected>QR Code Payment</option>").lacks("Transfer</option>");
    seen.has("name=\"amount_min\" value=\"10\"").has("Clear filters");
    seen.has("href=\"/v1/console/transactions?tab=receive&#38;method=QRIS&#38;amount_min=10&#38;cursor=next%2F1%3D\"");
    seen.has("Nothing more found so far: search on").has("First page").lacks("data-live");
    assert!(console.made_lines().iter().any(|line| line.ends_with("&method=QRIS&amount_min=10&cursor=abc")));
}

#[tokio::test]
async fn nothing_with_filters_is_not_nothing_at_all() {
    let console = console(&[], None);
    console.get("/transactions", Role::Operations).await.has("No transactions yet.");
    console
        .get("/transactions?status=PAID", Role::Operations)
        .await
        .has("No transaction passes these filters.");
}

#[tokio::test]
async fn text_from_outside_is_text() {
    let hostile = json!({"transaction_reference": HOSTILE, "provider_name": HOSTILE, "destination": HOSTILE, "status": HOSTILE});
    let row = samples::with(samples::transaction(), &hostile);
    let console = console(&[], None);
    let page = json!({"status": true, "transactions": [row], "next_cursor": null});
    console.says(Method::GET, "/transactions", 200, "application/json", page.to_string());
    let seen = console.get("/transactions?reference=%3Cscript%3E", Role::Operations).await;
    seen.is(200).has(HOSTILE_SHOWN).lacks("<script>").has("value=\"&#60;script&#62;\"");
}

#[tokio::test]
async fn a_part_that_fails_leaves_the_others() {
    let console = console(&[samples::transaction()], None);
    console.is_silent(Method::GET, "/transactions/counts").is_silent(Method::GET, "/merchant");
    console.is_silent(Method::GET, "/providers");
    console
        .get("/transactions", Role::Operations)
        .await
        .is(200)
        .has("INV-1")
        .has("The API has no answer now.");
    for status in [500, 503, 429] {
        console.refuses(Method::GET, "/transactions", status, None);
        let seen = console.get("/transactions", Role::Operations).await;
        seen.is(200).has("The API has no answer now.").has("<code>req-api</code>").has("Filter");
    }
    console.refuses(Method::GET, "/transactions", 400, Some("created_at_start_date"));
    let seen = console.get("/transactions?created_at_start_date=soon", Role::Operations).await;
    seen.has("created_at_start_date: expected something else").has("value=\"soon\"");
}

#[tokio::test]
async fn a_token_that_is_refused_leads_to_signing_in() {
    let console = console(&[], None);
    let body = json!({"status": false, "message": "Unauthorized", "error": {"code": "unauthorized",
        "message": "a valid access token is required: POST /oauth/token", "request_id": "req-api"}});
    console.answers(Method::GET, "/transactions", 401, body);
    console.get("/transactions", Role::Operations).await.is(303);
}

#[tokio::test]
async fn the_view_as_csv_is_the_apis() {
    let console = console(&[], None);
    console.says(Method::GET, "/transactions", 200, "text/csv", "id,amount\ntra_1,'=1\n".to_owned());
    let seen = console.get("/transactions?tab=send&status=PAID&format=csv", Role::Finance).await;
    assert_eq!(seen.text, "id,amount\ntra_1,'=1\n");
    assert_eq!(
        seen.headers["content-disposition"],
        "attachment; filename=\"transactions-send-2026-11-20.csv\""
    );
    let made = console.made();
    assert_eq!(made[0].path, "/transactions?direction=send&status=PAID");
    assert_eq!(made[0].headers["accept"], "text/csv");
}
