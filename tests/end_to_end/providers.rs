//! Providers: added, charged by, taken out of routing, and their secrets, which nobody sees again.

use paywarden_api_client::Method;
use serde_json::{Value, json};

use crate::stack::{Answer, Api, Stack, at, eventually, send, unique};

/// A Brick account that charges 4,500 rupiah and 11 % VAT.
fn brick(name: &str, secret: &str) -> Value {
    json!({
        "type": "brick",
        "name": name,
        "services": ["EWALLET", "VIRTUAL_ACCOUNT"],
        "credentials": {"client_id": "b3f1c9f2", "client_secret": secret},
        "fee": {"type": "FLAT", "value": "4500", "currency": "IDR"},
        "tax": {"percentage": "11", "apply": true},
        "priority": 1000,
    })
}

async fn create(api: &Api, body: &Value) -> Value {
    api.post("/providers", body).await.expect(201)["provider"].clone()
}

async fn patch(api: &Api, id: &str, body: &Value) -> Answer {
    api.patch(&format!("/providers/{id}"), body).await
}

/// Calls back as Brick does when a virtual account was paid.
async fn paid(url: &str, reference: &str, payment: &str) -> Answer {
    let body = json!({"data": {"id": payment, "type": "virtual_account", "attributes": {
        "referenceId": reference, "amount": "8500000.00", "status": "paid",
        "paidAt": "2026-11-20T14:55:00+07:00",
        "paymentMethod": {"instructions": {"bankShortCode": "BCA", "accountNo": "8889912345"}}}}});
    send(at(Method::POST, url).json(&body)).await
}

fn id_of(provider: &Value) -> String {
    provider["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_payment_is_charged_by_the_provider_that_was_just_added() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "admin").await;
    let provider = create(&api, &brick(&unique("Brick"), "brick-secret-of-a-test")).await;
    let (id, url) = (id_of(&provider), provider["callback_url"].as_str().unwrap());
    let (reference, payment) = (unique("BRICK"), unique("va"));
    paid(&format!("{}/callbacks/{id}/not-the-token", api.url()), &reference, &payment).await.expect(401);
    paid(&format!("{}/callbacks/{id}", api.url()), &reference, &payment).await.expect(401);
    let acknowledged = paid(url, &reference, &payment).await.expect(200);
    assert_eq!(acknowledged["referenceId"], reference.as_str());
    let record = api.record_when(&reference, |record| record["status"] == "PAID").await;
    assert_eq!(
        (&record["amount"], &record["fee"], &record["tax"]),
        (&json!(8_500_000), &json!(4500), &json!(495))
    );
    assert_eq!((&record["provider_id"], &record["charged_at"]), (&json!(id), &json!("2026-11-20 14:55:00")));
    let active = eventually("the provider's activity", async || {
        let shown = api.get(&format!("/providers/{id}")).await.expect(200)["provider"].clone();
        (!shown["last_activity"].is_null()).then_some(shown)
    })
    .await;
    assert!(active["callback_url"].as_str().unwrap().ends_with("/{token}"), "{active}");
}

#[tokio::test]
async fn the_sequence_decides_where_a_payment_without_a_provider_goes() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.merchant("Africa/Johannesburg"), "admin").await;
    let body = json!({"type": "generic", "name": unique("Wallets"), "services": ["EWALLET"], "priority": 1,
        "credentials": {"signing_secret": "whsec_YSBzYW1wbGUgc2lnbmluZyBzZWNyZXQsIDMyIGI="}});
    let id = id_of(&create(&api, &body).await);
    let first = api.get("/providers/sequence?service=EWALLET&amount=100.50&currency=ZAR").await.expect(200);
    assert_eq!(first["sequence"][0]["provider_id"], id.as_str());
    // Functions believe what they know of providers for half a minute.
    let recorded = eventually("a payment for the first of the sequence", async || {
        let payment = json!({"direction": "receive", "method": "EWALLET", "amount": "100.50", "currency": "ZAR",
            "transaction_reference": unique("SEQ")});
        let recorded = api.post("/transactions", &payment).await.expect(201)["transaction"].clone();
        (recorded["provider_id"] == id.as_str()).then_some(recorded)
    })
    .await;
    assert_eq!(recorded["provider_name"], body["name"]);
    let status = json!({"status": "INACTIVE", "reason": "the test is over"});
    api.post(&format!("/providers/{id}/status"), &status).await.expect(200);
    let after = api.get("/providers/sequence?service=EWALLET").await.expect(200);
    let excluded = after["excluded"].as_array().unwrap().iter();
    let reason = excluded.filter(|one| one["provider_id"] == id.as_str()).map(|one| one["reason"].clone());
    assert_eq!(reason.collect::<Vec<_>>(), ["is INACTIVE: the test is over"]);
}

