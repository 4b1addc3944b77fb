//! Payments, webhooks and reconciliation while tables, queues, files and the key refuse, fail and fall silent; and what is in the
//! books when it is over.

use std::time::Duration;

use serde_json::{Value, json};

use crate::faults::{Shop, insist};
use crate::stack::{Stack, at, eventually_within, send, unique, xendit_qr_paid};

/// Longest wait for what a fault put off. A report that was not handled shows again after one and a half minutes, a webhook
/// after three, and one whose pointer no queue took after five.
const LONG: Duration = Duration::from_secs(420);

/// Orders in a storm; every third is paid twice, every fourth is refunded.
const ORDERS: usize = 24;

/// What strikes in a storm, in this order.
fn storm() -> Vec<Value> {
    vec![
        json!({"fault": "distant", "operations": "TransactWriteItems", "share": 0.3, "milliseconds": 20}),
        json!({"fault": "silent_after", "operations": "TransactWriteItems", "share": 0.1, "times": 3}),
        json!({"fault": "silent_after", "operations": "SendMessage*", "share": 0.1, "times": 2}),
        json!({"fault": "silent_before", "share": 0.02, "times": 3}),
        json!({"fault": "throttled", "operations": "TransactWriteItems", "share": 0.15}),
        json!({"fault": "conflict", "operations": "TransactWriteItems", "share": 0.15}),
        json!({"fault": "conflict", "operations": "UpdateItem", "share": 0.1}),
        json!({"fault": "cut", "operations": "Batch*", "share": 0.5, "taken": 1}),
        json!({"fault": "cut", "operations": "SendMessageBatch", "share": 0.3, "taken": 5}),
        json!({"fault": "cut", "operations": "Query", "share": 0.3, "taken": 1}),
        json!({"fault": "twice", "operations": "SendMessage*", "share": 0.2}),
        json!({"fault": "too_many", "share": 0.1}),
        json!({"fault": "failed", "share": 0.05}),
    ]
}

/// A payment and what came after it.
struct Order {
    reference: String,
    payment: String,
    is_paid_again: bool,
    is_refunded: bool,
}

impl Order {
    fn numbered(number: usize) -> Self {
        Self {
            reference: unique("STORM"),
            payment: unique("qrpy"),
            is_paid_again: number.is_multiple_of(3),
            is_refunded: number.is_multiple_of(4),
        }
    }

    /// All that the merchant and the provider say of it, each until it is acknowledged.
    async fn happen(&self, shop: &Shop<'_>) {
        let body = json!({"direction": "receive", "method": "QRIS", "amount": 10000, "currency": "IDR",
            "transaction_reference": self.reference});
        let recorded = insist(async || shop.api.post("/transactions", &body).await).await;
        assert!(matches!(recorded.status, 200 | 201), "{}", recorded.text);
        shop.call_back(&xendit_qr_paid(&self.reference, &self.payment)).await;
        if self.is_paid_again {
            shop.call_back(&xendit_qr_paid(&self.reference, &format!("{}-again", self.payment))).await;
        }
        if self.is_refunded {
            shop.call_back(&refund(&self.payment)).await;
        }
    }

    /// Whether the ledger tells of all that was acknowledged, once.
    fn is_in(&self, rows: &[Value]) -> bool {
        let count = |kind: &str, amount: u64| {
            let own = rows.iter().filter(|row| row["order_id"] == self.reference.as_str());
            own.filter(|row| row["transaction_type"] == kind && row["amount"] == amount).count()
        };
        let transfers = 1 + usize::from(self.is_paid_again);
        (count("Transfer", 10_000), count("Refund", 4_000)) == (transfers, usize::from(self.is_refunded))
    }
}

fn refund(payment: &str) -> Value {
    json!({"event": "refund.succeeded", "created": "2026-11-20T09:00:00Z", "data": {
        "id": format!("rfd-{payment}"), "payment_id": payment, "amount": 4000, "currency": "IDR",
        "status": "SUCCEEDED", "reference_id": format!("refund-{payment}"), "updated": "2026-11-20T09:00:00Z"}})
}

/// Whether enough has struck for what follows to say anything: more than half of what could.
fn is_worth_its_name(struck: &[u64]) -> bool {
    struck.iter().filter(|times| **times > 0).count() > struck.len() / 2
}

