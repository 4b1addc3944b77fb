use http::Method;
use paywarden_domain::access::Role;
use serde_json::json;

use super::at;
use super::samples::{DELIVERY, ENDPOINT, MEMBER, REPLAY, console, details, replay};
use crate::testing::samples::TRANSACTION;

const ONE: &str = "/webhook-endpoints/{id}/deliveries/{delivery_id}";

fn page() -> String {
    at(&format!("/deliveries/{DELIVERY}"))
}

#[tokio::test]
async fn a_delivery_shows_every_attempt_and_its_body() {
    let console = console();
    let seen = console.get(&page(), Role::Engineering).await;
    seen.is(200)
        .has("Delivery of transaction.updated")
        .has("given up")
        .has("120 ms")
        .has("its name does not resolve");
    seen.has("Nothing was sent.")
        .has("webhook-signature: v1,c2ln")
        .has("no disk")
        .has("Replay this delivery");
    seen.has(&format!("href=\"/v1/console/transactions/{TRANSACTION}\"")).has("&#34;amount&#34;: 75000.50");
    seen.has("{&#34;transactions&#34;:[{&#34;amount&#34;:75000.50}]}")
        .lacks("Look again")
        .lacks("Goes out within");
    assert_eq!(console.made_lines(), [format!("GET /webhook-endpoints/{ENDPOINT}/deliveries/{DELIVERY}")]);
}

#[tokio::test]
async fn what_goes_out_together_leads_to_one_another() {
    let console = console();
    console.shows(ONE, details(&json!({"status": "GATHERED", "batch_id": MEMBER, "body": "none"})));
    let seen = console.get(&page(), Role::Merchant).await;
    let other = format!("href=\"/v1/console/developers/webhooks/{ENDPOINT}/deliveries/{MEMBER}\"");
    seen.has("Goes out within").has(&other).has("goes out within another delivery").lacks("Replay this");
    seen.has("Look again").lacks("Body as JSON");
    console.shows(ONE, details(&json!({"members": [MEMBER], "replay_id": REPLAY})));
    let seen = console.get(&page(), Role::Merchant).await;
    seen.has("Holds").has(&other).has(&format!("/replays/{REPLAY}\"")).has("Sent again by");
}

#[tokio::test]
async fn one_under_way_is_looked_at_again() {
    let console = console();
    let pending = json!({"status": "PENDING", "attempts": 0, "http_status": null, "error": null, "attempt_log": [],
        "next_attempt_at": "2026-11-20T12:00:30.000+07:00", "last_attempt_at": null});
    console.shows(ONE, details(&pending));
    let seen = console.get(&format!("{}?done=sent", page()), Role::Merchant).await;
    seen.has("The test event is on its way.").has("Look again").has("in 30 s").has("It was not tried yet.");
    seen.lacks("Replay this delivery");
}

#[tokio::test]
async fn a_delivery_is_sent_again() {
    let console = console();
    for (counted, done) in [(1, "replayed"), (0, "waits")] {
        let begun = replay(&json!({"counted": counted}));
        console.answers(Method::POST, "/webhook-endpoints/{id}/replay", 201, begun);
        let form = [("idempotency_key", "k3")];
        let seen = console.post(&format!("{}/replay", page()), Role::Merchant, &form).await;
        assert_eq!(seen.location(), format!("{}?done={done}", page()));
        let made = console.made().remove(0);
        assert_eq!(made.json(), json!({"delivery_id": DELIVERY}));
        assert_eq!(made.headers["idempotency-key"], "k3");
    }
    console.get(&format!("{}?done=waits", page()), Role::Admin).await.has("It was not over yet");
    console.refuses(Method::POST, "/webhook-endpoints/{id}/replay", 409, None);
    let seen = console.post(&format!("{}/replay", page()), Role::Admin, &[]).await;
    seen.is(409).has("expected something else").has("Replay this delivery");
}
