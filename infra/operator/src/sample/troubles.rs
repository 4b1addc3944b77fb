//! What goes wrong now and then, one of each, so that every page of the console has something that is worth looking at.

use paywarden_api_client::Api;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_store::system::SystemClock;
use serde_json::{Value, json};

use crate::sample::{SampleMerchant, callbacks, payments};

const HOUR: i64 = 3600;

/// Makes the troubles of a merchant that has Xendit and Midtrans. `receiver` takes webhooks, and fails where it is asked to.
pub async fn make(api: &Api, merchant: &SampleMerchant, receiver: &str) -> anyhow::Result<()> {
    let (Ok(xendit), Ok(midtrans)) =
        (payments::provider(merchant, "xendit"), payments::provider(merchant, "midtrans"))
    else {
        return Ok(());
    };
    let now = SystemClock.now();
    callbacks::send(api, xendit, another_amount(now)).await?;
    callbacks::send(api, xendit, refund_of_nothing(now)).await?;
    for number in 1..=DISPUTED {
        callbacks::send(api, midtrans, settled(number, now)?).await?;
    }
    bank_under_maintenance(api, receiver).await
}

/// A payment of another amount than the order's: it is held, and a person decides.
fn another_amount(now: Timestamp) -> Value {
    json!({
        "event": "qr.payment", "id": "qrpy_sample_other_amount", "amount": 90_000, "created": now.plus_seconds(-2 * HOUR),
        "status": "COMPLETED", "qr_code": {"external_id": "KOPI-QR-5", "qr_string": "00020101021226"},
    })
}

/// Money back of a payment that nobody has heard of: it fits nothing, and waits on the list of unmatched callbacks.
fn refund_of_nothing(now: Timestamp) -> Value {
    let data = json!({
        "id": "rfd-sample-nothing", "payment_id": "py-nobody-knows", "reference_id": "REFUND-NOBODY-KNOWS", "amount": 310_000,
        "currency": "IDR", "status": "SUCCEEDED", "reason": "REQUESTED_BY_CUSTOMER", "updated": now.plus_seconds(-60),
    });
    json!({"event": "refund.succeeded", "data": data})
}

/// Payments that their statement tells otherwise.
pub const DISPUTED: i64 = 7;

/// When they were settled: all at once, on the day before.
pub fn settled_at(now: Timestamp) -> Timestamp {
    now.plus_seconds(-28 * HOUR)
}

fn settled(number: i64, now: Timestamp) -> anyhow::Result<Value> {
    let at = callbacks::clock_text(settled_at(now), "Asia/Jakarta")?;
    Ok(json!({
        "transaction_id": format!("midtrans-disputed-{number}"), "order_id": format!("KOPI-STATEMENT-{number}"),
        "gross_amount": format!("{}.00", 100_000 * number), "currency": "IDR", "payment_type": "bank_transfer",
        "transaction_time": at, "settlement_time": at, "transaction_status": "settlement", "status_code": "200",
        "va_numbers": [{"bank": "bca", "va_number": format!("81278500299{number:04}")}],
    }))
}

/// A provider that is out of order, and a webhook endpoint that fails to be told of it.
async fn bank_under_maintenance(api: &Api, receiver: &str) -> anyhow::Result<()> {
    let endpoint = json!({
        "url": format!("{receiver}/flaky/1000/status-page"), "events": ["provider.status_changed"],
        "description": "A status page that fails",
    });
    api.post("/webhook-endpoints", &endpoint).await?.accepted()?;
    let provider = json!({
        "type": "brick", "name": "Brick", "services": ["SEND_MONEY"], "priority": 200,
        "credentials": {"client_id": "sample-brick-client", "client_secret": "sample-brick-client-secret"},
        "fee": {"type": "FLAT", "value": "3000", "currency": "IDR"}, "tax": {"percentage": "11"},
    });
    let made: Value = api.post("/providers", &provider).await?.accepted()?.member("provider")?;
    let path = format!("/providers/{}/status", made["id"].as_str().unwrap_or_default());
    let status =
        json!({"status": "MAINTENANCE", "reason": "The bank renews its systems tonight", "pin": true});
    api.post(&path, &status).await?.accepted()?;
    Ok(())
}
