//! Ledger entries and running totals of a record.

use paywarden_domain::ledger::{EntryType, Side, entries, rows};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::totals::{Totals, change, contribution, merge};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::{apply, expire};
use paywarden_domain::transaction::refund::Refund;
use paywarden_domain::transaction::report::{Happening, Report};
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

fn after(current: &Transaction, report: &Report) -> Transaction {
    let provider = builders::provider(&builders::merchant("one"), ProviderType::Xendit);
    let origin = builders::origin(&provider, "2026-11-30T08:00:00Z");
    apply(current, report, &origin).next.unwrap_or_else(|| current.clone())
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
fn partial_refunds_move_their_parts_once_and_leave_the_status() {
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
        let mut totals = change(None, Some(&current));
        for report in &reports {
            let next = after(&current, report);
            merge(&mut totals, change(Some(&current), Some(&next)));
            current = next;
        }
        prop_assert_eq!(&totals, &contribution(&current));
        merge(&mut totals, change(Some(&current), None));
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
