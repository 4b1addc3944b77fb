use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use super::samples;
use crate::testing::Console;
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, PROVIDER, TRANSACTION, with};

fn totals(currency: &str) -> Value {
    json!({"currency": currency, "debit": 5355, "credit": 546500.5, "net": 541145.5, "fee": -4825, "tax": 530, "count": 9})
}

fn row(kind: &str, direction: &str) -> Value {
    json!({
        "transaction_id": TRANSACTION, "order_id": "INV-1", "provider_name": "Midtrans", "method": "VIRTUAL_ACCOUNT",
        "status": "PAID", "created_at": "2026-11-18 10:00:00", "updated_at": "2026-11-18 10:05:00",
        "paid_at": "2026-11-18 10:04:00", "expired_at": "2026-11-19 10:00:00", "transaction_type": kind,
        "direction": direction, "amount": 75000, "currency": "IDR", "provider_id": PROVIDER, "date": "2026-11-18",
        "moved_at": "2026-11-18 10:04:00",
    })
}

fn finance() -> Value {
    json!({
        "status": true, "start_date": "2026-11-01", "end_date": "2026-11-20", "time_zone": "Asia/Jakarta",
        "totals": [totals("IDR")], "days": [with(totals("IDR"), &json!({"date": "2026-11-18"}))], "groups": null,
        "rows": [row("Transfer", "credit"), row("Fee", "debit"), row("Tax", "debit")], "next_cursor": null,
    })
}

fn console(finance: Value) -> Console {
    let console = Console::open();
    samples::has_provider(&console);
    console.shows("/reconciliation", finance);
    console
}

#[tokio::test]
async fn it_shows_what_the_specification_names() {
    let console = console(finance());
    let seen = console.get("/reconciliation", Role::Finance).await;
    seen.is(200).has("Totals from 2026-11-01 through 2026-11-20");
    seen.has("Debit: sent out").has("5,355 <abbr>IDR</abbr>");
    seen.has("Credit: received").has("546,500.5 <abbr>IDR</abbr>").has("−4,825 <abbr>IDR</abbr>");
    for column in [
        "Transaction and order",
        "Transaction type",
        "Direction",
        "Provider",
        "Method",
        "Status",
        "Created",
        "Updated",
        "Paid",
        "Expired",
    ] {
        seen.has(&format!(">{column}</th>"));
    }
    seen.has(">Transfer</td>").has(">Fee</td>").has(">Tax</td>").has(">credit</td>").has(">debit</td>");
    seen.has(&format!("href=\"/v1/console/transactions/{TRANSACTION}\"")).has("<code>INV-1</code>");
    for moment in ["10:00:00 +07:00", "10:05:00 +07:00", "10:04:00 +07:00", "2026-11-19T10:00:00+07:00"] {
        seen.has(moment);
    }
    seen.has("href=\"/v1/console/reconciliation/fees?month=2026-11\"");
    let mut made = console.made_lines();
    made.sort();
    assert_eq!(made, ["GET /providers?limit=100", "GET /reconciliation?limit=50"], "a view is two requests");
}

#[tokio::test]
async fn a_click_on_a_day_or_a_group_filters() {
    let groups =
        json!([{"group": PROVIDER, "totals": [totals("IDR")]}, {"group": null, "totals": [totals("IDR")]}]);
    let console = console(with(finance(), &json!({"groups": groups})));
    let seen = console.get("/reconciliation?method=QRIS&group_by=provider&cursor=abc", Role::Finance).await;
    seen.has("<a href=\"/v1/console/reconciliation?method=QRIS&#38;group_by=provider&#38;start_date=2026-11-18&#38;end_date=2026-11-18\"><title>2026-11-18 IDR: debit 5,355, credit 546,500.5</title>");
    seen.has(&format!(
        "<a href=\"/v1/console/reconciliation?method=QRIS&#38;provider_id={PROVIDER}\">Midtrans</a>"
    ));
    seen.has("No provider known").has("href=\"/v1/console/reconciliation?method=QRIS&#38;group_by=day\"");
    assert!(
        console
            .made_lines()
            .contains(&"GET /reconciliation?limit=50&group_by=provider&cursor=abc&method=QRIS".to_owned())
    );
}

#[tokio::test]
async fn filters_are_the_apis_and_stay() {
    let console = console(finance());
    let path = format!(
        "/reconciliation?start_date=2026-11-01&end_date=2026-11-18&provider_id={PROVIDER}&status=PAID"
    );
    let seen = console.get(&path, Role::Finance).await;
    seen.has("value=\"2026-11-01\"").has("<option value=\"PAID\" selected>");
    let made = console.made_lines();
    let asked = format!(
        "GET /reconciliation?limit=50&start_date=2026-11-01&end_date=2026-11-18&provider_id={PROVIDER}&status=PAID"
    );
    assert!(made.contains(&asked), "{made:?}");
}

#[tokio::test]
async fn two_currencies_are_never_on_one_scale() {
    let days = json!([
        with(totals("IDR"), &json!({"date": "2026-11-18"})),
        with(totals("ZAR"), &json!({"date": "2026-11-18"}))
    ]);
    let both = json!({"totals": [totals("IDR"), totals("ZAR")], "days": days});
    let seen = console(with(finance(), &both)).get("/reconciliation", Role::Admin).await;
    seen.has("Days in IDR").has("Days in ZAR");
    assert_eq!(seen.text.matches("<svg").count(), 2);
}

#[tokio::test]
async fn the_view_as_csv_knows_no_groups() {
    let console = console(finance());
    console.says(Method::GET, "/reconciliation", 200, "text/csv", "transaction_id\n".to_owned());
    let seen = console.get("/reconciliation?status=PAID&group_by=day&format=csv", Role::Finance).await;
    assert_eq!(seen.headers["content-disposition"], "attachment; filename=\"reconciliation-2026-11-20.csv\"");
    assert_eq!(console.made()[0].path, "/reconciliation?status=PAID");
}

#[tokio::test]
async fn what_fails_leaves_the_filters() {
    let console = console(finance());
    console
        .refuses(Method::GET, "/reconciliation", 400, Some("start_date"))
        .is_silent(Method::GET, "/providers");
    let seen = console.get("/reconciliation?start_date=soon", Role::Finance).await;
    seen.is(200).has("start_date: expected something else").has("value=\"soon\"");
    console.is_silent(Method::GET, "/reconciliation");
    console
        .get("/reconciliation", Role::Finance)
        .await
        .is(200)
        .has("The API has no answer now.")
        .has("First day");
}

#[tokio::test]
async fn text_from_outside_is_text() {
    let hostile = json!({"order_id": HOSTILE, "provider_name": HOSTILE, "method": HOSTILE, "transaction_type": HOSTILE,
        "transaction_id": HOSTILE, "status": HOSTILE});
    let console = console(finance());
    let body = with(finance(), &json!({"rows": [with(row("Fee", "debit"), &hostile)], "end_date": HOSTILE}));
    console.says(Method::GET, "/reconciliation", 200, "application/json", body.to_string());
    console.get("/reconciliation", Role::Finance).await.is(200).has(HOSTILE_SHOWN).lacks("<script>alert");
}

#[tokio::test]
async fn it_is_for_finance() {
    for role in [Role::Merchant, Role::Operations, Role::Engineering] {
        let console = console(finance());
        console.get("/reconciliation", role).await.is(403).has("reconciliation:read");
        assert!(console.made().is_empty());
    }
    console(finance()).get("/reconciliation/elsewhere", Role::Finance).await.is(404);
}
