//! Ledger entries and running totals of a record.

use paywarden_domain::ledger::{EntryType, Side, entries, rows};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::totals::{Totals, contribution, difference, merge};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::{Origin, Verdict, apply, expire};
use paywarden_domain::transaction::refund::{Refund, Refunds};
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::transaction::submission::Submission;
use paywarden_domain::vocabulary::{Method, Status};
use paywarden_testing::builders;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

fn record(method: Method) -> Transaction {
    let mut draft = builders::draft("INV0045");
    draft.method = method;
    draft.expired_at = Some(builders::at("2026-11-20T12:00:00Z"));
    draft.into_transaction(&builders::merchant("one"), builders::at("2026-11-20T07:00:00Z"), "corr-0")
}

fn origin() -> Origin {
    let provider = builders::provider(&builders::merchant("one"), ProviderType::Xendit);
    builders::origin(&provider, "2026-11-30T08:00:00Z")
}

fn after(current: &Transaction, report: &Report) -> Transaction {
    apply(current, report, &origin()).next.unwrap_or_else(|| current.clone())
}

fn reported(current: &Transaction, status: Status, at: &str) -> Transaction {
    after(current, &builders::report("INV0045", status, at))
}

/// Type, side, amount and day of each entry.
fn summary(transaction: &Transaction) -> Vec<(EntryType, Side, String, String)> {
    let entries = entries(transaction).into_iter();
    entries
        .map(|entry| (entry.entry_type, entry.side, entry.amount.to_string(), entry.day.to_string()))
        .collect()
}

#[test]
fn what_moved_the_money_stays_a_success_and_what_moved_it_back_is_a_reversal() {
    let provider =
        builders::charging(builders::provider(&builders::merchant("one"), ProviderType::DebitOrder));
    for (method, success) in [(Method::DebiCheck, Status::Paid), (Method::BankTransfer, Status::Completed)] {
        let mut current = record(method);
        for (status, at) in [(success, "2026-11-20T08:00:00Z"), (Status::Failed, "2026-11-25T08:00:00Z")] {
            let report = builders::report("INV0045", status, at);
            current =
                apply(&current, &report, &builders::origin(&provider, "2026-11-30T08:00:00Z")).next.unwrap();
        }
        let statuses: Vec<Vec<Status>> = rows(&current)
            .iter()
            .map(|row| row.movements.iter().map(|movement| row.status_of(movement)).collect())
            .collect();
        assert_eq!(statuses, [vec![success; 3], vec![Status::Reversed; 3]], "{method}");
    }
}

#[test]
fn open_failed_and_expired_payments_move_nothing() {
    let open = record(Method::Qris);
    let expired = expire(&open, builders::at("2026-11-20T12:00:00Z")).unwrap();
    for transaction in [open.clone(), reported(&open, Status::Failed, "2026-11-20T08:00:00Z"), expired] {
        assert_eq!(summary(&transaction), [], "{}", transaction.status());
    }
}

#[test]
fn a_success_moves_the_amount_on_its_day_on_the_merchants_clocks() {
    // 17:30 UTC is half past midnight of the next day in Jakarta.
    let paid = reported(&record(Method::Qris), Status::Paid, "2026-11-20T17:30:00Z");
    let transfer = |side| (EntryType::Transfer, side, "10000".to_owned(), "2026-11-21".to_owned());
    assert_eq!(summary(&paid), [transfer(Side::Credit)]);
    let sent = reported(&record(Method::BankTransfer), Status::Completed, "2026-11-20T17:30:00Z");
    assert_eq!(summary(&sent), [transfer(Side::Debit)]);
}