/// Waits until the storm was one. A callback is acknowledged once it is queued, and on a busy machine little else has been done by
/// then: most of what strikes here waits for whoever takes it out of the queue.
async fn stormed(shop: &Shop<'_>) {
    eventually_within(LONG, "more than half of the storm to strike", async || {
        is_worth_its_name(&shop.struck().await).then_some(())
    })
    .await;
}

/// The days on which the payments here are booked.
const DAYS: &str = "start_date=2026-11-20&end_date=2026-11-20";

/// Waits until every order is in the ledger.
async fn booked(shop: &Shop<'_>, orders: &[Order]) {
    eventually_within(LONG, "the ledger tells of every callback", async || {
        let rows = shop.api.all(&format!("/reconciliation?{DAYS}&limit=100"), "rows").await;
        orders.iter().all(|order| order.is_in(&rows)).then_some(())
    })
    .await;
}

/// Waits until every status that a record of the shop has had was told.
async fn told(shop: &Shop<'_>) {
    let all = "/transactions?limit=100&created_at_start_date=2026-01-01&created_at_end_date=2100-01-01";
    let records = shop.api.all(all, "transactions").await;
    eventually_within(LONG, "every status is told", async || {
        let told = shop.told();
        let is_told = |record: &Value, status: &str| {
            told.iter().any(|(id, said)| record["id"] == id.as_str() && said == status)
        };
        // The merchant records the first payment under a reference, the provider any other.
        let are_told = |record: &Value| {
            is_told(record, "PAID") && (record["occurrence"] != 1 || is_told(record, "PENDING"))
        };
        records.iter().all(are_told).then_some(())
    })
    .await;
}

#[tokio::test]
async fn whatever_is_acknowledged_in_a_storm_is_booked_and_told() {
    let stack = Stack::read();
    let shop = Shop::open(&stack).await;
    let orders: Vec<_> = (0..ORDERS).map(Order::numbered).collect();
    let references: Vec<_> = orders.iter().map(|order| order.reference.as_str()).collect();
    shop.switch(1, &references, storm()).await;
    futures::future::join_all(orders.iter().map(|order| order.happen(&shop))).await;
    stormed(&shop).await;
    shop.calm().await;
    booked(&shop, &orders).await;
    told(&shop).await;
    shop.balance_books();
}

/// One limit of each kind that the gate has: that it stands before the stack's emulator. What it refuses, its own tests say.
#[tokio::test]
async fn what_aws_refuses_is_refused_here() {
    let stack = Stack::read();
    let queue = json!({"QueueName": "paywarden-local-transaction-events"});
    let queue = stack.ask_queues("GetQueueUrl", &queue).await["QueueUrl"].clone();
    let message = json!({"QueueUrl": queue, "MessageBody": "x", "DelaySeconds": 901});
    let answer = stack.try_queues("SendMessage", &message).await;
    assert_eq!(
        (answer.status, answer.headers["x-amzn-query-error"].to_str().unwrap()),
        (400, "InvalidParameterValue;Sender")
    );
    let long = "x".repeat(6 * 1024 * 1024 + 1);
    let refused = stack.sign_in(stack.jakarta(), "admin").await.post("/transactions", &json!(long)).await;
    assert_eq!(refused.expect(413)["error"]["code"], "body_too_large");
}

/// Two atomic writes of one item at a time, as often as they meet; nothing else is wrong.
#[tokio::test]
async fn writes_that_meet_are_all_counted() {
    let stack = Stack::read();
    let shop = Shop::open(&stack).await;
    let orders: Vec<_> = (0..ORDERS).map(Order::numbered).collect();
    let far = json!({"fault": "distant", "operations": "*Item*", "milliseconds": 30});
    shop.switch(1, &[], vec![far]).await;
    futures::future::join_all(orders.iter().map(|order| order.happen(&shop))).await;
    booked(&shop, &orders).await;
    shop.calm().await;
    told(&shop).await;
    shop.balance_books();
}

/// A function that uses its time up is ended, and the gateway says 502.
#[tokio::test]
async fn a_hundred_payments_that_take_too_long_are_asked_for_again() {
    let stack = Stack::read();
    let shop = Shop::open(&stack).await;
    let order = |_| {
        json!({"direction": "receive", "method": "QRIS", "amount": 10000, "currency": "IDR",
            "transaction_reference": unique("SLOW")})
    };
    let orders: Vec<Value> = (0..100).map(order).collect();
    shop.switch(1, &[], vec![json!({"fault": "silent_before", "share": 0.25})]).await;
    let answer = shop.api.post("/transactions", &json!(orders)).await;
    shop.calm().await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.headers.contains_key("retry-after"));
    let again = shop.api.post("/transactions", &json!(orders)).await.expect(207);
    let results = again["results"].as_array().unwrap();
    assert!(
        results.iter().all(|result| [200, 201].contains(&result["status_code"].as_u64().unwrap())),
        "{again}"
    );
}

