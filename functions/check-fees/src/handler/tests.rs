//! Against the real store code on an in-process DynamoDB. What runs count, the tests of reconciliation hold to statements.

use std::collections::BTreeSet;

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::id::{ExceptionId, RunId};
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::{Exception, ExceptionRow};
use paywarden_domain::reconciliation::fees::{ChargeSums, FeeLine, FeeSums, JudgedBy, MonthSheet};
use paywarden_domain::reconciliation::run::{Run, RunState};
use paywarden_domain::time::Day;
use paywarden_domain::vocabulary::{Method, Service};
use paywarden_testing::{TestDoor, builders};
use rust_decimal::Decimal;

use super::*;
use crate::DOOR;

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn amount(whole: i64) -> Decimal {
    Decimal::from(whole)
}

async fn open() -> (TestDoor<Deps>, Provider) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let provider = builders::charging(builders::provider(&door.merchant, ProviderType::Xendit));
    let provider = door.stage.add_this_provider(provider, &json!({})).await;
    (door, provider)
}

/// Sums of fees, with taxes that no statement states.
fn sums(recorded: i64, taken: i64, differing: u64) -> FeeSums {
    FeeSums {
        fee: ChargeSums {
            recorded: amount(recorded),
            taken: amount(taken),
            is_stated: true,
            ..ChargeSums::default()
        },
        tax: ChargeSums { not_stated: amount(recorded / 10), ..ChargeSums::default() },
        differing,
    }
}

/// A run of the 20th of November that ended with these lines and exceptions.
async fn add_run(
    door: &TestDoor<Deps>,
    provider: &Provider,
    lines: Vec<FeeLine>,
    found: &[Exception],
) -> Run {
    let queued = builders::run(&builders::statement(provider));
    let run = Run { id: RunId::derived("test", &[b"of", provider.id.as_str().as_bytes()]), ..queued };
    let table = door.stage.reconciliation();
    table.create_run(&run).await.unwrap();
    table.put_exceptions(found).await.unwrap();
    table.note_findings(&run.id, found.iter().map(|one| (one.outcome, &one.id))).await.unwrap();
    let now = door.stage.clock().now();
    let completed = builders::run_in(&run, RunState::Completed, now);
    let (from, until) = (run.scope.from, run.scope.until);
    let judged_by = JudgedBy { run_id: run.id.clone(), from, until, finished_at: now };
    let sheet = MonthSheet { month: "2026-11".to_owned(), judged_by, lines };
    table.complete_run(&completed, None, &[sheet]).await.unwrap();
    completed
}

fn line(service: Option<Service>, sums: FeeSums) -> FeeLine {
    let currency = paywarden_domain::money::Currency::IDR;
    FeeLine { day: day("2026-11-20"), service, currency, sums }
}

/// An exception about a row of this kind and method.
fn exception(provider: &Provider, number: u8, outcome: Outcome, kind: &str, method: Method) -> Exception {
    let run = builders::run(&builders::statement(provider));
    let mut exception = builders::exception(&run, number, outcome);
    exception.id = ExceptionId::derived("test", &[provider.id.as_str().as_bytes(), &[number]]);
    let mut row: ExceptionRow = exception.statement.clone().unwrap();
    row.fields.kind = kind.to_owned();
    row.fields.at = "2026-11-20T03:00:00Z".to_owned();
    exception.ledger = Some(ExceptionRow { method: Some(method), ..row });
    exception
}

/// With a run that found two fees and a transfer to differ.
async fn open_with_run() -> (TestDoor<Deps>, Provider) {
    let (door, provider) = open().await;
    let found = [
        exception(&provider, 0, Outcome::FeeOver, "Fee", Method::Qris),
        exception(&provider, 1, Outcome::FeeMissing, "Fee", Method::VirtualAccount),
        exception(&provider, 2, Outcome::MissingInternal, "Transfer", Method::Qris),
    ];
    let lines = vec![
        line(None, sums(0, 75, 0)),
        line(Some(Service::QrCodePayment), sums(70, 75, 1)),
        line(Some(Service::VirtualAccount), sums(4000, 0, 1)),
    ];
    add_run(&door, &provider, lines, &found).await;
    (door, provider)
}

fn asking(door: &TestDoor<Deps>, query: &str) -> ApiRequest {
    door.request(Role::Finance).with_query(query)
}

const NOVEMBER: &str = "month=2026-11";