#[tokio::test]
async fn a_change_of_status_is_listed_and_announced() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "admin").await;
    let path = format!("/{}", unique("status"));
    let endpoint =
        json!({"url": format!("{}{path}", stack.receiver.url), "events": ["provider.status_changed"]});
    api.post("/webhook-endpoints", &endpoint).await.expect(201);
    let id = id_of(&create(&api, &brick(&unique("Brick"), "brick-secret-of-a-test")).await);
    let status = json!({"status": "MAINTENANCE", "reason": "their database moves", "pin": true});
    api.post(&format!("/providers/{id}/status"), &status).await.expect(200);
    let announced = eventually("the announcement", async || {
        let bodies = stack.received(&path).into_iter();
        let mut bodies =
            bodies.map(|one| serde_json::from_str::<Value>(one["body"].as_str().unwrap()).unwrap());
        bodies.find(|body| body["provider"]["id"] == id.as_str())
    })
    .await;
    assert_eq!(announced["change"]["reason"], "their database moves");
    let history = api.get(&format!("/providers/{id}/history")).await.expect(200)["history"].clone();
    assert_eq!((&history[0]["kind"], &history[1]["kind"]), (&json!("status_changed"), &json!("created")));
    assert_eq!(history[0], announced["change"]);
}

#[tokio::test]
async fn what_one_has_not_seen_one_does_not_change() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "operations").await;
    let id = id_of(&create(&api, &brick(&unique("Brick"), "brick-secret-of-a-test")).await);
    let rename = async |name: &str| {
        let request =
            api.request(Method::PATCH, &format!("/providers/{id}")).await.header("if-match", "\"1\"");
        send(request.json(&json!({"name": name}))).await
    };
    assert_eq!(rename("first").await.headers["etag"], "\"2\"");
    assert_eq!(rename("second").await.expect(412)["error"]["code"], "outdated");
    let other = stack.sign_in(stack.merchant("Africa/Johannesburg"), "admin").await;
    let nothing = "prv_00000000000000000000000000";
    let (foreign, absent) =
        (other.get(&format!("/providers/{id}")).await, other.get(&format!("/providers/{nothing}")).await);
    assert_eq!((foreign.status, foreign.without_request_id()), (404, absent.without_request_id()));
}

#[tokio::test]
async fn a_kept_callback_is_read_again_and_applied() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "admin").await;
    let provider = create(&api, &brick(&unique("Brick"), "brick-secret-of-a-test")).await;
    let reference = unique("REPLAY");
    paid(provider["callback_url"].as_str().unwrap(), &reference, &unique("va")).await.expect(200);
    let record = api.record_when(&reference, |record| record["status"] == "PAID").await;
    let logs = format!("/transactions/{}/logs", record["id"].as_str().unwrap());
    let entry = eventually("the callback on the timeline", async || {
        let logs = api.get(&logs).await.expect(200)["logs"].clone();
        logs.as_array().unwrap().iter().find(|entry| entry["kind"] == "provider_message").cloned()
    })
    .await;
    let replay = json!({"transaction_id": record["id"], "entry_id": entry["id"], "apply": true});
    let replayed = api.post("/callbacks/replay", &replay).await.expect(200)["replay"].clone();
    assert_eq!((&replayed["differences"], &replayed["applied"]), (&json!({}), &json!(true)));
    eventually("the report that changes nothing", async || {
        let logs = api.get(&logs).await.expect(200)["logs"].clone();
        logs.as_array().unwrap().iter().find(|entry| entry["detail"]["reason"] == "already_known").cloned()
    })
    .await;
    let after = api.record_when(&reference, |_| true).await;
    assert_eq!(after["version"], record["version"]);
}

