//! Finance, providers' keepers and engineers, each at the work that the console is there for.

use serde_json::{Value, json};

use super::browser::{Look, browse};
use super::visitor::Visitor;
use crate::stack::{eventually, unique};

/// A provider of its own, for its name.
async fn provider(visitor: &Visitor) -> (String, String) {
    let api = visitor.stack.sign_in(visitor.stack.jakarta(), "admin").await;
    let name = unique("Edited");
    let provider = json!({"type": "brick", "name": name, "services": ["EWALLET"], "priority": 900,
        "credentials": {"client_id": "b3f1c9f2", "client_secret": "brick-secret-of-a-test"}});
    let made = api.post("/providers", &provider).await.expect(201);
    (made["provider"]["id"].as_str().unwrap().to_owned(), name)
}

/// Two people edit one provider: the second is shown what the first saved, and decides.
#[tokio::test]
async fn who_edits_what_somebody_else_changed_compares_first() {
    browse(Look::WIDE, async |visitor| {
        let (id, name) = provider(&visitor).await;
        visitor.sign_in("operations").await;
        visitor.open(&format!("/providers/{id}/edit")).await;
        let other = visitor.stack.sign_in(visitor.stack.jakarta(), "admin").await;
        other
            .patch(&format!("/providers/{id}"), &json!({"name": format!("{name} of another")}))
            .await
            .expect(200);
        visitor.fill("name", &format!("{name} of ours")).await;
        visitor.press("Save").await;
        visitor.see("Nothing was saved. Compare").await;
        visitor.see(&format!("{name} of another")).await;
        visitor.press("Save").await;
        visitor.arrive(&format!("/providers/{id}?done=saved")).await;
        visitor.see(&format!("{name} of ours")).await;
        let now = other.get(&format!("/providers/{id}")).await.expect(200)["provider"].clone();
        assert_eq!((&now["name"], &now["status"]), (&json!(format!("{name} of ours")), &json!("ACTIVE")));
    })
    .await;
}

/// A provider is added without a script, and its fields follow its type.
#[tokio::test]
async fn a_provider_is_added() {
    browse(Look::WITHOUT_SCRIPT, async |visitor| {
        visitor.sign_in("operations").await;
        visitor.open("/providers").await;
        visitor.follow("+ Add Provider").await;
        visitor.find("[name='credentials.callback_token']").await;
        visitor.choose("type", "brick").await;
        visitor.press("Show the fields").await;
        visitor.find("[name='credentials.client_secret']").await;
        visitor.choose("type", "xendit").await;
        visitor.press("Show the fields").await;
        visitor.find("[name='credentials.callback_token']").await;
        let name = unique("Added");
        visitor.fill("name", &name).await;
        visitor.find("input[name='services'][value='QR_CODE_PAYMENT']").await.click().await.expect("a box");
        visitor.fill("credentials.callback_token", "a-callback-token-of-a-test").await;
        visitor.fill("fee.value", "0.7").await;
        visitor.press("Add").await;
        visitor.see("/callbacks/prv_").await;
        visitor.open(&format!("/providers?search={name}")).await;
        visitor.see(&name).await;
        visitor.see("ACTIVE").await;
    })
    .await;
}

/// A finance person closes what a statement tells otherwise, of one provider, without leaving the page.
#[tokio::test]
async fn exceptions_are_closed_where_they_are_seen() {
    browse(Look::WITHOUT_SCRIPT, async |visitor| {
        let (api, run) = run_with_an_exception(&visitor).await;
        visitor.sign_in("finance").await;
        visitor.open(&format!("/reconciliation/exceptions?run_id={run}")).await;
        visitor.see("MISSING_INTERNAL").await;
        visitor.find("tbody input[type='checkbox']").await.click().await.expect("a box");
        visitor
            .find("#selected [name='reason']")
            .await
            .send_keys("their error, settled by telephone")
            .await
            .expect("a field");
        visitor.press("Decide the selected").await;
        visitor.arrive("/reconciliation/exceptions?").await;
        visitor.see("RESOLVED").await;
        visitor.see("their error, settled by telephone").await;
        let path = format!("/reconciliation/runs/{run}/exceptions");
        let exceptions: Vec<Value> = api.all(&path, "exceptions").await;
        assert_eq!(exceptions[0]["status"], "RESOLVED", "{exceptions:?}");
    })
    .await;
}

