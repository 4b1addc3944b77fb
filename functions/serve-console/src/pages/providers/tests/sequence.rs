use http::Method;
use paywarden_domain::access::Role;
use serde_json::json;

use crate::testing::Console;
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, PROVIDER};

const OTHER: &str = "prv_00000000000000000000000002";
const OUT: &str = "prv_00000000000000000000000003";
const ASKED: &str = "service=EWALLET&amount=100000&currency=IDR";

fn console() -> Console {
    let console = Console::open();
    let ranked = |id: &str, name: &str, cost: Option<u32>| json!({"provider_id": id, "name": name, "priority": 90, "expected_cost": cost, "reason": "priority 90"});
    console.shows(
        "/providers/sequence",
        json!({
            "status": true,
            "sequence": [ranked(PROVIDER, "Xendit", Some(777)), ranked(OTHER, HOSTILE, None)],
            "excluded": [{"provider_id": OUT, "name": "BCA", "priority": 1, "reason": "is INACTIVE: not used"}],
        }),
    );
    console
}

#[tokio::test]
async fn it_says_who_is_first_and_why_and_who_is_out() {
    let console = console();
    let seen = console.get(&format!("/providers/sequence?{ASKED}"), Role::Finance).await;
    seen.is(200).has("Sequence for eWallet").has("777 <abbr>IDR</abbr>").has("priority 90");
    seen.has("is INACTIVE: not used").has(HOSTILE_SHOWN).lacks("<script>").lacks("Change the order");
    seen.has("<option value=\"EWALLET\" selected>").has("value=\"100000\"");
    console.get("/providers/sequence", Role::Finance).await.is(200).has("Sequence for QR Code Payment");
    assert_eq!(
        console.made_lines(),
        [
            format!("GET /providers/sequence?{ASKED}"),
            "GET /providers/sequence?service=QR_CODE_PAYMENT".to_owned()
        ]
    );
    console.get("/providers/sequence", Role::Merchant).await.is(403);
}

#[tokio::test]
async fn a_question_that_is_refused_stays() {
    let console = console();
    console.refuses(Method::GET, "/providers/sequence", 400, Some("amount"));
    let seen = console.get("/providers/sequence?amount=ten", Role::Finance).await;
    seen.is(200).has("amount: expected something else").has("value=\"ten\"");
    console.is_silent(Method::GET, "/providers/sequence");
    console.get("/providers/sequence", Role::Finance).await.is(200).has("The API has no answer now.");
}

#[tokio::test]
async fn priorities_are_given_in_the_order_of_the_form() {
    let console = console();
    let seen = console.get(&format!("/providers/sequence?{ASKED}"), Role::Operations).await;
    seen.has(&format!("<select id=\"field-place-1\" name=\"place.1\"><option value=\"\">nobody</option><option value=\"{PROVIDER}\" selected>"));
    seen.has("name=\"place.3\"");
    console.made();
    let row = json!({"provider_id": OTHER, "name": "x", "priority": 1, "version": 2});
    console.answers(Method::POST, "/providers/priorities", 200, json!({"status": true, "priorities": [row]}));
    let form = [
        ("service", "EWALLET"),
        ("amount", "100000"),
        ("currency", "IDR"),
        ("place.1", OTHER),
        ("place.2", ""),
        ("place.3", PROVIDER),
    ];
    let seen = console.post("/providers/sequence", Role::Operations, &form).await;
    assert_eq!(seen.location(), format!("/providers/sequence?{ASKED}&done=ordered"));
    assert_eq!(console.made()[0].json(), json!({"provider_ids": [OTHER, PROVIDER]}));
    for status in [400, 409, 422] {
        console.refuses(Method::POST, "/providers/priorities", status, Some("provider_ids"));
        let seen = console.post("/providers/sequence", Role::Operations, &form).await;
        seen.is(status).has("provider_ids: expected something else");
        seen.has(&format!("<option value=\"{OTHER}\" selected>"));
    }
    console.post("/providers/sequence", Role::Engineering, &form).await.is(403);
}