#[tokio::test]
async fn what_was_taken_stands_beside_what_was_recorded_with_the_rows_behind_it() {
    let (door, provider) = open_with_run().await;
    let body = door.body(asking(&door, NOVEMBER)).await;
    let judged = json!([{"provider_id": provider.id, "provider_name": "xendit", "days_judged": 1}]);
    assert_eq!((&body["month"], &body["providers"]), (&json!("2026-11"), &judged));
    let tariff = json!({
        "fee": {"type": "FLAT", "value": "4500", "currency": null},
        "tax": {"percentage": "11", "apply": true, "rounding": null},
        "fee_refund": null,
    });
    let qris = json!({
        "provider_id": provider.id, "provider_name": "xendit", "service": "QR_CODE_PAYMENT", "currency": "IDR",
        "fee": {"recorded": 70, "taken": 75, "difference": 5, "not_stated": 0, "unsettled": 0},
        "tax": {"recorded": 0, "taken": null, "difference": null, "not_stated": 7, "unsettled": 0},
        "differing": 1, "tariff": tariff,
    });
    assert_eq!(body["fees"].as_array().unwrap().len(), 3);
    assert_eq!(body["fees"][1], qris);
    assert_eq!((&body["fees"][0]["service"], &body["fees"][0]["tariff"]), (&Value::Null, &Value::Null));
    let rows: Vec<_> =
        body["rows"].as_array().unwrap().iter().map(|row| row["exception"]["outcome"].clone()).collect();
    assert_eq!(rows, ["FEE_MISSING", "FEE_OVER"], "a transfer is no fee");
    assert_eq!(body["rows"][1]["date"], "2026-11-20");
    let other = door.body(asking(&door, "month=2026-10")).await;
    assert_eq!(
        (&other["fees"], &other["rows"], &other["providers"][0]["days_judged"]),
        (&json!([]), &json!([]), &json!(0))
    );
}

#[tokio::test]
async fn one_service_is_shown_alone() {
    let (door, provider) = open_with_run().await;
    let query = format!("{NOVEMBER}&service=QR_CODE_PAYMENT&provider_id={}", provider.id);
    let body = door.body(asking(&door, &query)).await;
    assert_eq!(body["fees"].as_array().unwrap().len(), 1);
    assert_eq!(body["rows"].as_array().unwrap().len(), 1);
    assert_eq!(body["rows"][0]["service"], "QR_CODE_PAYMENT");
}

#[tokio::test]
async fn pages_go_from_run_to_run() {
    let (door, first) = open().await;
    let second = builders::provider(&door.merchant, ProviderType::Midtrans);
    let second = door.stage.add_this_provider(second, &json!({})).await;
    for provider in [&first, &second] {
        let found: Vec<_> = (0..7)
            .map(|number| {
                let outcome = if number < 3 { Outcome::FeeOver } else { Outcome::TaxVariance };
                exception(provider, number, outcome, "Fee", Method::Qris)
            })
            .collect();
        add_run(&door, provider, vec![line(Some(Service::QrCodePayment), sums(70, 75, 7))], &found).await;
    }
    for limit in [1, 2, 3, 4, 7, 8, 14, 100] {
        let pages = door.pages(asking(&door, &format!("{NOVEMBER}&limit={limit}"))).await;
        let rows: Vec<_> = pages.iter().flat_map(|page| page["rows"].as_array().unwrap()).collect();
        let ids: BTreeSet<_> = rows.iter().map(|row| row["exception"]["id"].to_string()).collect();
        assert_eq!((rows.len(), ids.len()), (14, 14), "{limit} a page");
    }
}

#[tokio::test]
async fn another_merchant_sees_its_own_and_what_is_wrong_is_named() {
    let (door, provider) = open_with_run().await;
    let foreign = door.foreign_caller(Role::Finance).await;
    let theirs = asking(&door, &format!("{NOVEMBER}&provider_id={}", provider.id)).with_caller(&foreign);
    let body = door.body(theirs).await;
    assert_eq!((&body["providers"], &body["fees"], &body["rows"]), (&json!([]), &json!([]), &json!([])));
    for (query, status, parameter) in [
        ("month=2026-13", 400, "month"),
        ("month=november", 400, "month"),
        ("provider_id=x", 422, "provider_id"),
        ("service=BARTER", 422, "service"),
        ("limit=0", 400, "limit"),
        ("cursor=x", 400, "cursor"),
        ("colour=red", 400, "colour"),
    ] {
        let refused = door.refused_parameter(asking(&door, query)).await;
        assert_eq!(refused, (status, parameter.to_owned()), "{query}");
    }
    door.lets_in_those_with(Scope::ReconciliationRead, &asking(&door, "")).await;
}

#[tokio::test]
async fn samples_are_answered() {
    open_with_run().await.0.samples_are_answered(&[("answered", 200), ("unknown-parameter", 400)]).await;
}