/// A run over a statement with one line that nobody knows.
async fn run_with_an_exception(visitor: &Visitor) -> (crate::stack::Api, String) {
    let (provider, _) = provider(visitor).await;
    let api = visitor.stack.sign_in(visitor.stack.jakarta(), "admin").await;
    let columns = json!({"separator": ",", "zone": "UTC", "currency": "IDR",
        "fields": {"reference": "Order", "booked_at": "Settled", "amount": "Amount"}});
    let content = format!("Order,Settled,Amount\n{},2026-11-20T03:00:00Z,99000\n", unique("NOBODY"));
    let statement =
        json!({"provider_id": provider, "file_name": "one-line.csv", "columns": columns, "content": content});
    let made = api.post("/reconciliation/statements", &statement).await.expect(201);
    let statement = format!("/reconciliation/statements/{}", made["statement"]["id"].as_str().unwrap());
    eventually("the statement is read", async || {
        let read = api.get(&statement).await.expect(200);
        (read["statement"]["status"] == "PARSED").then_some(())
    })
    .await;
    let asked = json!({"provider_id": provider, "start_date": "2026-11-20", "end_date": "2026-11-20"});
    let started = api.post("/reconciliation/runs", &asked).await;
    assert!(started.status < 300, "{}", started.text);
    let run = started.json()["run"]["id"].as_str().unwrap().to_owned();
    let path = format!("/reconciliation/runs/{run}");
    eventually("the run is over", async || {
        (api.get(&path).await.expect(200)["run"]["state"] == "COMPLETED").then_some(())
    })
    .await;
    (api, run)
}

/// A statement is given as a file, without a script, and says what became of its lines.
#[tokio::test]
async fn a_statement_is_given_as_a_file() {
    browse(Look::WITHOUT_SCRIPT, async |visitor| {
        let (provider, _) = provider(&visitor).await;
        let file = std::env::temp_dir().join(format!("{}.csv", unique("statement")));
        let lines = "reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status\n\
                     INV-1,p-1,Transfer,credit,99000,IDR,2026-11-20T03:00:00Z,,\nINV-2,p-2,Transfer,credit,ten,IDR,2026-11-20T03:00:00Z,,\n";
        std::fs::write(&file, lines).expect("a file");
        visitor.sign_in("finance").await;
        visitor.open("/reconciliation/statements/new").await;
        visitor.choose("provider_id", &provider).await;
        visitor.choose("format", "paywarden").await;
        visitor.find("input[type='file']").await.send_keys(file.to_str().unwrap()).await.expect("a file");
        visitor.press("Give the file").await;
        visitor.arrive("/reconciliation/statements/stm_").await;
        for _ in 0..60 {
            if visitor.text().await.contains("PARSED_WITH_ERRORS") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            visitor.driver.refresh().await.expect("the page again");
        }
        visitor.see("PARSED_WITH_ERRORS").await;
        visitor.see("ten").await;
        std::fs::remove_file(file).expect("the file");
    })
    .await;
}

/// An engineer reads a kept callback again from the payment's page, sees the difference, and applies it as somebody who may.
#[tokio::test]
async fn a_callback_is_replayed_from_its_payment() {
    browse(Look::WITHOUT_SCRIPT, async |visitor| {
        visitor.sign_in("engineering").await;
        visitor.open("/find?id=KOPI-QR-1").await;
        visitor.press("Read it again").await;
        visitor.see("It is read as it was then.").await;
        visitor.see("Applying it needs the permission providers:write.").await;
        visitor.press("Sign out").await;
        visitor.sign_in("admin").await;
        visitor.open("/find?id=KOPI-QR-1").await;
        visitor.press("Read it again").await;
        visitor.press("Apply it").await;
        visitor.see("The callback is on its way").await;
        visitor.see("PAID").await;
    })
    .await;
}

/// Somebody tries an operation as themselves.
#[tokio::test]
async fn an_operation_is_tried() {
    browse(Look::WITHOUT_SCRIPT, async |visitor| {
        visitor.sign_in("merchant").await;
        visitor.open("/developers/api").await;
        visitor.follow("List transactions").await;
        visitor.press("Send").await;
        visitor.see("200").await;
        visitor.see("next_cursor").await;
        let token = visitor.run("return document.documentElement.outerHTML.includes('eyJ')").await;
        assert_eq!(token, false, "no token is in the page");
    })
    .await;
}

/// By keys alone: from signing in to a payment and back to the list, without a pointer.
#[tokio::test]
async fn a_keyboard_is_enough() {
    browse(Look::WIDE, async |visitor| {
        visitor.open("/sign-in").await;
        let client = &visitor.stack.jakarta().clients["operations"];
        visitor.find("#client_id").await.focus().await.expect("a field");
        visitor.type_keys(format!("{}\u{E004}{}\u{E007}", client.client_id, client.client_secret)).await;
        visitor.see("Sign out").await;
        // The first thing that the tabulator reaches leads past the menu.
        visitor.type_keys("\u{E004}\u{E007}").await;
        assert_eq!(visitor.run("return document.activeElement.id").await, "main");
        visitor.type_keys("gt").await;
        visitor.arrive("/transactions").await;
        visitor.find("#rows tbody tr").await;
        visitor.type_keys("j\u{E007}").await;
        visitor.see("Timeline").await;
    })
    .await;
}
