//! Operations and support: from an order's id to the reason it is stuck.

use paywarden_api_client::Method;
use serde_json::json;

use super::browser::{Look, browse};
use crate::stack::{eventually, send, unique};

/// Somebody from support who has never seen it: open, paste the id, read one page.
#[tokio::test]
async fn support_finds_out_why_an_order_is_stuck_in_two_pages() {
    browse(Look::WITHOUT_SCRIPT, async |visitor| {
        let api = visitor.stack.sign_in(visitor.stack.jakarta(), "admin").await;
        let reference = unique("STUCK");
        let payment = json!({"direction": "receive", "method": "QRIS", "amount": 10_000, "currency": "IDR",
            "transaction_reference": reference, "created_at": "2026-11-20 10:00:00"});
        api.post("/transactions", &payment).await.expect(201);
        let path = format!("/transactions?transaction_reference={reference}");
        let id = api.get(&path).await.expect(200)["transactions"][0]["id"].as_str().unwrap().to_owned();
        eventually("the merchant is told", async || {
            api.get(&format!("/transactions/{id}/logs")).await.text.contains("answered 200").then_some(())
        })
        .await;
        // The first page.
        visitor.sign_in("operations").await;
        visitor.fill("id", &reference).await;
        visitor.find("input[name='id']").await.send_keys("\u{E007}").await.expect("Enter");
        // The second.
        visitor.arrive(&format!("/transactions/{id}")).await;
        visitor.see("Waits for the payer;").await;
        visitor.see("usually done within 1 h").await;
        visitor.see("No callback has come for it.").await;
        visitor.see("Webhook attempt 1 answered 200").await;
    })
    .await;
}

#[tokio::test]
async fn the_list_is_narrowed_and_gone_back_to() {
    browse(Look::WIDE, async |visitor| {
        visitor.sign_in("operations").await;
        visitor.open("/transactions").await;
        visitor.follow("Send Money").await;
        visitor.arrive("/transactions?tab=send").await;
        visitor.choose("method", "BANK_TRANSFER").await;
        visitor.choose("status_group", "success").await;
        visitor.press("Filter").await;
        visitor.see("Clear filters").await;
        assert!(visitor.address().await.contains("status_group=success"));
        let shown = visitor.count("#rows tbody tr").await;
        visitor.find("#rows tbody a").await.click().await.expect("a row");
        visitor.see("Timeline").await;
        visitor.driver.back().await.expect("back");
        visitor.see("Clear filters").await;
        assert!(visitor.count("#rows tbody tr").await >= shown, "others may have paid meanwhile");
        visitor.driver.forward().await.expect("forward");
        visitor.see("Timeline").await;
    })
    .await;
}

/// What somebody may not do is not shown, and refused when it is tried.
#[tokio::test]
async fn a_page_for_others_is_refused() {
    browse(Look::WIDE, async |visitor| {
        visitor.sign_in("merchant").await;
        visitor.does_not_see("Provider Management").await;
        for path in ["/providers", "/logs", "/reconciliation", "/developers/clients", "/developers/audit"] {
            visitor.open(path).await;
            visitor.see("This page needs the permission").await;
        }
    })
    .await;
}

/// Everywhere that text from outside can come to it is text, also where it came in as a payment's.
#[tokio::test]
async fn hostile_text_is_text() {
    browse(Look::WIDE, async |visitor| {
        let api = visitor.stack.sign_in(visitor.stack.jakarta(), "merchant").await;
        let hostile = "<img src=x onerror=alert(1)>\"'&";
        let beginning = unique("HOSTILE");
        let reference = format!("{beginning}{hostile}");
        let payment = json!({"direction": "receive", "method": "EWALLET", "amount": 10_000, "currency": "IDR",
            "transaction_reference": reference, "destination": hostile, "metadata": {hostile: hostile},
            "attributes": {"code": hostile, "deeplink": "javascript:alert(1)"}});
        let made = api.post("/transactions", &payment).await.expect(201);
        let id = made["transaction"]["id"].as_str().unwrap().to_owned();
        visitor.sign_in("operations").await;
        visitor.open(&format!("/transactions/{id}")).await;
        visitor.see(&reference).await;
        visitor.open(&format!("/transactions?tab=receive&reference={beginning}")).await;
        visitor.see(hostile).await;
        assert_eq!(visitor.count("main img").await, 0);
    })
    .await;
}

/// A form of another site does nothing, though the browser sends its cookies along.
#[tokio::test]
async fn another_sites_form_does_nothing() {
    browse(Look::WIDE, async |visitor| {
        visitor.sign_in("admin").await;
        let request = visitor.stack.anonymous().request(Method::POST, "/console/sign-out").await;
        let request =
            request.header("origin", "https://evil.example.com").header("sec-fetch-site", "cross-site");
        assert_eq!(send(request).await.status, 403);
        visitor.open("/transactions").await;
        visitor.see("Sign out").await;
    })
    .await;
}