#[test]
fn a_reversal_moves_it_back_on_the_day_it_was_reported() {
    let paid = reported(&record(Method::EftDebit), Status::Paid, "2026-11-20T08:00:00Z");
    let unpaid = reported(&paid, Status::Failed, "2026-11-25T08:00:00Z");
    assert_eq!(unpaid.status(), Status::Reversed);
    let entry = |side, day: &str| (EntryType::Transfer, side, "10000".to_owned(), day.to_owned());
    assert_eq!(summary(&unpaid), [entry(Side::Credit, "2026-11-20"), entry(Side::Debit, "2026-11-25")]);
    // A failure before the success is not what undid it.
    let mut early = reported(&record(Method::EftDebit), Status::Failed, "2026-11-19T08:00:00Z");
    for (status, at) in [(Status::Paid, "2026-11-20T08:00:00Z"), (Status::Failed, "2026-11-25T08:00:00Z")] {
        early = reported(&early, status, at);
    }
    assert_eq!(summary(&early), summary(&unpaid));
}

#[test]
fn partial_refunds_move_their_parts_once_and_leave_the_status_while_some_is_left() {
    let paid = reported(&record(Method::Qris), Status::Paid, "2026-11-20T08:00:00Z");
    let refund = |id: &str, amount: &str| Refund {
        id: id.to_owned(),
        at: builders::at("2026-11-22T08:00:00Z"),
        money: builders::money(amount, "IDR"),
    };
    let report = |refunds: Vec<Refund>| Report {
        happening: Happening::PartialRefund { refunds },
        ..builders::report("INV0045", Status::Paid, "2026-11-22T08:00:00Z")
    };
    let once = after(&paid, &report(vec![refund("r1", "1500")]));
    let twice = after(&once, &report(vec![refund("r1", "1500"), refund("r2", "500")]));
    assert_eq!((once.status(), twice.status()), (Status::Paid, Status::Paid));
    let entry = |amount: &str| (EntryType::Refund, Side::Debit, amount.to_owned(), "2026-11-22".to_owned());
    assert_eq!(summary(&twice)[1..], [entry("1500"), entry("500")]);
    let all = after(&twice, &report(vec![refund("r3", "8000")]));
    assert_eq!(all.status(), Status::Reversed);
    assert_eq!(summary(&all)[1..], [entry("1500"), entry("500"), entry("8000")]);
}

#[test]
fn a_refund_of_everything_is_a_reversal_whatever_comes_first() {
    let whole = refunded(vec![refund("r1", "10000", 22)]);
    let paid = builders::report("INV0045", Status::Paid, "2026-11-20T08:00:00Z");
    let pending = builders::report("INV0045", Status::Pending, "2026-11-20T07:00:00Z");
    for order in [[&pending, &paid, &whole], [&whole, &paid, &pending], [&paid, &whole, &pending]] {
        let last = order.into_iter().fold(record(Method::Qris), |current, report| after(&current, report));
        assert_eq!(last.status(), Status::Reversed);
        assert_eq!(last.reversed_at(), Some(builders::at("2026-11-22T08:00:00Z")));
        assert_eq!(summary(&last).len(), 2, "it moves there and back");
        let told = reported(&last, Status::Reversed, "2026-11-23T08:00:00Z");
        assert_eq!(summary(&told), summary(&last), "told once more, nothing moves twice");
    }
    let unpaid =
        [&whole, &pending].into_iter().fold(record(Method::Qris), |current, one| after(&current, one));
    assert_eq!((unpaid.status(), summary(&unpaid)), (Status::Pending, Vec::new()));
}

fn refund(id: &str, amount: &str, day: u32) -> Refund {
    Refund {
        id: id.to_owned(),
        at: builders::at(&format!("2026-11-{day:02}T08:00:00Z")),
        money: builders::money(amount, "IDR"),
    }
}

fn refunded(refunds: Vec<Refund>) -> Report {
    Report {
        happening: Happening::PartialRefund { refunds },
        ..builders::report("INV0045", Status::Paid, "2026-11-22T08:00:00Z")
    }
}