/// Everything a secret could show up in: answers, webhooks, timelines, and what every function logged.
#[tokio::test]
async fn secrets_are_nowhere_to_be_seen() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "admin").await;
    let (secret, later) = (unique("never-to-be-shown"), unique("neither-is-this"));
    let created = api.post("/providers", &brick(&unique("Brick"), &secret)).await;
    let provider = created.expect(201)["provider"].clone();
    let (id, url) = (id_of(&provider), provider["callback_url"].as_str().unwrap().to_owned());
    let token = url.rsplit('/').next().unwrap().to_owned();
    let mut seen = created.text.replace(&url, "");
    let reference = unique("SECRET");
    seen += &paid(&url, &reference, &unique("va")).await.text;
    let record = api.record_when(&reference, |record| record["status"] == "PAID").await;
    let changes = json!({"credentials": {"client_secret": later}, "fee": null});
    seen += &patch(&api, &id, &changes).await.text;
    seen +=
        &patch(&api, &id, &json!({"credentials": {"client_secret": "", "client_sekret": later}})).await.text;
    paid(&format!("{}/callbacks/{id}/{token}-not", api.url()), &reference, "va").await.expect(401);
    // Banks append the path of their service to any address that they are given.
    paid(&format!("{url}/v1.0/transfer-va/payment"), &reference, &unique("va")).await.expect(200);
    for path in [
        "/providers?limit=100".to_owned(),
        format!("/providers/{id}"),
        format!("/providers/{id}/history"),
        format!("/providers/{id}/unmatched-callbacks"),
        format!("/transactions/{}/logs", record["id"].as_str().unwrap()),
    ] {
        seen += &api.get(&path).await.text;
    }
    seen += &std::fs::read_to_string(&stack.receiver.log).unwrap_or_default();
    let logs = stack.logs().await;
    assert!(logs.contains(&id), "the logs are those of this run");
    let sample = stack.merchants.iter().flat_map(|merchant| &merchant.providers);
    let sample = sample.flat_map(|provider| provider.credentials.values());
    for hidden in [&secret, &later, &token].into_iter().chain(sample) {
        assert!(!seen.contains(hidden.as_str()), "an answer or a webhook shows {hidden}");
        let line = logs.lines().find(|line| line.contains(hidden.as_str()));
        assert_eq!(line, None, "a log line shows {hidden}");
    }
}

#[tokio::test]
async fn two_that_were_never_used_are_ordered_and_deleted() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "admin").await;
    // Of a service that nothing else here pays by.
    let body = |name: &str| {
        json!({"type": "generic", "name": unique(name), "services": ["DEBIT_ORDER"],
            "credentials": {"signing_secret": "whsec_YSBzYW1wbGUgc2lnbmluZyBzZWNyZXQsIDMyIGI="}})
    };
    let [first, second] =
        [create(&api, &body("One")).await, create(&api, &body("Other")).await].map(|one| id_of(&one));
    let order = json!({"provider_ids": [second, first]});
    let ordered = api.post("/providers/priorities", &order).await.expect(200);
    let named: Vec<&Value> =
        ordered["priorities"].as_array().unwrap().iter().map(|one| &one["provider_id"]).collect();
    assert_eq!(named, [&json!(second), &json!(first)]);
    let path = format!("/providers/{first}");
    assert_eq!(api.delete(&path).await.expect(409)["error"]["code"], "provider_not_inactive");
    for id in [&first, &second] {
        let end = json!({"status": "INACTIVE", "reason": "never used"});
        api.post(&format!("/providers/{id}/status"), &end).await.expect(200);
    }
    // Until then somebody may still give it a payment.
    tokio::time::sleep(std::time::Duration::from_secs(61)).await;
    for id in [&first, &second] {
        api.delete(&format!("/providers/{id}")).await.expect(200);
        api.get(&format!("/providers/{id}")).await.expect(404);
    }
}
