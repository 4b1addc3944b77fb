//! Against the real store code on an in-process DynamoDB.

use std::collections::BTreeSet;

use paywarden_domain::access::Role;
use paywarden_domain::lookup::{payment_method_id, status_lookup_id};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::{Method, Status};
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        Self { stage, deps, merchant }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn get(&self, query: &str) -> Result<Answer, Problem> {
        self.get_as(&self.merchant, query).await
    }

    async fn get_as(&self, merchant: &Merchant, query: &str) -> Result<Answer, Problem> {
        let request = ApiRequest::new(lambda_http::http::Method::GET, "/transactions")
            .with_caller(&builders::caller(merchant, Role::Merchant))
            .with_query(query);
        self.answer(request).await
    }

    /// The references that a query answers on its first page, in order.
    async fn references(&self, query: &str) -> Vec<String> {
        references(&self.get(query).await.unwrap())
    }

    async fn add(&self, reference: &str, method: Method, created_at: &str) -> Transaction {
        let mut draft = builders::draft(reference);
        draft.method = method;
        let recorded = draft.into_transaction(&self.merchant, builders::at(created_at), "corr-1");
        self.stage.write(&recorded).await;
        recorded
    }

    /// Lets a provider report a status for a record.
    async fn report(&self, current: &Transaction, provider: ProviderType, status: Status, times: [&str; 2]) {
        let report = builders::report(&current.reference, status, times[0]);
        let origin = builders::origin(&self.provider(provider), times[1]);
        let next = apply(current, &report, &origin).next.unwrap();
        self.stage.write(&next).await;
    }

    fn provider(&self, provider_type: ProviderType) -> Provider {
        builders::provider(&self.merchant, provider_type)
    }

    /// Four payments of four kinds on four days in November, in Jakarta.
    async fn november(&self) {
        let qris = self.add("QRIS", Method::Qris, "2026-11-01T03:00:00Z").await;
        self.report(
            &qris,
            ProviderType::Xendit,
            Status::Paid,
            ["2026-11-02T03:00:00Z", "2026-11-03T03:00:00Z"],
        )
        .await;
        let wallet = self.add("WALLET", Method::EWallet, "2026-11-04T03:00:00Z").await;
        self.report(
            &wallet,
            ProviderType::Midtrans,
            Status::Failed,
            ["2026-11-05T03:00:00Z", "2026-11-06T03:00:00Z"],
        )
        .await;
        let payout = self.add("PAYOUT", Method::BankTransfer, "2026-11-07T03:00:00Z").await;
        self.report(
            &payout,
            ProviderType::Xendit,
            Status::Completed,
            ["2026-11-08T03:00:00Z", "2026-11-09T03:00:00Z"],
        )
        .await;
        self.add("OPEN", Method::VirtualAccount, "2026-11-10T03:00:00Z").await;
    }
}

