//! Engineers and merchants see to it that they are told: an endpoint is added, tried out, made to wait, and told again.

use std::time::Duration;

use serde_json::{Value, json};

use super::browser::{Look, browse};
use super::visitor::Visitor;
use crate::stack::{Api, eventually, unique};

/// An endpoint of its own at a path of the sample receiver.
async fn endpoint(visitor: &Visitor, path: &str, members: &Value) -> (Api, String) {
    let api = visitor.stack.sign_in(visitor.stack.jakarta(), "admin").await;
    let mut endpoint =
        json!({"url": format!("{}{path}", visitor.stack.receiver.url), "description": "A test"});
    for (name, member) in members.as_object().expect("members") {
        endpoint[name] = member.clone();
    }
    let made = api.post("/webhook-endpoints", &endpoint).await.expect(201);
    let id = made["webhook_endpoint"]["id"].as_str().unwrap().to_owned();
    (api, id)
}

/// Others' payments are told to it, too, as long as it is there.
async fn delete(api: &Api, id: &str) {
    api.delete(&format!("/webhook-endpoints/{id}")).await.expect(200);
}

/// What an endpoint is told of a payment, once it has come to this status.
async fn delivery_when(api: &Api, endpoint: &str, transaction: &str, status: &str) -> String {
    let path =
        format!("/webhook-endpoints/{endpoint}/deliveries?transaction_id={transaction}&status={status}");
    eventually(&path, async || {
        let told = api.get(&path).await.expect(200)["deliveries"][0].clone();
        told["id"].as_str().map(str::to_owned)
    })
    .await
}

/// Looks at the page again until a selector finds so many.
async fn again_until(visitor: &Visitor, selector: &str, count: usize) {
    for _ in 0..120 {
        if visitor.count(selector).await >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        visitor.driver.refresh().await.expect("the page again");
    }
    panic!("no {count} of {selector} on {}:\n{}", visitor.address().await, visitor.text().await);
}

