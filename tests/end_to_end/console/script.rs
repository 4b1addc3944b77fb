//! What pages do by themselves and by keys.

use serde_json::json;

use super::browser::{Look, browse};
use super::visitor::Visitor;
use crate::stack::unique;

async fn record(visitor: &Visitor, reference: &str) {
    let api = visitor.stack.sign_in(visitor.stack.jakarta(), "merchant").await;
    let payment = json!({"direction": "receive", "method": "QRIS", "amount": 10_000, "currency": "IDR",
        "transaction_reference": reference});
    api.post("/transactions", &payment).await.expect(201);
}

/// New rows wait until somebody wants them; nothing moves under a reader's eyes.
#[tokio::test]
async fn new_rows_wait_behind_a_button() {
    browse(Look::WIDE, async |visitor| {
        visitor.sign_in("operations").await;
        visitor.open("/transactions?tab=receive").await;
        visitor.find("#rows tbody tr").await;
        let reference = unique("LIVE");
        record(&visitor, &reference).await;
        visitor.see(" new").await;
        visitor.does_not_see(&reference).await;
        // Others record payments, too: ours may not be among the first that wait.
        while !visitor.text().await.contains(&reference) {
            visitor.find(".live button").await.click().await.expect("the button");
        }
    })
    .await;
}

#[tokio::test]
async fn rows_stay_when_there_is_no_answer() {
    browse(Look::WIDE, async |visitor| {
        visitor.sign_in("operations").await;
        visitor.open("/transactions?tab=receive").await;
        let rows = visitor.count("#rows tbody tr").await;
        let offline =
            json!({"offline": true, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        visitor.tools("Network.enable", json!({})).await;
        visitor.tools("Network.emulateNetworkConditions", offline).await;
        visitor.see("the rows are as of then").await;
        assert_eq!(visitor.count("#rows tbody tr").await, rows);
        let online =
            json!({"offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        visitor.tools("Network.emulateNetworkConditions", online).await;
        visitor.see("Up to date at").await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_is_over_stops_the_rows() {
    browse(Look::WIDE, async |visitor| {
        visitor.sign_in("operations").await;
        visitor.open("/transactions?tab=receive").await;
        visitor.tools("Network.clearBrowserCookies", json!({})).await;
        visitor.see("Your session is over.").await;
        visitor.press("Sign in").await;
        visitor.arrive("/sign-in?return=").await;
    })
    .await;
}

#[tokio::test]
async fn everything_is_reached_by_keys() {
    browse(Look::WIDE, async |visitor| {
        visitor.sign_in("admin").await;
        visitor.open("/transactions").await;
        visitor.find("#rows tbody tr").await;
        visitor.type_keys("jjk").await;
        assert_eq!(visitor.run("return [...document.querySelectorAll('#rows tr[data-key]')].findIndex((row) => row.classList.contains('is-here'))").await, 0);
        visitor.type_keys("\u{E007}").await;
        visitor.see("Timeline").await;
        visitor.type_keys("gp").await;
        visitor.arrive("/providers").await;
        visitor.type_keys("?").await;
        visitor.see("previous row").await;
        visitor.type_keys("\u{E00C}").await;
        visitor.gone("dialog").await;
        visitor.type_keys("/").await;
        assert_eq!(visitor.run("return document.activeElement.id").await, "find");
        // In a field, keys are text.
        visitor.type_keys("gp?").await;
        assert_eq!(visitor.run("return document.activeElement.value").await, "gp?");
    })
    .await;
}

#[tokio::test]
async fn the_palette_finds_pages_and_payments() {
    browse(Look::WIDE, async |visitor| {
        let reference = unique("PALETTE");
        record(&visitor, &reference).await;
        visitor.sign_in("operations").await;
        visitor.open_palette().await;
        visitor.find("dialog input").await.send_keys("provid").await.expect("a field");
        visitor.type_keys("\u{E007}").await;
        visitor.arrive("/providers").await;
        visitor.open_palette().await;
        visitor.find("dialog input").await.send_keys(&reference).await.expect("a field");
        visitor.type_keys("\u{E007}").await;
        visitor.arrive("/transactions/tra_").await;
        visitor.see(&reference).await;
    })
    .await;
}
