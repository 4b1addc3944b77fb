//! A statement, so that the schedule has something to reconcile: what Midtrans settled of the sample payments, with a fee
//! that is too high and a payment that nobody knows.

use paywarden_api_client::Api;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_store::system::SystemClock;
use serde_json::json;

use crate::sample::SampleMerchant;
use crate::sample::payments;

const HOUR: i64 = 3600;

/// Gives the statement of the merchant's Midtrans account, if it has one.
pub async fn give(api: &Api, merchant: &SampleMerchant) -> anyhow::Result<()> {
    let Ok(midtrans) = payments::provider(merchant, "midtrans") else {
        return Ok(());
    };
    let paid = |number: i64| SystemClock.now().plus_seconds(-(15 * number - 1) * HOUR);
    let rows = [
        lines("KOPI-VA-1", 250_000, 4_500, paid(1)),
        lines("KOPI-VA-2", 500_000, 5_000, paid(2)),
        lines("NOBODY-KNOWS-1", 99_000, 4_500, paid(1)),
    ];
    let content = format!("Order ID;Settled;Amount;Fee;VAT\n{}", rows.concat());
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

fn lines(reference: &str, amount: u32, fee: u32, settled: Timestamp) -> String {
    format!("{reference};{settled};{amount};{fee};495\n")
}
