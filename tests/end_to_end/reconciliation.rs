//! The finance view over what really moved.

use paywarden_api_client::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::stack::{Api, Stack, call_back, eventually, send, unique, xendit_qr_paid};

#[tokio::test]
async fn a_payment_shows_up_with_its_fee_and_tax_and_totals_are_the_sums_of_the_rows() {
    let stack = Stack::read();
    let (merchant, reference) = (stack.jakarta(), unique("FIN"));
    let (api, xendit) = (stack.sign_in(merchant, "admin").await, merchant.provider("xendit"));
    api.record_qris(&reference).await;
    let body = xendit_qr_paid(&reference, &unique("qrpy"));
    call_back(xendit, &xendit.credentials["callback_token"], &unique("corr"), &body).await;
    api.record_when(&reference, |record| record["status"] == "PAID").await;
    // Xendit's sample callbacks are paid on this day; this method and provider are asked for to keep other tests out.
    let path = format!("/reconciliation?start_date=2026-11-20&end_date=2026-11-20&provider_id={}", xendit.id);
    let rows = eventually("the payment's rows", async || {
        let rows = all_rows(&api, &path).await;
        let own: Vec<Value> =
            rows.iter().filter(|row| row["order_id"] == reference.as_str()).cloned().collect();
        (!own.is_empty()).then_some(own)
    })
    .await;
    let shown: Vec<_> =
        rows.iter().map(|row| (row["transaction_type"].clone(), row["amount"].clone())).collect();
    // 0.7 % and 11 % VAT on it, cut to the full rupiah.
    assert_eq!(
        shown,
        [(json!("Transfer"), json!(10000)), (json!("Fee"), json!(70)), (json!("Tax"), json!(7))]
    );
    let foreign = stack.sign_in(stack.merchant("Africa/Johannesburg"), "finance").await;
    assert_eq!(foreign.get(&path).await.expect(200)["rows"], json!([]));
}

async fn all_rows(api: &Api, path: &str) -> Vec<Value> {
    api.all(&format!("{path}&limit=100"), "rows").await
}

/// Days that no test pays on, so that nothing moves while they are compared.
#[tokio::test]
async fn the_totals_of_the_sample_days_are_the_sums_of_their_rows() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.merchant("Africa/Johannesburg"), "finance").await;
    let path = "/reconciliation?start_date=2026-01-01&end_date=2026-12-31";
    eventually("totals and rows to agree", async || {
        let rows = all_rows(&api, path).await;
        let totals = api.get(path).await.expect(200)["totals"].clone();
        let sum = |side: &str| -> Decimal {
            let own = rows.iter().filter(|row| row["direction"] == side);
            own.map(|row| row["amount"].to_string().parse::<Decimal>().unwrap()).sum()
        };
        let number = |name: &str| totals[0][name].to_string().parse::<Decimal>().unwrap_or_default();
        let agree = (sum("debit"), sum("credit")) == (number("debit"), number("credit"));
        (agree && totals[0]["count"] == json!(rows.len())).then_some(())
    })
    .await;
    let request = api.request(Method::GET, path).await.header("accept", "text/csv");
    let table = send(request).await;
    assert!(table.text.starts_with("transaction_id,order_id,"), "{}", table.text);
}