#[test]
fn no_more_goes_back_than_came_and_the_rest_waits_for_a_person() {
    let paid = reported(&record(Method::Qris), Status::Paid, "2026-11-20T08:00:00Z");
    let refunds = [refund("r1", "6000", 22), refund("r2", "6000", 23), refund("r3", "3000", 24)];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
        let last = order
            .iter()
            .fold(paid.clone(), |current, index| after(&current, &refunded(vec![refunds[*index].clone()])));
        let entry = |amount: &str, day: u32| {
            (EntryType::Refund, Side::Debit, amount.to_owned(), format!("2026-11-{day}"))
        };
        assert_eq!(summary(&last)[1..], [entry("6000", 22), entry("3000", 24)], "{order:?}");
        assert!(last.is_held(), "{order:?}");
    }
}

#[test]
fn a_refund_too_many_is_held_and_not_dropped() {
    let paid = reported(&record(Method::Qris), Status::Paid, "2026-11-20T08:00:00Z");
    let many: Vec<Refund> =
        (0..Refunds::LIMIT).map(|number| refund(&format!("r{number}"), "1", 22)).collect();
    let full = after(&paid, &refunded(many));
    assert!(!full.is_held());
    let applied = apply(&full, &refunded(vec![refund("one more", "1", 23)]), &origin());
    assert_eq!(applied.verdict, Verdict::Held);
    let held = applied.next.unwrap();
    assert!(held.is_held());
    assert_eq!(held.refunds, full.refunds);
}

#[test]
fn what_is_called_off_goes_back_if_it_was_taken_and_never_comes_if_it_was_not() {
    let voided = Report {
        happening: Happening::Voided,
        ..builders::report("INV0045", Status::Failed, "2026-11-21T08:00:00Z")
    };
    let open = record(Method::CreditCard);
    assert_eq!(after(&open, &voided).status(), Status::Failed);
    let paid = reported(&open, Status::Paid, "2026-11-20T08:00:00Z");
    let late = reported(&after(&open, &voided), Status::Paid, "2026-11-20T08:00:00Z");
    for undone in [after(&paid, &voided), late] {
        assert_eq!(undone.status(), Status::Reversed);
        assert_eq!(summary(&undone).len(), 2, "the money went back");
    }
}

#[test]
fn the_time_at_which_a_message_came_orders_no_failure_behind_a_success() {
    let failed = |minute: u32| Report {
        untimed: true,
        ..builders::report("INV0045", Status::Failed, &format!("2026-11-20T08:{minute:02}:00Z"))
    };
    let open = record(Method::BankTransfer);
    let sent = reported(&after(&open, &failed(0)), Status::Completed, "2026-11-20T08:10:00Z");
    let again = after(&sent, &failed(30));
    assert_eq!((sent.status(), &again), (Status::Completed, &sent), "delivered again, it says nothing new");
    let told = Report { untimed: false, ..failed(30) };
    assert_eq!(after(&sent, &told).status(), Status::Reversed);
    assert_eq!(after(&after(&open, &told), &failed(50)).status(), Status::Failed);
}

#[test]
fn times_that_cannot_be_are_those_of_receipt() {
    let received_at = builders::at("2026-11-20T08:00:00Z");
    let at = |text: &str| builders::report("INV0045", Status::Paid, text).received(received_at);
    for (text, is_believed) in [
        ("1970-01-01T00:00:00Z", false),
        ("2024-11-01T00:00:00Z", false),
        ("2025-01-01T00:00:00Z", true),
        ("2026-11-20T07:59:59Z", true),
        ("2026-11-21T07:00:00Z", true),
        ("2026-11-22T00:00:00Z", false),
        ("2031-01-01T00:00:00Z", false),
        ("9999-12-01T00:00:00Z", false),
    ] {
        let report = at(text);
        assert_eq!(report.untimed, !is_believed, "{text}");
        assert_eq!(report.occurred_at == received_at, !is_believed, "{text}");
    }
    let odd = Refund { at: builders::at("9999-12-01T00:00:00Z"), ..refund("r1", "1", 22) };
    let Happening::PartialRefund { refunds } = refunded(vec![odd]).received(received_at).happening else {
        panic!("a refund stays one");
    };
    assert_eq!(refunds[0].at, received_at);
}

