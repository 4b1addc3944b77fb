//! Against the real store code on an in-process DynamoDB.

use std::collections::BTreeSet;

use paywarden_domain::access::Role;
use paywarden_domain::id::{ProviderId, TransactionId};
use paywarden_domain::lookup::{payment_method_id, status_lookup_id};
use paywarden_domain::money::{Currency, Money};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::{Method, Status};
use paywarden_store::transactions::{Bind, Binding, Write};
use paywarden_testing::{TestDoor, builders};
use serde_json::Value;

use super::*;
use crate::DOOR;

mod csv;
mod named;

async fn open() -> TestDoor<Deps> {
    TestDoor::open(DOOR, Deps::of, handle).await
}

async fn add(door: &TestDoor<Deps>, reference: &str, method: Method, created_at: &str) -> Transaction {
    let mut draft = builders::draft(reference);
    draft.method = method;
    let recorded = draft.into_transaction(&door.merchant, builders::at(created_at), "corr-1");
    door.stage.write(&recorded).await;
    recorded
}

/// Lets a provider report a status for a record, at one time, and be heard at another.
async fn report(
    door: &TestDoor<Deps>,
    current: &Transaction,
    (provider, status): (ProviderType, Status),
    [at, heard_at]: [&str; 2],
) {
    let report = builders::report(&current.reference, status, at);
    let origin = builders::origin(&builders::provider(&door.merchant, provider), heard_at);
    let next = apply(current, &report, &origin).next.unwrap();
    door.stage.write(&next).await;
}

/// Four payments of four kinds on four days in November, in Jakarta.
async fn november(door: &TestDoor<Deps>) {
    let qris = add(door, "QRIS", Method::Qris, "2026-11-01T03:00:00Z").await;
    let paid = (ProviderType::Xendit, Status::Paid);
    report(door, &qris, paid, ["2026-11-02T03:00:00Z", "2026-11-03T03:00:00Z"]).await;
    let wallet = add(door, "WALLET", Method::EWallet, "2026-11-04T03:00:00Z").await;
    let failed = (ProviderType::Midtrans, Status::Failed);
    report(door, &wallet, failed, ["2026-11-05T03:00:00Z", "2026-11-06T03:00:00Z"]).await;
    let payout = add(door, "PAYOUT", Method::BankTransfer, "2026-11-07T03:00:00Z").await;
    let completed = (ProviderType::Xendit, Status::Completed);
    report(door, &payout, completed, ["2026-11-08T03:00:00Z", "2026-11-09T03:00:00Z"]).await;
    add(door, "OPEN", Method::VirtualAccount, "2026-11-10T03:00:00Z").await;
}

fn asking(door: &TestDoor<Deps>, query: &str) -> ApiRequest {
    door.request(Role::Merchant).with_query(query)
}

/// The references on a page, in order.
fn references(page: &Value) -> Vec<&str> {
    let transactions = page["transactions"].as_array().unwrap().iter();
    transactions.map(|one| one["transaction_reference"].as_str().unwrap()).collect()
}

/// The references that a query answers on its first page.
async fn found(door: &TestDoor<Deps>, query: &str) -> Vec<String> {
    references(&door.body(asking(door, query)).await).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_newest_is_first_and_the_shape_is_the_records() {
    let door = open().await;
    november(&door).await;
    let page = door.body(asking(&door, "")).await;
    assert_eq!(references(&page), ["OPEN", "PAYOUT", "WALLET", "QRIS"]);
    let stored = door.stage.transactions().find(&TransactionId::of(&door.merchant.id, "OPEN", 1)).await;
    let expected = TransactionRecord::new(&stored.unwrap().unwrap(), &door.merchant.zone);
    assert_eq!((&page["transactions"][0], &page["next_cursor"]), (&json!(expected), &json!(null)));
}

/// A query, and the references that it finds.
type Found = (String, &'static [&'static str]);

fn by_status(status: Status) -> String {
    format!("transaction_status_lookups_id={}", status_lookup_id(status))
}

fn by_method(method: Method) -> String {
    format!("payment_methods_id={}", payment_method_id(method))
}