/// Somebody new to it adds an endpoint, has a test event sent, and sees what came of it.
#[tokio::test]
async fn an_endpoint_is_added_and_tried_out() {
    browse(Look::WITHOUT_SCRIPT, async |visitor| {
        let path = format!("/{}", unique("hooks"));
        visitor.sign_in("merchant").await;
        visitor.open("/developers/webhooks").await;
        visitor.follow("+ Add endpoint").await;
        visitor.fill("url", "ftp://example.com").await;
        visitor.press("Add endpoint").await;
        visitor.find("[name='url'][aria-invalid='true']").await;
        visitor.fill("url", &format!("{}{path}", visitor.stack.receiver.url)).await;
        visitor.fill("retry_seconds", "1,2").await;
        // Of payments it would hear those of other tests, too.
        for event in ["transaction.created", "transaction.updated", "webhook_endpoint.disabled"] {
            visitor.find(&format!("[name='events'][value='{event}']")).await.click().await.expect("a box");
        }
        visitor.find("[name='test']").await.click().await.expect("a box");
        visitor.press("Add endpoint").await;
        visitor.see("it is not shown again").await;
        visitor.see("whsec_").await;
        visitor.follow("What came of the test event").await;
        visitor.arrive("/developers/webhooks/whe_").await;
        again_until(&visitor, "main .status.good", 1).await;
        visitor.see("DELIVERED").await;
        visitor.see("Headers of attempt 1").await;
        assert_eq!(visitor.stack.received(&path).len(), 1);
        visitor.follow("Back to the endpoint").await;
        visitor.see("1 s, 2 s").await;
        visitor.press("Send a test event").await;
        visitor.see("The test event is on its way.").await;
        let address = visitor.address().await;
        let id = address.split('/').find(|part| part.starts_with("whe_")).expect("an endpoint's page");
        delete(&visitor.stack.sign_in(visitor.stack.jakarta(), "admin").await, id).await;
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_is_made_to_wait_changed_and_deleted() {
    browse(Look::WITHOUT_SCRIPT, async |visitor| {
        let (api, id) = endpoint(&visitor, &format!("/{}", unique("hooks")), &json!({})).await;
        let (page, path) = (format!("/developers/webhooks/{id}"), format!("/webhook-endpoints/{id}"));
        visitor.sign_in("engineering").await;
        visitor.open(&page).await;
        visitor.press("Pause it").await;
        visitor.see("It is paused: what it is to be told waits").await;
        assert_eq!(api.get(&path).await.expect(200)["webhook_endpoint"]["status"], "PAUSED");
        visitor.open("/").await;
        visitor.see("Webhook endpoints that fail or wait").await;
        visitor.open(&page).await;
        visitor.press("Resume it").await;
        visitor.see("It is told again").await;
        visitor.follow("Edit").await;
        visitor.fill("rate_limit", "7").await;
        api.patch(&path, &json!({"description": "Changed by another"})).await.expect(200);
        visitor.press("Save the endpoint").await;
        visitor.see("Nothing was saved. Compare").await;
        visitor.see("Changed by another").await;
        visitor.press("Save the endpoint over version").await;
        visitor.see("It is saved.").await;
        assert_eq!(api.get(&path).await.expect(200)["webhook_endpoint"]["rate_limit"], 7);
        visitor.find("details:has(form[action$='/delete']) summary").await.click().await.expect("a fold");
        visitor.press("Delete http").await;
        visitor.arrive("/developers/webhooks?done=deleted").await;
        assert_eq!(api.get(&path).await.status, 404);
    })
    .await;
}

/// The new secret is shown once, and the one before signs along.
#[tokio::test]
async fn a_secret_is_rotated() {
    browse(Look::WITHOUT_SCRIPT, async |visitor| {
        let path = format!("/{}", unique("hooks"));
        let (api, id) = endpoint(&visitor, &path, &json!({"events": ["webhook_endpoint.disabled"]})).await;
        visitor.sign_in("merchant").await;
        visitor.open(&format!("/developers/webhooks/{id}")).await;
        visitor.find("details:has(form[action$='/rotate']) summary").await.click().await.expect("a fold");
        visitor.fill("overlap_hours", "1").await;
        visitor.press("New secret for").await;
        visitor.see("whsec_").await;
        visitor.see("the secret before signs along").await;
        visitor.follow("To the endpoint").await;
        visitor.does_not_see("whsec_").await;
        visitor.see("signs along until").await;
        visitor.press("Send a test event").await;
        let received = eventually("the test event", async || {
            Some(visitor.stack.received(&path)).filter(|received| !received.is_empty())
        })
        .await;
        let signatures = received[0]["headers"]["webhook-signature"].as_str().unwrap().split(' ');
        assert_eq!(signatures.count(), 2, "{received:?}");
        delete(&api, &id).await;
    })
    .await;
}

/// From the page of a payment whose merchant's server was down to the moment at which it has been told after all.
#[tokio::test]
async fn a_failed_delivery_is_replayed_from_its_payment_and_arrives() {
    browse(Look::WIDE, async |visitor| {
        let reference = unique("REPLAY");
        // Of others' payments it takes everything, or their failures would open its breaker.
        let path = format!("/flaky/2/{reference}");
        let members = json!({"events": ["transaction.created"], "retry_seconds": [1]});
        let (api, id) = endpoint(&visitor, &path, &members).await;
        let recorded = api.record_qris(&reference).await;
        let transaction = recorded["id"].as_str().unwrap();
        let delivery = delivery_when(&api, &id, transaction, "FAILED").await;
        visitor.sign_in("engineering").await;
        visitor.open(&format!("/transactions/{transaction}")).await;
        let button = format!("form:has([name='endpoint_id'][value='{id}']) button");
        again_until(&visitor, &button, 1).await;
        visitor.find(&button).await.click().await.expect("the button");
        visitor.arrive(&format!("/transactions/{transaction}?done=webhook-replayed")).await;
        visitor.see("The webhook is in the queue again.").await;
        again_until(&visitor, &format!(".timeline a[href$='/deliveries/{delivery}']"), 3).await;
        assert_eq!(visitor.count(&button).await, 0, "what arrived offers no replay");
        visitor
            .find(&format!(".timeline a[href$='/deliveries/{delivery}']"))
            .await
            .click()
            .await
            .expect("a link");
        again_until(&visitor, "main .status.good", 1).await;
        visitor.see("DELIVERED").await;
        let of_it = visitor.stack.received(&path);
        let of_it = of_it.iter().filter(|one| one["headers"]["webhook-id"] == delivery.as_str());
        assert_eq!(of_it.count(), 3, "two attempts that failed, and the one that did not");
        delete(&api, &id).await;
    })
    .await;
}

/// What a filter finds is counted first, then sent again.
#[tokio::test]
async fn what_a_filter_finds_is_replayed() {
    browse(Look::WITHOUT_SCRIPT, async |visitor| {
        let path = format!("/{}", unique("hooks"));
        let (api, id) = endpoint(&visitor, &path, &json!({"events": ["transaction.created"]})).await;
        let recorded = api.record_qris(&unique("AGAIN")).await;
        let transaction = recorded["id"].as_str().unwrap();
        let delivery = delivery_when(&api, &id, transaction, "DELIVERED").await;
        visitor.sign_in("merchant").await;
        visitor.open(&format!("/developers/webhooks/{id}?status=DELIVERED")).await;
        visitor.follow("Replay these").await;
        visitor.see("Say from when, or of which transaction.").await;
        visitor.fill("transaction_id", transaction).await;
        visitor.press("Filter").await;
        visitor.see("1 delivery passes this").await;
        visitor.press("Replay 1 delivery").await;
        visitor.arrive(&format!("/developers/webhooks/{id}/replays/rpl_")).await;
        again_until(&visitor, "main .status.good", 1).await;
        visitor.see("1 of 1").await;
        eventually("it comes again", async || {
            let received = visitor.stack.received(&path);
            let same = received.iter().filter(|one| one["headers"]["webhook-id"] == delivery.as_str());
            (same.count() == 2).then_some(())
        })
        .await;
        delete(&api, &id).await;
    })
    .await;
}

/// Every event has an example, and the page of a new endpoint leads there.
#[tokio::test]
async fn what_each_event_tells_is_looked_up() {
    browse(Look::NARROW, async |visitor| {
        visitor.sign_in("merchant").await;
        visitor.open("/developers/webhooks/new").await;
        visitor.follow("What each event tells").await;
        visitor.see("transaction.updated").await;
        visitor.see("webhook.test").await;
        let wide = visitor
            .run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
            .await;
        assert_eq!(wide, 0, "the page is wider than the window");
    })
    .await;
}