#[test]
fn a_submission_of_a_time_that_cannot_be_is_as_of_its_report() {
    let eft = |at: &str| Submission::Eft {
        date: builders::at(at),
        code: "000000".to_owned(),
        message: "ACCEPTED".to_owned(),
    };
    let debicheck = |at: &str| Submission::DebiCheck {
        timestamp: builders::at(at),
        status: "PAID".to_owned(),
        message: None,
        bank_code: 0,
    };
    let (told, receipt) = ("2026-11-20T07:00:00Z", "2026-11-20T08:00:00Z");
    for make in [&eft as &dyn Fn(&str) -> Submission, &debicheck] {
        for (at, occurred_at, expected) in [
            ("2026-11-19T07:00:00Z", told, "2026-11-19T07:00:00Z"),
            ("1970-01-01T00:00:00Z", told, told),
            ("9999-12-01T00:00:00Z", told, told),
            ("9999-12-01T00:00:00Z", "9999-12-01T00:00:00Z", receipt),
        ] {
            let report = Report {
                submissions: vec![make(at)],
                ..builders::report("INV0045", Status::Paid, occurred_at)
            };
            assert_eq!(report.received(builders::at(receipt)).submissions, [make(expected)], "{at}");
        }
    }
}

#[test]
fn expiry_ends_what_is_due_and_open_and_nothing_else() {
    let open = record(Method::Qris);
    assert_eq!(expire(&open, builders::at("2026-11-20T11:59:59Z")), None);
    let expired = expire(&open, builders::at("2026-11-20T12:00:01Z")).unwrap();
    assert_eq!((expired.status(), expired.version), (Status::Expired, 2));
    assert_eq!(expire(&expired, builders::at("2026-11-20T12:00:02Z")), None);
    let paid = reported(&open, Status::Paid, "2026-11-20T08:00:00Z");
    assert_eq!(expire(&paid, builders::at("2026-11-21T00:00:00Z")), None);
    assert_eq!(reported(&expired, Status::Paid, "2026-11-20T12:30:00Z").status(), Status::Paid);
}

fn any_report() -> impl Strategy<Value = Report> {
    (select(Status::ALL), 1_u32..28, prop::bool::weighted(0.8), 0_u32..4).prop_map(
        |(status, day, right, refund)| {
            let at = format!("2026-11-{day:02}T08:00:00Z");
            let mut report = builders::report("INV0045", status, &at);
            report.money = Some(builders::money(if right { "10000" } else { "9999" }, "IDR"));
            if refund == 0 {
                let money = builders::money(&(day * 10).to_string(), "IDR");
                let refund = Refund { id: format!("r{day}"), at: builders::at(&at), money };
                report.happening = Happening::PartialRefund { refunds: vec![refund] };
            }
            report
        },
    )
}

proptest! {
    #[test]
    fn the_changes_of_all_versions_add_up_to_the_last_one(
        reports in prop::collection::vec(any_report(), 0..12),
        method in select(Method::ALL),
    ) {
        let mut current = record(method);
        let mut totals = contribution(&current);
        for report in &reports {
            let next = after(&current, report);
            merge(&mut totals, difference(&contribution(&current), &contribution(&next)));
            current = next;
        }
        prop_assert_eq!(&totals, &contribution(&current));
        merge(&mut totals, difference(&contribution(&current), &Totals::new()));
        prop_assert_eq!(totals, Totals::new());
    }

    #[test]
    fn a_reversed_payment_leaves_nothing(
        reports in prop::collection::vec(any_report(), 0..12),
        method in select(Method::ALL),
    ) {
        let current = reports.iter().fold(record(method), |current, report| after(&current, report));
        let net = entries(&current).iter().fold(Decimal::ZERO, |net, entry| match entry.side {
            Side::Credit => net + entry.amount,
            Side::Debit => net - entry.amount,
        });
        if current.status() == Status::Reversed {
            prop_assert_eq!(net, Decimal::ZERO);
        }
    }
}
