//! What runs find, and what becomes of it from run to run.

use paywarden_domain::actor::Actor;
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::{Action, Exception, ExceptionStatus};
use paywarden_domain::reconciliation::run::{Run, RunState};
use paywarden_domain::time::Clock;

use crate::workshop::{HEADER, Workshop, line};

const DAY: &str = "2026-11-20T03:00:00Z";

async fn run_over(workshop: &Workshop, name: &str, lines: &[String]) -> Run {
    workshop.stage.clock.advance_seconds(60);
    let statement = workshop.statement(name, &format!("{HEADER}{}", lines.concat())).await;
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
    workshop.reconcile(scope, &[&statement]).await
}

async fn found(workshop: &Workshop, run: &Run) -> Vec<Exception> {
    workshop.table().findings(&run.id, None, None, 100).await.unwrap().exceptions
}

async fn decide(workshop: &Workshop, exception: &Exception, action: Action) -> Exception {
    let now = workshop.stage.clock.now();
    let next = exception.after(action, &Actor::Operator, "looked into", Some("Rani"), now).unwrap();
    workshop.table().put_exception(&next).await.unwrap();
    next
}

#[tokio::test]
async fn a_pair_is_one_exception_with_both_rows() {
    let workshop = Workshop::open().await;
    workshop.paid("INV1", "10000", DAY).await;
    let run = run_over(&workshop, "one", &[line("INV1", "10100", DAY)]).await;
    let [exception] = found(&workshop, &run).await.try_into().unwrap();
    assert_eq!((exception.outcome, exception.status), (Outcome::AmountOver, ExceptionStatus::Open));
    assert_eq!(exception.detail, "the statement has 100 IDR more");
    let (ledger, statement) = (exception.ledger.unwrap(), exception.statement.unwrap());
    assert_eq!(
        (ledger.fields.amount.as_str(), statement.fields.amount.as_str(), statement.line),
        ("10000", "10100", 2)
    );
    assert!(ledger.fields.transaction_id.starts_with("tra_"));
}

#[tokio::test]
async fn a_decision_is_carried_over_only_while_the_rows_say_the_same() {
    let workshop = Workshop::open().await;
    workshop.paid("INV1", "10000", DAY).await;
    let first = run_over(&workshop, "one", &[line("INV1", "10100", DAY), line("X", "1", DAY)]).await;
    let [over, foreign] = found(&workshop, &first).await.try_into().unwrap();
    decide(&workshop, &over, Action::Resolve).await;
    decide(&workshop, &foreign, Action::Void).await;

    // The same rows in another order and file.
    let second = run_over(&workshop, "two", &[line("X", "1", DAY), line("INV1", "10100", DAY)]).await;
    let [over, foreign] = found(&workshop, &second).await.try_into().unwrap();
    assert_eq!((over.status, foreign.status), (ExceptionStatus::Resolved, ExceptionStatus::Void));
    assert_eq!(over.history.len(), 2);

    // Another amount is another finding.
    let third = run_over(&workshop, "three", &[line("X", "1", DAY), line("INV1", "10200", DAY)]).await;
    let [changed, foreign] = found(&workshop, &third).await.try_into().unwrap();
    assert_ne!(changed.id, over.id);
    assert_eq!((changed.status, foreign.status), (ExceptionStatus::Open, ExceptionStatus::Void));
}

