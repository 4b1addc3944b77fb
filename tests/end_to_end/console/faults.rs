//! An API that has no answer: the page says so, and keeps what it had.

use serde_json::{Value, json};

use super::browser::{Look, browse};
use super::visitor::Visitor;
use crate::faults::Shop;
use crate::stack::{Stack, unique};

/// A merchant of its own with one payment, and somebody of it who looks at the list.
async fn look(visitor: &Visitor, shop: &Shop<'_>, reference: &str) {
    let payment = json!({"direction": "receive", "method": "QRIS", "amount": 10_000, "currency": "IDR",
        "transaction_reference": reference});
    shop.api.post("/transactions", &payment).await.expect(201);
    let client = shop.stack.operator(&["create-client", shop.id.as_str(), "Counter"]);
    let word = |place: usize| client.split_whitespace().nth(place).expect("a client and its secret");
    visitor.sign_in_as(word(1), word(3)).await;
    visitor.open("/transactions?tab=receive").await;
    visitor.see(reference).await;
}

fn on_lists(fault: &str) -> Vec<Value> {
    vec![json!({"fault": fault, "operations": "Query", "resources": "*-transactions*", "milliseconds": 700})]
}

#[tokio::test]
async fn a_list_that_fails_says_so_and_comes_back() {
    browse(Look::WIDE, async |visitor| {
        let stack = Stack::read();
        let (shop, reference) = (Shop::open(&stack).await, unique("FAULT"));
        look(&visitor, &shop, &reference).await;
        shop.switch(1, &[&reference], on_lists("failed")).await;
        visitor.see("the rows are as of then").await;
        visitor.see(&reference).await;
        visitor.open("/transactions?tab=receive&reference=FAULT").await;
        visitor.see("The API has no answer now.").await;
        visitor.see("Request").await;
        visitor.see("Clear filters").await;
        shop.calm().await;
        visitor.press("Filter").await;
        visitor.see(&reference).await;
    })
    .await;
}

#[tokio::test]
async fn a_list_that_is_slow_is_shown_when_it_comes() {
    browse(Look::WITHOUT_SCRIPT, async |visitor| {
        let stack = Stack::read();
        let (shop, reference) = (Shop::open(&stack).await, unique("SLOW"));
        look(&visitor, &shop, &reference).await;
        shop.switch(1, &[&reference], on_lists("distant")).await;
        visitor.open("/transactions?tab=receive").await;
        visitor.see(&reference).await;
        assert!(shop.calm().await.iter().sum::<u64>() > 0, "it was slow");
    })
    .await;
}
