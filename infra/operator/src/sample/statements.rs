//! A statement, so that the schedule has something to reconcile: what Midtrans settled of the sample payments, and one of each
//! kind of what statements get wrong.

use paywarden_api_client::Api;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_store::system::SystemClock;
use serde_json::json;

use crate::sample::SampleMerchant;
use crate::sample::{payments, troubles};

const HOUR: i64 = 3600;

/// Gives the statement of the merchant's Midtrans account, if it has one.
pub async fn give(api: &Api, merchant: &SampleMerchant) -> anyhow::Result<()> {
    let Ok(midtrans) = payments::provider(merchant, "midtrans") else {
        return Ok(());
    };
    let now = SystemClock.now();
    let paid = |number: i64| now.plus_seconds(-(15 * number - 1) * HOUR);
    let usual = [
        line("KOPI-VA-1", 250_000, "4500", "495", paid(1)),
        line("KOPI-VA-2", 500_000, "5000", "495", paid(2)),
        line("NOBODY-KNOWS-1", 99_000, "4500", "495", paid(1)),
    ];
    let content = format!("Order ID;Settled;Amount;Fee;VAT\n{}{}", usual.concat(), disputed(now));
    let columns = json!({
        "separator": ";", "zone": "UTC", "currency": "IDR",
        "fields": {"reference": "Order ID", "booked_at": "Settled", "amount": "Amount", "fee": "Fee", "tax": "VAT"},
    });
    let statement = json!({
        "provider_id": midtrans.id, "file_name": "midtrans-sample.csv", "columns": columns, "content": content,
    });
    api.post("/reconciliation/statements", &statement).await?.accepted()?;
    Ok(())
}

/// More and less than was paid, a fee that is lower and one that is not there, another VAT, a line that comes twice. The last of the
/// payments is not stated at all.
fn disputed(now: Timestamp) -> String {
    let settled = |number: i64, amount: u32, fee: &str, tax: &str| {
        line(&format!("KOPI-STATEMENT-{number}"), amount, fee, tax, troubles::settled_at(now))
    };
    [
        settled(1, 101_000, "4500", "495"),
        settled(2, 150_000, "4500", "495"),
        settled(3, 300_000, "4000", "495"),
        settled(4, 400_000, "", ""),
        settled(5, 500_000, "4500", "600"),
        settled(6, 600_000, "4500", "495"),
        settled(6, 600_000, "4500", "495"),
    ]
    .concat()
}

fn line(reference: &str, amount: u32, fee: &str, tax: &str, settled: Timestamp) -> String {
    format!("{reference};{settled};{amount};{fee};{tax}\n")
}
