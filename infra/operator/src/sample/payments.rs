//! A few days of payments, with the usual endings and some of the unusual ones.

use anyhow::Context;
use paywarden_api_client::Api;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_store::system::SystemClock;
use serde_json::{Value, json};

use crate::sample::callbacks;
use crate::sample::{SampleMerchant, SampleProvider};

const HOUR: i64 = 3600;

/// Makes the payments that fit the merchant's providers.
pub async fn make(api: &Api, merchant: &SampleMerchant) -> anyhow::Result<()> {
    let now = SystemClock.now();
    if let (Ok(xendit), Ok(midtrans)) = (provider(merchant, "xendit"), provider(merchant, "midtrans")) {
        receive_by_qr(api, xendit, now).await?;
        receive_by_account(api, midtrans, now).await?;
        receive_by_wallet(api, xendit, now).await?;
        send_in_rupiah(api, xendit, now).await?;
    }
    if let Ok(bureau) = provider(merchant, "debit-order") {
        collect_in_rand(api, bureau, now).await?;
    }
    card(api, provider(merchant, "generic")?, merchant, now).await
}

/// QR codes over three days: most are paid, some wait.
async fn receive_by_qr(api: &Api, xendit: &SampleProvider, now: Timestamp) -> anyhow::Result<()> {
    let created = |hours: i64| now.plus_seconds(-hours * HOUR);
    let recorded = (1..=6_i64).map(|number| {
        json!({
            "transaction_reference": format!("KOPI-QR-{number}"), "direction": "receive", "method": "QRIS",
            "amount": 18_000 + 1_500 * number, "currency": "IDR", "provider_id": xendit.id,
            "created_at": created(12 * number), "attributes": {"qrData": "00020101021226", "nmid": "ID1020304050607"},
            "customers_id": format!("cus_sample{number}"), "metadata": {"table": number},
        })
    });
    record(api, recorded).await?;
    for number in 1..=4_i64 {
        callbacks::send(
            api,
            xendit,
            json!({
                "event": "qr.payment", "id": format!("qrpy_sample{number}"), "amount": 18_000 + 1_500 * number,
                "created": created(12 * number).plus_seconds(95), "status": "COMPLETED",
                "qr_code": {"external_id": format!("KOPI-QR-{number}"), "qr_string": "00020101021226"},
                "payment_details": {"source": "OVO", "receipt_id": format!("RCPT{number:05}")},
            }),
        )
        .await?;
    }
    Ok(())
}

/// Virtual accounts: two are paid, one expires, one waits.
async fn receive_by_account(api: &Api, midtrans: &SampleProvider, now: Timestamp) -> anyhow::Result<()> {
    let created = |hours: i64| now.plus_seconds(-hours * HOUR);
    let recorded = (1..=4_i64).map(|number| {
        json!({
            "transaction_reference": format!("KOPI-VA-{number}"), "direction": "receive",
            "method": "VIRTUAL_ACCOUNT", "amount": 250_000 * number, "currency": "IDR",
            "provider_id": midtrans.id, "created_at": created(15 * number), "expired_at": created(15 * number - 24),
            "attributes": {"code": "BCA", "va_number": format!("81278500253{number:04}"), "va_name": "Kopi Nusantara"},
        })
    });
    record(api, recorded).await?;
    for (number, status, code) in [(1, "settlement", "200"), (2, "settlement", "200"), (3, "expire", "202")] {
        let at = callbacks::clock_text(created(15 * number - 1), "Asia/Jakarta")?;
        let body = json!({
            "transaction_id": format!("midtrans-sample-{number}"), "order_id": format!("KOPI-VA-{number}"),
            "gross_amount": format!("{}.00", 250_000 * number), "currency": "IDR", "payment_type": "bank_transfer",
            "transaction_time": at, "settlement_time": (status == "settlement").then_some(&at),
            "transaction_status": status, "status_code": code,
            "va_numbers": [{"bank": "bca", "va_number": format!("81278500253{number:04}")}],
        });
        callbacks::send(api, midtrans, body).await?;
    }
    Ok(())
}

/// Wallets: one is paid, one is refused, one waits.
async fn receive_by_wallet(api: &Api, xendit: &SampleProvider, now: Timestamp) -> anyhow::Result<()> {
    let created = |hours: i64| now.plus_seconds(-hours * HOUR);
    let recorded = (1..=3_i64).map(|number| {
        json!({
            "transaction_reference": format!("KOPI-EW-{number}"), "direction": "receive", "method": "EWALLET",
            "amount": 45_000 + number, "currency": "IDR", "provider_id": xendit.id,
            "created_at": created(9 * number), "attributes": {"code": "DANA", "deeplink": "https://link.example/dana"},
        })
    });
    record(api, recorded).await?;
    for (number, status, failure) in [(1, "SUCCEEDED", None), (2, "FAILED", Some("INSUFFICIENT_BALANCE"))] {
        let data = json!({
            "id": format!("ewc_sample{number}"), "reference_id": format!("KOPI-EW-{number}"), "currency": "IDR",
            "charge_amount": 45_000 + number, "channel_code": "ID_DANA", "status": status, "failure_code": failure,
            "updated": created(9 * number).plus_seconds(40),
        });
        callbacks::send(api, xendit, json!({"event": "ewallet.capture", "data": data})).await?;
    }
    Ok(())
}

