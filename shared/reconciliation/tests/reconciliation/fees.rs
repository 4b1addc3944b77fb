//! What runs count of fees and taxes.

use paywarden_domain::id::RunId;
use paywarden_domain::money::Currency;
use paywarden_domain::reconciliation::fees::{ChargeSums, MonthCheck};
use paywarden_domain::reconciliation::run::Run;
use paywarden_domain::time::Zone;
use paywarden_domain::vocabulary::Service;
use paywarden_reconciliation::fees::{Checks, check, differing};
use paywarden_testing::builders;
use rust_decimal::Decimal;

use crate::workshop::{HEADER, Workshop, line};

const DAY: &str = "2026-11-20T03:00:00Z";

/// A provider that takes 4,500 and 11 % VAT for each payment.
async fn open() -> Workshop {
    let mut workshop = Workshop::open().await;
    workshop.provider = builders::charging(workshop.provider);
    workshop
}

/// A line of a fee or a tax that was taken.
fn charge(reference: &str, kind: &str, amount: &str, at: &str) -> String {
    format!("{reference},,{kind},debit,{amount},IDR,{at},,SETTLED\n")
}

async fn run_over(workshop: &Workshop, day: &str, name: &str, lines: &[String]) -> Run {
    workshop.stage.clock.advance_seconds(60);
    let statement = workshop.statement(name, &format!("{HEADER}{}", lines.concat())).await;
    let scope = workshop.scope(day, day, &[&statement]);
    workshop.reconcile(scope, &[&statement]).await
}

async fn november(workshop: &Workshop) -> MonthCheck {
    check(&workshop.table(), &workshop.merchant.id, &workshop.provider.id, "2026-11").await.unwrap()
}

/// Recorded, taken, not stated and unsettled.
fn amounts(sums: &ChargeSums) -> [i64; 4] {
    [sums.recorded, sums.taken, sums.not_stated, sums.unsettled].map(|one| i64::try_from(one).unwrap())
}

/// Fees and taxes of payments, those of no known service, and how many differ.
fn of(check: &MonthCheck) -> ([i64; 4], [i64; 4], Option<[i64; 4]>, u64) {
    let service = builders::draft("X").method.service();
    let own = |service: Option<Service>| check.sums.get(&(service, Currency::IDR));
    let known = own(Some(service)).copied().unwrap_or_default();
    let differing = check.sums.values().map(|sums| sums.differing).sum();
    (amounts(&known.fee), amounts(&known.tax), own(None).map(|sums| amounts(&sums.fee)), differing)
}

#[tokio::test]
async fn what_a_statement_took_is_counted_beside_what_was_recorded() {
    let workshop = open().await;
    for reference in ["DEARER", "FREE", "OPEN"] {
        workshop.paid(reference, "100000", DAY).await;
    }
    let mut lines = vec![
        line("DEARER", "100000", DAY),
        charge("DEARER", "Fee", "4600", DAY),
        charge("DEARER", "Tax", "495", DAY),
        line("FREE", "100000", DAY),
        charge("FREE", "Tax", "495", DAY),
        charge("FOREIGN", "Fee", "10", DAY),
    ];
    let first = run_over(&workshop, "2026-11-20", "one", &lines).await;
    let check = november(&workshop).await;
    let expected = ([9000, 4600, 0, 4500], [990, 990, 0, 495], Some([0, 10, 0, 0]), 3);
    assert_eq!(of(&check), expected);
    assert_eq!(check.days.values().collect::<Vec<_>>(), [&first.id]);

    // A restated day counts anew, and nothing of it twice.
    lines[1] = charge("DEARER", "Fee", "4500", DAY);
    let second = run_over(&workshop, "2026-11-20", "two", &lines).await;
    let check = november(&workshop).await;
    assert_eq!(of(&check), ([9000, 4500, 0, 4500], [990, 990, 0, 495], Some([0, 10, 0, 0]), 2));
    assert_eq!(check.days.values().collect::<Vec<_>>(), [&second.id]);
    assert_eq!(behind(&workshop, check).await, ["FEE_MISSING FREE", "MISSING_INTERNAL FOREIGN"]);
}

/// Outcome and reference of what is behind the differences, page by page.
async fn behind(workshop: &Workshop, check: MonthCheck) -> Vec<String> {
    let (checks, mut rows) = (Checks::from([(workshop.provider.id.clone(), check)]), Vec::new());
    let mut after = None;
    loop {
        let of = (None, &Zone::UTC);
        let page = differing(&workshop.table(), &checks, of, after.as_deref(), 1).await.unwrap();
        rows.extend(page.rows.into_iter().map(|row| {
            let about = row.exception.ledger.or(row.exception.statement).unwrap();
            format!("{} {}", row.exception.outcome, about.fields.reference)
        }));
        after = page.next;
        if after.is_none() {
            return rows;
        }
    }
}

#[tokio::test]
async fn where_a_statement_states_no_fees_nothing_is_taken_to_be_known() {
    let workshop = open().await;
    workshop.paid("INV1", "100000", DAY).await;
    run_over(&workshop, "2026-11-20", "one", &[line("INV1", "100000", DAY)]).await;
    let check = november(&workshop).await;
    assert_eq!(of(&check).0, [0, 0, 4500, 0]);
    let differences: Vec<_> = check.sums.values().map(|sums| sums.fee.difference()).collect();
    assert_eq!(differences, [None]);
    // Another day's statement does state them; the tax it does not.
    const NEXT: &str = "2026-11-21T03:00:00Z";
    workshop.paid("INV2", "100000", NEXT).await;
    let lines = [line("INV2", "100000", NEXT), charge("INV2", "Fee", "4500", NEXT)];
    run_over(&workshop, "2026-11-21", "two", &lines).await;
    let check = november(&workshop).await;
    assert_eq!((of(&check).0, of(&check).1), ([4500, 4500, 4500, 0], [0, 0, 990, 0]));
    let differences: Vec<_> = check.sums.values().map(|sums| sums.fee.difference()).collect();
    assert_eq!(differences, [Some(Decimal::ZERO)]);
}

#[tokio::test]
async fn a_fee_that_is_booked_on_another_day_counts_on_that_of_its_payment_and_once() {
    let workshop = open().await;
    const BOOKED: &str = "2026-11-21T03:00:00Z";
    workshop.paid("INV1", "100000", DAY).await;
    let lines = [
        line("INV1", "100000", BOOKED),
        charge("INV1", "Fee", "4500", BOOKED),
        charge("INV1", "Tax", "495", BOOKED),
    ];
    let mut runs: Vec<RunId> = Vec::new();
    for day in ["2026-11-20", "2026-11-21"] {
        runs.push(run_over(&workshop, day, "one", &lines).await.id);
        let check = november(&workshop).await;
        assert_eq!((of(&check).0, of(&check).1), ([4500, 4500, 0, 0], [495, 495, 0, 0]), "{day}");
        assert_eq!(check.days.values().cloned().collect::<Vec<_>>(), runs);
    }
}