fn found_by_one(xendit: &ProviderId, midtrans: &ProviderId) -> Vec<Found> {
    vec![
        // The six of the transactions API.
        (by_status(Status::Paid), &["QRIS"]),
        (by_method(Method::EWallet), &["WALLET"]),
        ("charged_at_start_date=2026-11-03".to_owned(), &["PAYOUT"]),
        ("charged_end_date=2026-11-02".to_owned(), &["QRIS"]),
        ("status_changed_at_start_date=2026-11-06".to_owned(), &["OPEN", "PAYOUT", "WALLET"]),
        ("status_changed_at_end_date=2026-11-06".to_owned(), &["WALLET", "QRIS"]),
        // Ours.
        ("direction=send".to_owned(), &["PAYOUT"]),
        ("direction=receive".to_owned(), &["OPEN", "WALLET", "QRIS"]),
        (format!("provider_id={xendit}"), &["PAYOUT", "QRIS"]),
        (format!("provider_id={xendit},{midtrans}"), &["PAYOUT", "WALLET", "QRIS"]),
        ("method=QRIS,EWALLET".to_owned(), &["WALLET", "QRIS"]),
        ("method=QRIS&method=EWALLET".to_owned(), &["WALLET", "QRIS"]),
        ("status=PENDING".to_owned(), &["OPEN"]),
        ("status_group=success".to_owned(), &["PAYOUT", "QRIS"]),
        ("status_group=processing&status_group=failed".to_owned(), &["OPEN", "WALLET"]),
        ("created_at_start_date=2026-11-04&created_at_end_date=2026-11-07".to_owned(), &["PAYOUT", "WALLET"]),
        (
            "created_at_start_date=2026-11-04%2010:00:00&created_at_end_date=2026-11-04T03:00:00Z".to_owned(),
            &["WALLET"],
        ),
        ("transaction_reference=PAYOUT".to_owned(), &["PAYOUT"]),
        ("order=asc".to_owned(), &["QRIS", "WALLET", "PAYOUT", "OPEN"]),
        ("reference=PAY".to_owned(), &["PAYOUT"]),
        ("reference=pay".to_owned(), &[]),
        ("stuck=true".to_owned(), &["OPEN"]),
        ("stuck=false&order=asc".to_owned(), &["QRIS", "WALLET", "PAYOUT", "OPEN"]),
        ("stuck=true&status_group=failed".to_owned(), &[]),
    ]
}

fn found_by_several(xendit: &ProviderId) -> Vec<Found> {
    vec![
        (format!("provider_id={xendit}&direction=send"), &["PAYOUT"]),
        (format!("{}&{}", by_status(Status::Paid), by_method(Method::EWallet)), &[]),
        ("status=PAID&status_group=failed".to_owned(), &[]),
        (
            format!(
                "{}&charged_at_start_date=2026-11-02&charged_end_date=2026-11-02",
                by_status(Status::Paid)
            ),
            &["QRIS"],
        ),
        ("transaction_reference=PAYOUT&status=PAID".to_owned(), &[]),
        ("transaction_reference=NOTHING".to_owned(), &[]),
    ]
}

#[tokio::test]
async fn filters_combine() {
    let door = open().await;
    november(&door).await;
    let [xendit, midtrans] = [ProviderType::Xendit, ProviderType::Midtrans]
        .map(|provider_type| builders::provider(&door.merchant, provider_type).id);
    for (query, expected) in [found_by_one(&xendit, &midtrans), found_by_several(&xendit)].concat() {
        assert_eq!(found(&door, &query).await, expected, "{query}");
    }
}

/// Three payments of different customers, amounts and destinations; the last one was paid with another amount than it is of.
async fn customers(door: &TestDoor<Deps>) {
    let rows = [
        ("SMALL", "cus_a", "0.5", Currency::ZAR, "DANA"),
        ("MIDDLE", "cus_b", "100", Currency::IDR, "DANA "),
        ("LARGE", "cus_a", "1000.25", Currency::IDR, "OVO"),
    ];
    for (hour, (reference, customer, amount, currency, destination)) in rows.into_iter().enumerate() {
        let mut draft = builders::draft(reference);
        draft.money = Money::parse_payment(amount, currency).unwrap();
        draft.merchant_fields.customers_id = Some(customer.to_owned());
        draft.merchant_fields.destination = Some(destination.to_owned());
        let created_at = builders::at(&format!("2026-11-01T0{hour}:00:00Z"));
        let recorded = draft.into_transaction(&door.merchant, created_at, "corr-1");
        door.stage.write(&recorded).await;
        if reference == "LARGE" {
            let paid = (ProviderType::Xendit, Status::Paid);
            report(door, &recorded, paid, ["2026-11-02T03:00:00Z", "2026-11-03T03:00:00Z"]).await;
        }
    }
}

