//! Against the real store code on an in-process DynamoDB.

use std::collections::BTreeSet;

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::actor::Actor;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::{Action, Exception};
use paywarden_domain::reconciliation::run::Run;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With a run of Xendit's that found two exceptions, both open.
async fn open() -> (TestDoor<Deps>, Provider, Run) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let (provider, _, run) = door.stage.add_run(&door.merchant).await;
    (door, provider, run)
}

/// An exception of another provider.
async fn add_other(door: &TestDoor<Deps>, run: &Run, number: u8) -> Provider {
    let other = builders::provider(&door.merchant, ProviderType::Midtrans);
    if number == 10 {
        door.stage.add_this_provider(other.clone(), &json!({})).await;
    }
    let exception = builders::exception(run, number, Outcome::Late);
    let exception = Exception { provider_id: other.id.clone(), ..exception };
    door.stage.reconciliation().put_exception(&exception).await.unwrap();
    other
}

fn asking(door: &TestDoor<Deps>, query: &str) -> ApiRequest {
    door.request(Role::Finance).with_query(query)
}

async fn outcomes(door: &TestDoor<Deps>, query: &str) -> Vec<String> {
    let body = door.body(asking(door, query)).await;
    let shown = body["exceptions"].as_array().unwrap().iter();
    let mut outcomes: Vec<_> = shown.map(|one| one["outcome"].as_str().unwrap().to_owned()).collect();
    outcomes.sort();
    outcomes
}

#[tokio::test]
async fn what_is_open_of_all_runs_is_found_by_anything() {
    let (door, xendit, run) = open().await;
    let midtrans = add_other(&door, &run, 10).await;
    let of_xendit = ["AMOUNT_OVER", "MISSING_INTERNAL"];
    let everything = ["AMOUNT_OVER", "LATE", "MISSING_INTERNAL"];
    let cases: [(String, &[&str]); 12] = [
        (String::new(), &everything),
        (format!("provider_id={}", xendit.id), &of_xendit),
        (format!("provider_id={}", midtrans.id), &["LATE"]),
        (format!("provider_id={},{}", midtrans.id, xendit.id), &everything),
        (format!("run_id={}", run.id), &of_xendit),
        (format!("run_id={}&provider_id={}", run.id, midtrans.id), &[]),
        ("outcome=LATE".to_owned(), &["LATE"]),
        ("status=ASSIGNED".to_owned(), &[]),
        ("amount_min=10100&amount_max=10100.00".to_owned(), &everything),
        ("amount_min=10100.01".to_owned(), &[]),
        // They were found at this moment.
        ("min_age_days=0".to_owned(), &[]),
        ("assignee=Rani".to_owned(), &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(outcomes(&door, &query).await, expected, "{query}");
    }
    door.stage.clock.advance_seconds(24 * 3600 + 1);
    assert_eq!(outcomes(&door, "min_age_days=1").await, everything);
    assert_eq!(outcomes(&door, "min_age_days=2").await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_closed_is_found_by_its_run_alone() {
    let (door, _, run) = open().await;
    let exception = builders::exception(&run, 0, Outcome::AmountOver);
    let now = door.stage.clock().now();
    let resolved = exception.after(Action::Resolve, &Actor::Operator, "a fee", None, now).unwrap();
    door.stage.reconciliation().put_exception(&resolved).await.unwrap();
    assert_eq!(outcomes(&door, "").await, ["MISSING_INTERNAL"]);
    assert_eq!(outcomes(&door, &format!("run_id={}&status=RESOLVED", run.id)).await, ["AMOUNT_OVER"]);
    let refused = door.refused_parameter(asking(&door, "status=RESOLVED")).await;
    assert_eq!(refused, (422, "status".to_owned()));
}

#[tokio::test]
async fn pages_go_from_provider_to_provider() {
    let (door, _, run) = open().await;
    for number in 10..20 {
        add_other(&door, &run, number).await;
    }
    for limit in [1, 2, 3, 5, 11, 12, 100] {
        let pages = door.pages(asking(&door, &format!("limit={limit}"))).await;
        let shown: Vec<_> = pages.iter().flat_map(|page| page["exceptions"].as_array().unwrap()).collect();
        let ids: BTreeSet<_> = shown.iter().map(|one| one["id"].to_string()).collect();
        assert_eq!((shown.len(), ids.len()), (12, 12), "{limit} a page");
    }
}

#[tokio::test]
async fn another_merchant_finds_its_own_and_what_is_wrong_is_named() {
    let (door, xendit, run) = open().await;
    let foreign = door.foreign_caller(Role::Finance).await;
    let theirs = asking(&door, &format!("provider_id={}", xendit.id)).with_caller(&foreign);
    assert_eq!(door.body(theirs).await["exceptions"], json!([]));
    let by_run = asking(&door, &format!("run_id={}", run.id)).with_caller(&foreign);
    assert_eq!(door.refused_parameter(by_run).await, (422, "run_id".to_owned()));
    for (query, status, parameter) in [
        ("run_id=x", 400, "run_id"),
        ("provider_id=x", 422, "provider_id"),
        ("outcome=ODD", 422, "outcome"),
        ("status=ODD", 422, "status"),
        ("min_age_days=-1", 400, "min_age_days"),
        ("min_age_days=3651", 400, "min_age_days"),
        ("amount_min=-1", 400, "amount_min"),
        ("amount_min=2&amount_max=1", 400, "amount_min"),
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
    open().await.0.samples_are_answered(&[("answered", 200), ("unknown-parameter", 400)]).await;
}
