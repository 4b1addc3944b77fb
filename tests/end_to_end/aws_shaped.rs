//! Payments while tables, queues and the key refuse, fail and fall silent, and what is in the books when it is over.

use std::time::Duration;

use serde_json::{Value, json};

use crate::faults::{Shop, insist};
use crate::stack::{Stack, eventually_within, unique, xendit_qr_paid};

/// Longest wait for what a fault put off: a message that was not handled shows again after one and a half minutes, a webhook after
/// three.
const LONG: Duration = Duration::from_secs(420);

/// Payments of the storm; every third order is paid twice, every fourth is refunded.
const ORDERS: usize = 24;

/// What strikes in a storm.
fn storm() -> Vec<Value> {
    vec![
        json!({"fault": "distant", "operations": "TransactWriteItems", "share": 0.3, "milliseconds": 20}),
        json!({"fault": "silent_after", "operations": "TransactWriteItems", "share": 0.1, "times": 3}),
        json!({"fault": "silent_after", "operations": "SendMessage*", "share": 0.1, "times": 2}),
        json!({"fault": "silent_before", "share": 0.02, "times": 3}),
        json!({"fault": "throttled", "operations": "TransactWriteItems", "share": 0.15}),
        json!({"fault": "conflict", "operations": "TransactWriteItems", "share": 0.15}),
        json!({"fault": "cut", "operations": "Batch*", "share": 0.5, "taken": 1}),
        json!({"fault": "cut", "operations": "SendMessageBatch", "share": 0.5, "taken": 1}),
        json!({"fault": "cut", "operations": "Query", "share": 0.3, "taken": 1}),
        json!({"fault": "twice", "operations": "SendMessage*", "share": 0.2}),
        json!({"fault": "too_many", "share": 0.1}),
        json!({"fault": "failed", "share": 0.05}),
    ]
}

fn refund(payment: &str) -> Value {
    json!({"event": "refund.succeeded", "created": "2026-11-20T09:00:00Z", "data": {
        "id": format!("rfd-{payment}"), "payment_id": payment, "amount": 4000, "currency": "IDR",
        "status": "SUCCEEDED", "reference_id": format!("refund-{payment}"), "updated": "2026-11-20T09:00:00Z"}})
}

/// One order from its recording to what came after its payment; the storm is on.
async fn order(shop: &Shop<'_>, number: usize) -> Order {
    let order = Order { reference: unique("STORM"), payment: unique("qrpy"), number };
    let body = json!({"direction": "receive", "method": "QRIS", "amount": 10000, "currency": "IDR",
        "transaction_reference": order.reference});
    let recorded = shop.post("/transactions", &body).await;
    assert!(matches!(recorded.status, 200 | 201), "{}", recorded.text);
    shop.call_back(&xendit_qr_paid(&order.reference, &order.payment)).await;
    if order.is_paid_again() {
        shop.call_back(&xendit_qr_paid(&order.reference, &format!("{}-again", order.payment))).await;
    }
    if order.is_refunded() {
        shop.call_back(&refund(&order.payment)).await;
    }
    order
}

struct Order {
    reference: String,
    payment: String,
    number: usize,
}

impl Order {
    fn is_paid_again(&self) -> bool {
        self.number % 3 == 0
    }

    fn is_refunded(&self) -> bool {
        self.number % 4 == 0
    }

    /// Whether the rows of its ledger tell of all that was acknowledged.
    fn is_complete(&self, rows: &[Value]) -> bool {
        let of = |kind: &str, amount: u64| {
            let own = rows.iter().filter(|row| row["order_id"] == self.reference.as_str());
            own.filter(|row| row["transaction_type"] == kind && row["amount"] == amount).count()
        };
        of("Transfer", 10_000) == 1 + usize::from(self.is_paid_again())
            && of("Refund", 4_000) == usize::from(self.is_refunded())
    }
}

fn text<'a>(record: &'a Value, member: &str) -> &'a str {
    record[member].as_str().unwrap_or_default()
}

/// All records of the shop.
async fn records(shop: &Shop<'_>) -> Vec<Value> {
    shop.api
        .all(
            "/transactions?limit=100&created_at_start_date=2026-01-01&created_at_end_date=2100-01-01",
            "transactions",
        )
        .await
}

#[tokio::test]
async fn whatever_was_acknowledged_in_a_storm_is_in_the_books_and_was_told() {
    let stack = Stack::read();
    let shop = Shop::open(&stack).await;
    shop.switch(1, &storm()).await;
    let orders = futures::future::join_all((0..ORDERS).map(|number| order(&shop, number))).await;
    let struck = shop.calm().await;
    eprintln!("{struck:?}");
    eventually_within(LONG, "the ledger tells of every callback", async || {
        let rows =
            shop.api.all("/reconciliation?start_date=2026-11-01&end_date=2026-11-30&limit=100", "rows").await;
        orders.iter().all(|order| order.is_complete(&rows)).then_some(())
    })
    .await;
    let records = records(&shop).await;
    eventually_within(LONG, "every status is told", async || {
        let told = shop.told();
        let is_told = |id: &str, status: &str| told.contains(&(id.to_owned(), status.to_owned()));
        let are_told = |record: &Value| {
            let (id, is_first) = (text(record, "id"), record["occurrence"] == 1);
            is_told(id, "PAID") && (!is_first || is_told(id, "PENDING"))
        };
        records.iter().all(are_told).then_some(())
    })
    .await;
    let compared = stack.operator(&["compare-totals", &shop.id]);
    assert!(compared.contains("are as they should be"), "{compared}");
    drop(insist(async || shop.api.get("/lookups").await).await);
}