#[tokio::test]
async fn what_is_not_found_any_more_clears_itself_and_comes_back_when_it_is() {
    let workshop = Workshop::open().await;
    workshop.paid("INV1", "10000", DAY).await;
    let wrong = [line("INV1", "10100", DAY), line("GONE", "1", DAY), line("STAYS", "1", DAY)];
    let first = run_over(&workshop, "one", &wrong).await;
    let [over, gone, stays] = sorted(found(&workshop, &first).await).try_into().unwrap();
    decide(&workshop, &over, Action::Assign).await;
    run_over(&workshop, "two", &[line("INV1", "10000", DAY), line("STAYS", "1", DAY)]).await;
    let status = async |exception: &Exception| {
        let found = workshop.table().exception(&workshop.merchant.id, &exception.id).await.unwrap().unwrap();
        (found.status, found.history.last().unwrap().reason.clone())
    };
    let (now, reason) = status(&over).await;
    assert_eq!(now, ExceptionStatus::AutoCleared);
    assert!(reason.starts_with("MATCHED in run_"), "{reason}");
    assert_eq!(status(&gone).await.0, ExceptionStatus::AutoCleared);
    assert_eq!(status(&stays).await.0, ExceptionStatus::Open);
    let third = run_over(&workshop, "three", &[line("INV1", "10100", DAY), line("OTHER", "1", DAY)]).await;
    let (now, reason) = status(&over).await;
    assert_eq!((now, reason), (ExceptionStatus::Open, format!("found again by {}", third.id)));
}

fn sorted(mut exceptions: Vec<Exception>) -> Vec<Exception> {
    let reference = |exception: &Exception| exception.statement.clone().unwrap().fields.reference;
    exceptions.sort_by_key(|exception| {
        ["INV1", "GONE", "STAYS"].iter().position(|name| *name == reference(exception))
    });
    exceptions
}

#[tokio::test]
async fn a_payment_that_comes_late_clears_what_its_absence_was() {
    let workshop = Workshop::open().await;
    workshop.paid("INV1", "10000", "2026-11-16T03:00:00Z").await;
    let statement =
        workshop.statement("one", &format!("{HEADER}{}", line("X", "1", "2026-11-18T03:00:00Z"))).await;
    let scope = workshop.scope("2026-11-16", "2026-11-18", &[&statement]);
    let first = workshop.reconcile(scope, &[&statement]).await;
    let missing = found(&workshop, &first).await;
    assert!(missing.iter().any(|exception| exception.outcome == Outcome::MissingExternal));
    // Another window, in which the payment is a counterpart of another day.
    let second = run_over(&workshop, "two", &[line("INV1", "10000", DAY)]).await;
    let late = found(&workshop, &second).await;
    assert_eq!(late.iter().map(|exception| exception.outcome).collect::<Vec<_>>(), [Outcome::Late]);
    let open = workshop.table().open_exceptions(&workshop.merchant.id, &workshop.provider.id).await.unwrap();
    let open: Vec<Outcome> = open.iter().map(|exception| exception.outcome).collect();
    assert!(!open.contains(&Outcome::MissingExternal), "{open:?}");
    assert!(open.contains(&Outcome::MissingInternal), "the other one is nothing that this run could see");
}

#[tokio::test]
async fn rows_that_say_all_the_same_are_told_apart() {
    let workshop = Workshop::open().await;
    let same = line("X", "1", DAY);
    let run = run_over(&workshop, "one", &[same.clone(), same.clone(), same]).await;
    let outcomes: Vec<Outcome> = found(&workshop, &run).await.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [Outcome::DuplicateExternal, Outcome::DuplicateExternal, Outcome::MissingInternal]);
}

/// Its id is that of what it is about, so a run that finds the same anew cannot tell it from nothing and must not write over it.
#[tokio::test]
async fn an_exception_that_cannot_be_read_stops_no_run_and_stays_as_it_is() {
    let workshop = Workshop::open().await;
    workshop.paid("INV1", "10000", DAY).await;
    let lines = [line("INV1", "10100", DAY), line("X", "1", DAY)];
    let first = run_over(&workshop, "one", &lines).await;
    let [over, foreign] = found(&workshop, &first).await.try_into().unwrap();
    workshop.stage.spoil("ReconciliationTable", "exception", |item| {
        item["sk"]["S"] == "exception" && item["pk"]["S"] == over.id.as_str()
    });
    let rows = |workshop: &Workshop| {
        let mut items = workshop.stage.items("ReconciliationTable");
        items.retain(|item| item["sk"]["S"] == "exception");
        items
    };
    let before = rows(&workshop);
    let second = run_over(&workshop, "two", &lines).await;
    assert_eq!(second.state, RunState::Completed);
    assert_eq!(found(&workshop, &second).await, [foreign]);
    assert_eq!(rows(&workshop), before);
}