fn references(answer: &Answer) -> Vec<String> {
    let body = answer.body_json();
    let text = |one: &serde_json::Value| one["transaction_reference"].as_str().unwrap().to_owned();
    body["transactions"].as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn the_newest_is_first_and_the_shape_is_the_records() {
    let fixture = Fixture::new().await;
    fixture.november().await;
    let answer = fixture.get("").await.unwrap();
    assert_eq!(references(&answer), ["OPEN", "PAYOUT", "WALLET", "QRIS"]);
    let stored = fixture.stage.transactions().find(&TransactionId::of(&fixture.merchant.id, "OPEN", 1)).await;
    let expected = TransactionRecord::new(&stored.unwrap().unwrap(), &fixture.merchant.zone);
    assert_eq!(answer.body_json()["transactions"][0], json!(expected));
    assert_eq!(answer.body_json()["next_cursor"], json!(null));
}

#[tokio::test]
async fn filters_combine() {
    let fixture = Fixture::new().await;
    fixture.november().await;
    let xendit = fixture.provider(ProviderType::Xendit).id;
    let midtrans = fixture.provider(ProviderType::Midtrans).id;
    let status = |status| format!("transaction_status_lookups_id={}", status_lookup_id(status));
    let method = |method| format!("payment_methods_id={}", payment_method_id(method));
    let cases: Vec<(String, &[&str])> = vec![
        // The six of the transactions API.
        (status(Status::Paid), &["QRIS"]),
        (method(Method::EWallet), &["WALLET"]),
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
        // Together.
        (format!("provider_id={xendit}&direction=send"), &["PAYOUT"]),
        (format!("{}&{}", status(Status::Paid), method(Method::EWallet)), &[]),
        ("status=PAID&status_group=failed".to_owned(), &[]),
        (
            format!("{}&charged_at_start_date=2026-11-02&charged_end_date=2026-11-02", status(Status::Paid)),
            &["QRIS"],
        ),
        ("transaction_reference=PAYOUT&status=PAID".to_owned(), &[]),
        ("transaction_reference=NOTHING".to_owned(), &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(fixture.references(&query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_day_is_a_day_on_the_merchants_clocks() {
    let fixture = Fixture::new().await;
    // 17:00 UTC is midnight in Jakarta.
    fixture.add("LATE", Method::Qris, "2026-11-01T16:59:59.999999Z").await;
    fixture.add("EARLY", Method::Qris, "2026-11-01T17:00:00Z").await;
    let day = |day: &str| format!("created_at_start_date={day}&created_at_end_date={day}");
    assert_eq!(fixture.references(&day("2026-11-01")).await, ["LATE"]);
    assert_eq!(fixture.references(&day("2026-11-02")).await, ["EARLY"]);
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
        let mut fixture = Fixture::new().await;
        fixture.stage.clock.advance_seconds(365 * 24 * 3600);
        fixture.merchant.zone = paywarden_domain::time::Zone::parse(zone).unwrap();
        let moments = [
            ("BEFORE", builders::at(first).plus_seconds(-1)),
            ("FIRST", builders::at(first)),
            ("LAST", builders::at(behind).plus_seconds(-1)),
            ("BEHIND", builders::at(behind)),
        ];
        for (reference, moment) in moments {
            fixture.add(reference, Method::Qris, &moment.to_string()).await;
        }
        let query = format!("created_at_start_date={day}&created_at_end_date={day}");
        let answer = fixture.get(&query).await.unwrap();
        assert_eq!(references(&answer), ["LAST", "FIRST"], "{zone} {day}");
        let rows = answer.body_json()["transactions"].clone();
        let shown =
            [&rows[1]["created_at"], &rows[0]["created_at"]].map(|at| at.as_str().unwrap().to_owned());
        assert_eq!(shown, [format!("{day} 00:00:00"), format!("{day} 23:59:59")], "{zone}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let fixture = Fixture::new().await;
    for number in 0..23 {
        fixture.add(&format!("{number:02}"), Method::Qris, "2026-11-01T03:00:00Z").await;
    }
    for base in ["limit=5", "limit=5&order=asc", "limit=7&method=QRIS", "limit=4&status=PENDING"] {
        let (mut seen, mut query, mut pages) = (BTreeSet::new(), base.to_owned(), 0);
        loop {
            let answer = fixture.get(&query).await.unwrap();
            let found = references(&answer);
            pages += 1;
            assert!(found.into_iter().all(|reference| seen.insert(reference)), "{base}: seen twice");
            match answer.body_json()["next_cursor"].as_str() {
                Some(cursor) => query = format!("{base}&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 23, "{base} in {pages} pages");
    }
}

#[tokio::test]
async fn every_occurrence_of_a_reference_is_listed_in_pages() {
    let fixture = Fixture::new().await;
    fixture.stage.add_transaction(&fixture.merchant, builders::draft("VA")).await;
    for occurrence in 2..=5_u32 {
        let draft = paywarden_domain::transaction::draft::Draft { occurrence, ..builders::draft("VA") };
        fixture.stage.add_further(&fixture.merchant, draft).await;
    }
    for (order, expected) in [("desc", [5, 4, 3, 2, 1]), ("asc", [1, 2, 3, 4, 5])] {
        let base = format!("transaction_reference=VA&limit=2&order={order}");
        let (mut seen, mut query) = (Vec::new(), base.clone());
        loop {
            let body = fixture.get(&query).await.unwrap().body_json();
            let numbers = body["transactions"].as_array().unwrap().iter();
            seen.extend(numbers.map(|one| one["occurrence"].as_u64().unwrap()));
            match body["next_cursor"].as_str() {
                Some(cursor) => query = format!("{base}&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen, expected, "{order}");
    }
}

#[tokio::test]
async fn a_cursor_fits_its_merchant_filters_and_order_and_any_limit() {
    let fixture = Fixture::new().await;
    fixture.november().await;
    let first = fixture.get("limit=1&status_group=success").await.unwrap().body_json();
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(fixture.references(&format!("limit=50&status_group=success&cursor={cursor}")).await, ["QRIS"]);
    for query in ["limit=1", "status_group=failed", "status_group=success&order=asc", "status=PAID"] {
        let problem = fixture.get(&format!("{query}&cursor={cursor}")).await.unwrap_err();
        assert_eq!((problem.status(), problem.error_json("r")["parameter"].clone()), (400, json!("cursor")));
    }
    let other = fixture.stage.add_merchant("other").await;
    assert!(fixture.get_as(&other, &format!("status_group=success&cursor={cursor}")).await.is_err());
}

#[tokio::test]
async fn a_payment_is_stuck_when_it_is_open_longer_than_its_method_normally_is() {
    let fixture = Fixture::new().await;
    // The clock shows 08:00: a QR code is normally paid within an hour, a virtual account within 26.
    fixture.add("QR-OLD", Method::Qris, "2026-11-20T06:59:59Z").await;
    fixture.add("QR-NEW", Method::Qris, "2026-11-20T07:00:00Z").await;
    fixture.add("VA-OLD", Method::VirtualAccount, "2026-11-19T05:59:59Z").await;
    fixture.add("VA-NEW", Method::VirtualAccount, "2026-11-19T06:00:00Z").await;
    assert_eq!(fixture.references("stuck=true").await, ["QR-OLD", "VA-OLD"]);
    fixture.stage.clock.advance_seconds(1);
    assert_eq!(fixture.references("stuck=true").await, ["QR-NEW", "QR-OLD", "VA-NEW", "VA-OLD"]);
}

async fn get_csv(fixture: &Fixture, query: &str) -> Answer {
    let mut request = ApiRequest::new(lambda_http::http::Method::GET, "/transactions")
        .with_caller(&builders::caller(&fixture.merchant, Role::Finance))
        .with_query(query);
    request.headers.insert("accept", "text/csv".parse().unwrap());
    fixture.answer(request).await.unwrap()
}

#[tokio::test]
async fn the_same_rows_as_csv() {
    let fixture = Fixture::new().await;
    let mut draft = builders::draft("=HYPERLINK(1)");
    draft.merchant_fields.metadata = builders::object(json!({"table": 7}));
    let recorded = fixture.stage.add_transaction(&fixture.merchant, draft).await;
    let answer = get_csv(&fixture, "").await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8; header=present");
    let (header, row) = answer.body.trim_end().split_once('\n').unwrap();
    assert_eq!(header, TransactionRecord::MEMBERS.join(","));
    assert!(row.starts_with(&format!("{},2026-11-20 15:00:00,,,", recorded.id)), "{row}");
    for part in [",'=HYPERLINK(1),", ",\"{\"\"table\"\":7}\",", ",10000,"] {
        assert!(row.contains(part), "{part} is not in {row}");
    }
    assert!(!answer.headers.contains_key("x-next-cursor"));
}

#[tokio::test]
async fn csv_goes_on_behind_its_bound_with_a_cursor_in_a_header() {
    let fixture = Fixture::new().await;
    for number in 0..30 {
        fixture.add(&format!("INV{number:02}"), Method::Qris, "2026-11-01T03:00:00Z").await;
    }
    let lines = |answer: &Answer| answer.body.lines().count() - 1;
    let first = get_csv(&fixture, "limit=20&method=QRIS").await;
    assert_eq!(lines(&first), 20);
    let cursor = first.headers["x-next-cursor"].to_str().unwrap();
    let second = get_csv(&fixture, &format!("limit=20&method=QRIS&cursor={cursor}")).await;
    assert_eq!((lines(&second), second.headers.contains_key("x-next-cursor")), (10, false));
    assert_eq!(lines(&get_csv(&fixture, "").await), 30, "without a limit as much as an answer carries");
    // The cursor is the same as JSON's.
    assert_eq!(fixture.references(&format!("method=QRIS&cursor={cursor}")).await.len(), 10);
}

#[tokio::test]
async fn merchants_see_their_own_transactions_only() {
    let fixture = Fixture::new().await;
    fixture.november().await;
    let other = fixture.stage.add_merchant("other").await;
    for query in
        ["", "status_group=success", "transaction_reference=QRIS", "charged_at_start_date=2026-01-01"]
    {
        assert!(references(&fixture.get_as(&other, query).await.unwrap()).is_empty(), "{query}");
    }
}

#[tokio::test]
async fn a_page_of_fifty_plain_records_costs_at_most_thirteen_units() {
    let fixture = Fixture::new().await;
    for number in 0..60 {
        fixture.add(&format!("INV{number:04}"), Method::Qris, "2026-11-01T03:00:00Z").await;
    }
    fixture.deps.merchants.get(&fixture.merchant.id).await.unwrap();
    let query = "limit=50&created_at_start_date=2026-10-01";
    let caller = builders::caller(&fixture.merchant, Role::Merchant);
    let request = ApiRequest::new(lambda_http::http::Method::GET, "/transactions").with_query(query);
    let request = request.with_caller(&caller);
    let _ = fixture.stage.dynamo.take_consumed();
    let query = QueryReader::new(&request.query, filters::PARAMETERS).unwrap();
    let asked = filters::read(&query, &caller.zone).unwrap();
    let page = find(&fixture.deps, &caller, &asked, 50, None).await.unwrap();
    let consumed = fixture.stage.dynamo.take_consumed();
    assert_eq!((page.transactions.len(), consumed.operations), (50, 1));
    assert!(consumed.tenths <= 130, "{} tenths of a unit", consumed.tenths);
}

#[tokio::test]
async fn bad_parameters_are_named_with_what_was_expected() {
    let fixture = Fixture::new().await;
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
        ("reference=%0A", 400, "reference", "printable"),
        ("transaction_status_lookups_id=loo_none", 422, "transaction_status_lookups_id", "(PAID)"),
        ("payment_methods_id=pam_none", 422, "payment_methods_id", "(QRIS)"),
        ("provider_id=none", 422, "provider_id", "prv_"),
        ("transaction_reference=%0A", 400, "transaction_reference", "printable"),
    ];
    for (query, status, parameter, expected) in cases {
        let problem = fixture.get(query).await.unwrap_err();
        assert_eq!(problem.status(), status, "{query}");
        assert_eq!(problem.error_json("r")["parameter"], parameter, "{query}");
        assert!(problem.message().contains(expected), "{query}: {}", problem.message());
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0045")).await;
    let expected = events::statuses(&[
        ("first-page", 200),
        ("by-reference", 200),
        ("paid-in-november", 200),
        ("impossible-date", 400),
        ("unknown-parameter", 400),
        ("unknown-status", 422),
        ("nobody", 401),
    ]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