/// What a run meets: its steps come again only after minutes, so that they have to stand all of this by themselves.
fn drizzle() -> Vec<Value> {
    vec![
        json!({"fault": "silent_after", "operations": "PutObject", "times": 1}),
        json!({"fault": "silent_after", "operations": "TransactWriteItems", "times": 1}),
        json!({"fault": "throttled", "operations": "TransactWriteItems", "share": 0.2}),
        json!({"fault": "conflict", "operations": "TransactWriteItems", "share": 0.2}),
        json!({"fault": "cut", "operations": "Batch*", "share": 0.5, "taken": 1}),
        json!({"fault": "cut", "operations": "Query", "share": 0.5, "taken": 1}),
        json!({"fault": "twice", "operations": "SendMessage*", "share": 0.5}),
        json!({"fault": "too_many", "share": 0.1}),
        json!({"fault": "failed", "share": 0.05}),
    ]
}

#[tokio::test]
async fn a_statement_is_read_and_a_run_ends_while_it_drizzles() {
    let stack = Stack::read();
    let shop = Shop::open(&stack).await;
    let orders: Vec<_> = [1, 2, 5].map(Order::numbered).into();
    futures::future::join_all(orders.iter().map(|order| order.happen(&shop))).await;
    booked(&shop, &orders).await;
    shop.switch(1, &[], drizzle()).await;
    let statement = upload(&shop, &orders).await;
    let body = json!({"provider_id": shop.provider.id, "start_date": "2026-11-20", "end_date": "2026-11-20",
        "statement_ids": [statement]});
    let run = insist(async || shop.api.post("/reconciliation/runs", &body).await).await;
    assert!(matches!(run.status, 200 | 201), "{}", run.text);
    let path = format!("/reconciliation/runs/{}", run.json()["run"]["id"].as_str().unwrap());
    let run = eventually_within(LONG, "the run to end", async || {
        let run = insist(async || shop.api.get(&path).await).await.expect(200)["run"].clone();
        run["finished_at"].is_string().then_some(run)
    })
    .await;
    // All that can strike has been there to be struck: the run has ended.
    let struck = shop.calm().await;
    assert!(is_worth_its_name(&struck), "{struck:?}");
    assert_eq!(run["state"], "COMPLETED");
    assert_eq!(run["summary"]["outcomes"]["statement"], json!({"MATCHED": 9}));
    assert_eq!(run["summary"]["outcomes"]["ledger"], json!({"MATCHED": 9}));
}

/// Gives a statement of these orders, and answers its id once it was read.
async fn upload(shop: &Shop<'_>, orders: &[Order]) -> Value {
    let mut text =
        "Product ID,Transaction ID,Line Type,Reference,Currency,Amount,Debit or Credit,Created Date ISO\n"
            .to_owned();
    for order in orders {
        for (kind, amount, side) in
            [("TRANSACTION", 10_000, "CREDIT"), ("FEE", 70, "DEBIT"), ("VAT", 7, "DEBIT")]
        {
            text.push_str(&format!(
                "p,t,{kind},{},IDR,{amount},{side},2026-11-20T08:00:00Z\n",
                order.reference
            ));
        }
    }
    let body = json!({"provider_id": shop.provider.id});
    let announced =
        insist(async || shop.api.post("/reconciliation/statements", &body).await).await.expect(201);
    let address = announced["upload"]["url"].as_str().unwrap();
    let put = send(at(paywarden_api_client::Method::PUT, address).body(text)).await;
    assert_eq!(put.status, 200, "{}", put.text);
    let path = format!("/reconciliation/statements/{}", announced["statement"]["id"].as_str().unwrap());
    let read = eventually_within(LONG, "the statement to be read", async || {
        let statement = insist(async || shop.api.get(&path).await).await.expect(200)["statement"].clone();
        (statement["status"] != "AWAITING_UPLOAD").then_some(statement)
    })
    .await;
    assert_eq!(read["status"], "PARSED", "{read}");
    read["id"].clone()
}