#[tokio::test]
async fn amounts_customers_destinations_and_what_is_held_are_filters() {
    let door = open().await;
    customers(&door).await;
    let cases: [(&str, &[&str]); 18] = [
        ("amount_min=100", &["LARGE", "MIDDLE"]),
        ("amount_min=100.01", &["LARGE"]),
        ("amount_max=100.00", &["MIDDLE", "SMALL"]),
        ("amount_max=99.99", &["SMALL"]),
        ("amount_min=1000.25&amount_max=1000.25", &["LARGE"]),
        ("amount_min=0&amount_max=0", &[]),
        ("amount_max=1e2", &["MIDDLE", "SMALL"]),
        ("customers_id=cus_a", &["LARGE", "SMALL"]),
        ("customers_id=cus", &[]),
        ("destination=DANA", &["SMALL"]),
        ("destination=dana", &[]),
        ("held=true", &["LARGE"]),
        ("held=false", &["MIDDLE", "SMALL"]),
        // Together, and where other indexes are read.
        ("customers_id=cus_a&amount_min=1&destination=OVO&held=true", &["LARGE"]),
        ("customers_id=cus_b&held=true", &[]),
        ("status=PENDING&held=true&direction=receive", &["LARGE"]),
        ("status=PENDING&amount_max=1", &["SMALL"]),
        ("transaction_reference=LARGE&held=false", &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&door, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_day_is_a_day_on_the_merchants_clocks() {
    let door = open().await;
    // 17:00 UTC is midnight in Jakarta.
    add(&door, "LATE", Method::Qris, "2026-11-01T16:59:59.999999Z").await;
    add(&door, "EARLY", Method::Qris, "2026-11-01T17:00:00Z").await;
    let day = |day: &str| format!("created_at_start_date={day}&created_at_end_date={day}");
    assert_eq!(found(&door, &day("2026-11-01")).await, ["LATE"]);
    assert_eq!(found(&door, &day("2026-11-02")).await, ["EARLY"]);
}

#[tokio::test]
async fn days_and_months_begin_and_end_on_the_merchants_clocks_whatever_they_do() {
    // Zone, day, its first instant, and the first instant behind it: 24, 23 and 25 hours, a leap day, a month's end.
    let cases = [
        ("Asia/Jakarta", "2024-02-29", "2024-02-28T17:00:00Z", "2024-02-29T17:00:00Z"),
        ("Africa/Johannesburg", "2026-12-31", "2026-12-30T22:00:00Z", "2026-12-31T22:00:00Z"),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
        ("America/New_York", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
        ("Europe/London", "2026-03-29", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"),
        ("Europe/London", "2026-10-25", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z"),
    ];
    for (zone, day, first, behind) in cases {
        let mut door = open().await;
        door.stage.clock.advance_seconds(365 * 24 * 3600);
        door.merchant.zone = paywarden_domain::time::Zone::parse(zone).unwrap();
        let moments = [
            ("BEFORE", builders::at(first).plus_seconds(-1)),
            ("FIRST", builders::at(first)),
            ("LAST", builders::at(behind).plus_seconds(-1)),
            ("BEHIND", builders::at(behind)),
        ];
        for (reference, moment) in moments {
            add(&door, reference, Method::Qris, &moment.to_string()).await;
        }
        let query = format!("created_at_start_date={day}&created_at_end_date={day}");
        let page = door.body(asking(&door, &query)).await;
        assert_eq!(references(&page), ["LAST", "FIRST"], "{zone} {day}");
        let rows = &page["transactions"];
        let shown =
            [&rows[1]["created_at"], &rows[0]["created_at"]].map(|at| at.as_str().unwrap().to_owned());
        assert_eq!(shown, [format!("{day} 00:00:00"), format!("{day} 23:59:59")], "{zone}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let door = open().await;
    for number in 0..23 {
        add(&door, &format!("{number:02}"), Method::Qris, "2026-11-01T03:00:00Z").await;
    }
    for base in ["limit=5", "limit=5&order=asc", "limit=7&method=QRIS", "limit=4&status=PENDING"] {
        let pages = door.pages(asking(&door, base)).await;
        let mut seen = BTreeSet::new();
        assert!(
            pages.iter().flat_map(references).all(|reference| seen.insert(reference)),
            "{base}: seen twice"
        );
        assert_eq!(seen.len(), 23, "{base} in {} pages", pages.len());
    }
}

#[tokio::test]
async fn a_cursor_fits_its_merchant_filters_and_order_and_any_limit() {
    let door = open().await;
    november(&door).await;
    let first = door.body(asking(&door, "limit=1&status_group=success")).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(found(&door, &format!("limit=50&status_group=success&cursor={cursor}")).await, ["QRIS"]);
    let others = [
        "limit=1",
        "status_group=failed",
        "status_group=success&order=asc",
        "status=PAID",
        "status_group=success&held=false",
        "status_group=success&amount_min=0",
        "status_group=success&amount_max=99999999",
        "status_group=success&customers_id=c",
        "status_group=success&destination=d",
        "status_group=success&provider_transaction_id=p",
    ];
    for query in others {
        let refused = door.refused_parameter(asking(&door, &format!("{query}&cursor={cursor}"))).await;
        assert_eq!(refused, (400, "cursor".to_owned()));
    }
    let foreign = door.foreign_caller(Role::Merchant).await;
    let request = asking(&door, &format!("status_group=success&cursor={cursor}")).with_caller(&foreign);
    assert!(door.answer(request).await.is_err());
}

#[tokio::test]
async fn a_payment_is_stuck_when_it_is_open_longer_than_its_method_normally_is() {
    let door = open().await;
    // The clock shows 08:00: a QR code is normally paid within an hour, a virtual account within 26.
    add(&door, "QR-OLD", Method::Qris, "2026-11-20T06:59:59Z").await;
    add(&door, "QR-NEW", Method::Qris, "2026-11-20T07:00:00Z").await;
    add(&door, "VA-OLD", Method::VirtualAccount, "2026-11-19T05:59:59Z").await;
    add(&door, "VA-NEW", Method::VirtualAccount, "2026-11-19T06:00:00Z").await;
    assert_eq!(found(&door, "stuck=true").await, ["QR-OLD", "VA-OLD"]);
    door.stage.clock.advance_seconds(1);
    assert_eq!(found(&door, "stuck=true").await, ["QR-NEW", "QR-OLD", "VA-NEW", "VA-OLD"]);
}

/// A wallet's payments may take longer with one merchant than with another.
#[tokio::test]
async fn a_merchant_says_when_its_payments_are_stuck() {
    let door = open().await;
    let merchant = door.stage.merchants().find_latest(&door.merchant.id).await.unwrap().unwrap();
    let limits = json!({"stuck_after_seconds": {"QRIS": 7200}});
    let changed = merchant.with_changes(&limits).unwrap().changed(door.stage.clock().now());
    door.stage.merchants().replace(&changed, merchant.version).await.unwrap();
    add(&door, "QR-OLD", Method::Qris, "2026-11-20T05:59:59Z").await;
    add(&door, "QR-NEW", Method::Qris, "2026-11-20T06:59:59Z").await;
    add(&door, "VA-OLD", Method::VirtualAccount, "2026-11-19T05:59:59Z").await;
    assert_eq!(found(&door, "stuck=true").await, ["QR-OLD", "VA-OLD"]);
    assert_eq!(found(&door, "stuck=true&transaction_reference=QR-OLD").await, ["QR-OLD"]);
    assert_eq!(found(&door, "stuck=true&transaction_reference=QR-NEW").await, Vec::<String>::new());
}

#[tokio::test]
async fn merchants_see_their_own_transactions_only() {
    let door = open().await;
    november(&door).await;
    let foreign = door.foreign_caller(Role::Merchant).await;
    for query in
        ["", "status_group=success", "transaction_reference=QRIS", "charged_at_start_date=2026-01-01"]
    {
        let page = door.body(asking(&door, query).with_caller(&foreign)).await;
        assert!(references(&page).is_empty(), "{query}");
    }
}

#[tokio::test]
async fn a_page_of_fifty_plain_records_costs_at_most_thirteen_units() {
    let door = open().await;
    for number in 0..60 {
        add(&door, &format!("INV{number:04}"), Method::Qris, "2026-11-01T03:00:00Z").await;
    }
    door.deps.merchants.get(&door.merchant.id).await.unwrap();
    let caller = door.caller(Role::Merchant);
    // Of one direction, one query; of both, a look at each and then the rest of the page.
    for (direction, queries) in [("&direction=receive", 1), ("", 3)] {
        let request = asking(&door, &format!("limit=50&created_at_start_date=2026-10-01{direction}"));
        let _ = door.stage.dynamo.take_consumed();
        let query = QueryReader::new(&request.query, filters::PARAMETERS).unwrap();
        let asked = filters::read(&query, &caller.zone).unwrap();
        let page = find(door.deps, &caller, &asked, 50, None).await.unwrap();
        let consumed = door.stage.dynamo.take_consumed();
        assert_eq!((page.transactions.len(), consumed.operations), (50, queries));
        assert!(consumed.tenths <= 130, "{} tenths of a unit", consumed.tenths);
    }
}

#[tokio::test]
async fn bad_parameters_are_named_with_what_was_expected() {
    let door = open().await;
    let cases = [
        ("statsu=PAID", 400, "statsu", "unknown parameter"),
        ("charged_end_date=2026-02-30", 400, "charged_end_date", "YYYY-MM-DD"),
        ("charged_at_start_date=yesterday", 400, "charged_at_start_date", "YYYY-MM-DD"),
        ("created_at_start_date=2026-W01-1", 400, "created_at_start_date", "YYYY-MM-DD"),
        (
            "created_at_start_date=2026-11-02&created_at_end_date=2026-11-01",
            400,
            "created_at_start_date",
            "before created_at_end_date",
        ),
        ("limit=0", 400, "limit", "from 1 to 100"),
        ("limit=101", 400, "limit", "from 1 to 100"),
        ("cursor=AAAA", 400, "cursor", "a cursor that this list gave"),
        ("order=asc&order=desc", 400, "order", "one value"),
        ("order=sideways", 422, "order", "one of desc, asc"),
        ("status=LOST", 422, "status", "PENDING, PROCESSING, PAID"),
        ("status_group=lost", 422, "status_group", "processing, success, failed"),
        ("method=CASH", 422, "method", "QRIS"),
        ("direction=up", 422, "direction", "send, receive"),
        ("stuck=maybe", 422, "stuck", "true, false"),
        ("held=1", 422, "held", "true, false"),
        ("amount_min=much", 400, "amount_min", "decimal number"),
        ("amount_min=-1", 400, "amount_min", "from 0"),
        ("amount_max=1,5", 400, "amount_max", "decimal number"),
        ("amount_max=NaN", 400, "amount_max", "decimal number"),
        ("amount_min=2&amount_max=1.99", 400, "amount_min", "not above amount_max"),
        ("customers_id=%0A", 400, "customers_id", "1 to 32 printable"),
        ("customers_id=123456789012345678901234567890123", 400, "customers_id", "1 to 32 printable"),
        ("destination=a%00", 400, "destination", "1 to 512 printable"),
        ("provider_transaction_id=%09", 400, "provider_transaction_id", "1 to 128 printable"),
        ("reference=%0A", 400, "reference", "printable"),
        ("transaction_status_lookups_id=loo_none", 422, "transaction_status_lookups_id", "(PAID)"),
        ("payment_methods_id=pam_none", 422, "payment_methods_id", "(QRIS)"),
        ("provider_id=none", 422, "provider_id", "prv_"),
        ("transaction_reference=%0A", 400, "transaction_reference", "printable"),
    ];
    for (query, status, parameter, expected) in cases {
        let problem = door.refusal(asking(&door, query)).await;
        assert_eq!(problem.status(), status, "{query}");
        assert_eq!(problem.error_json("r")["parameter"], parameter, "{query}");
        assert!(problem.message().contains(expected), "{query}: {}", problem.message());
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let door = open().await;
    door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let expected = [
        ("first-page", 200),
        ("by-reference", 200),
        ("paid-in-november", 200),
        ("impossible-date", 400),
        ("unknown-parameter", 400),
        ("unknown-status", 422),
        ("nobody", 401),
    ];
    door.samples_are_answered(&expected).await;
}