/// Payouts: one arrives, one comes back after it had arrived, one is under way.
async fn send_in_rupiah(api: &Api, xendit: &SampleProvider, now: Timestamp) -> anyhow::Result<()> {
    let created = |number: i64| now.plus_seconds(-7 * number * HOUR);
    let recorded = (1..=3_i64).map(|number| {
        json!({
            "transaction_reference": format!("SUPPLIER-{number}"), "direction": "send", "method": "BANK_TRANSFER",
            "amount": 1_250_000 * number, "currency": "IDR", "provider_id": xendit.id, "created_at": created(number),
            "attributes": {
                "bankAccountNo": format!("123456789{number}"), "bankShortCode": "BCA",
                "bankAccountHolderName": "PT Biji Kopi", "bankName": "Bank Central Asia",
            },
        })
    });
    record(api, recorded).await?;
    for (number, event, after) in
        [(1, "payout.succeeded", 60), (2, "payout.succeeded", 60), (2, "payout.reversed", 7200)]
    {
        let data = json!({
            "id": format!("disb-sample-{number}"), "reference_id": format!("SUPPLIER-{number}"),
            "amount": 1_250_000 * number, "currency": "IDR", "channel_code": "ID_BCA",
            "updated": created(number).plus_seconds(after),
        });
        callbacks::send(api, xendit, json!({"event": event, "data": data})).await?;
    }
    Ok(())
}

/// Debit orders: paid ones, an unpaid one, and one that comes back unpaid after it had been paid.
async fn collect_in_rand(api: &Api, bureau: &SampleProvider, now: Timestamp) -> anyhow::Result<()> {
    let created = |number: i64| now.plus_seconds(-(20 + number) * HOUR);
    let recorded = (1..=5_i64).map(|number| {
        json!({
            "transaction_reference": format!("GYM-{number:04}"), "direction": "receive",
            "method": if number % 2 == 0 { "EFT_DEBIT" } else { "DEBICHECK" },
            "amount": "500.25", "currency": "ZAR", "provider_id": bureau.id, "created_at": created(number),
            "customers_id": format!("cus_gym{number}"), "mandates_id": format!("man_gym{number}"),
            "bank_accounts_id": format!("ban_gym{number}"), "payments_id": format!("pay_gym{number}"),
            "submission_batch_reference": "ABBO61857139",
            "attributes": {"bank_code": "632005", "account_last4": format!("432{number}")},
        })
    });
    record(api, recorded).await?;
    let reports = [
        (1, "PAID", None, 6),
        (2, "PAID", None, 6),
        (3, "UNPAID", Some("02"), 6),
        (2, "UNPAID", Some("30"), 18),
    ];
    for (number, status, unpaid_code, after_hours) in reports {
        let at = created(number).plus_seconds(after_hours * HOUR);
        let clock = callbacks::clock_text(at, "Africa/Johannesburg")?;
        let submission = if number % 2 == 0 {
            json!({"date": clock, "code": "000000", "message": "ACCEPTED"})
        } else {
            json!({"status": status, "message": null, "bank_code": 0, "timestamp": at})
        };
        let body = json!({
            "reference": format!("GYM-{number:04}"), "collection_id": format!("collection-{number}"),
            "type": if number % 2 == 0 { "EFT" } else { "DEBICHECK" }, "amount": "500.25", "status": status,
            "unpaid_code": unpaid_code, "action_date": clock, "payment_reference": format!("FAHE0305340{number}"),
            "submissions": [submission],
        });
        callbacks::send(api, bureau, body).await?;
    }
    Ok(())
}

/// A card payment that nobody announced: the provider's report is the first that is heard of it.
async fn card(
    api: &Api,
    generic: &SampleProvider,
    merchant: &SampleMerchant,
    now: Timestamp,
) -> anyhow::Result<()> {
    let (amount, currency) =
        if merchant.time_zone.starts_with("Asia") { ("75000", "IDR") } else { ("149.99", "ZAR") };
    let body = json!({
        "transaction_reference": "WALK-IN-1", "provider_transaction_id": "card-sample-1", "status": "PAID",
        "amount": amount, "currency": currency, "method": "CREDIT_CARD", "occurred_at": now.plus_seconds(-HOUR),
        "attributes": {"brand": "VISA", "last4": "4242"},
    });
    callbacks::send(api, generic, body).await
}

async fn record(api: &Api, transactions: impl Iterator<Item = Value>) -> anyhow::Result<()> {
    let answer = api.post("/transactions", &Value::Array(transactions.collect())).await?.accepted()?;
    for result in answer.member::<Vec<Value>>("results")? {
        anyhow::ensure!(result["status_code"] == 201, "a sample payment was not recorded: {result}");
    }
    Ok(())
}

/// The merchant's provider of this type.
pub fn provider<'a>(merchant: &'a SampleMerchant, provider_type: &str) -> anyhow::Result<&'a SampleProvider> {
    let mut providers = merchant.providers.iter();
    providers
        .find(|one| one.provider_type.as_str() == provider_type)
        .with_context(|| format!("no {provider_type}"))
}
