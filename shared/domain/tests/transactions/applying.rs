//! What a provider's report does to a record.

use paywarden_domain::ledger::{LedgerRow, rows};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::{Applied, IgnoredReason, Origin, Verdict, apply, first_seen};
use paywarden_domain::transaction::held::HeldReport;
use paywarden_domain::transaction::report::{Happening, Report, TrustGrade};
use paywarden_domain::vocabulary::{Method, Status};
use paywarden_testing::builders;
use proptest::prelude::*;
use proptest::sample::select;

const NOW: &str = "2026-11-20T08:00:00Z";

fn origin() -> Origin {
    let provider = builders::provider(&builders::merchant("one"), ProviderType::Xendit);
    builders::origin(&provider, NOW)
}

fn record(method: Method) -> Transaction {
    let mut draft = builders::draft("INV0045");
    draft.method = method;
    draft.into_transaction(&builders::merchant("one"), builders::at("2026-11-20T07:00:00Z"), "corr-0")
}

fn report(status: Status, time: &str) -> Report {
    builders::report("INV0045", status, &format!("2026-11-20T{time}Z"))
}

fn applied(current: &Transaction, report: &Report) -> (Transaction, Verdict) {
    let Applied { next, verdict } = apply(current, report, &origin());
    (next.unwrap_or_else(|| current.clone()), verdict)
}

#[test]
fn a_payment_is_charged_when_the_provider_says_so_and_changed_when_we_hear_of_it() {
    let (paid, verdict) = applied(&record(Method::Qris), &report(Status::Paid, "07:30:00"));
    assert_eq!(verdict, Verdict::StatusChanged { from: Status::Pending, to: Status::Paid });
    assert_eq!(paid.charged_at(), Some(builders::at("2026-11-20T07:30:00Z")));
    assert_eq!(paid.status_changed_at, builders::at(NOW));
    assert_eq!((paid.version, paid.updated_at), (2, Some(builders::at(NOW))));
    assert_eq!(paid.provider.unwrap().name, "xendit");
}

#[test]
fn the_same_report_again_writes_nothing() {
    let (paid, _) = applied(&record(Method::Qris), &report(Status::Paid, "07:30:00"));
    let again = apply(&paid, &report(Status::Paid, "07:30:00"), &origin());
    assert_eq!(again, Applied { next: None, verdict: Verdict::Ignored(IgnoredReason::AlreadyKnown) });
}

#[test]
fn success_is_called_as_the_methods_direction_calls_it() {
    let (sent, _) = applied(&record(Method::BankTransfer), &report(Status::Paid, "07:30:00"));
    assert_eq!(sent.status(), Status::Completed);
}

#[test]
fn a_late_word_is_kept_without_moving_the_status() {
    let (paid, _) = applied(&record(Method::Qris), &report(Status::Paid, "07:30:00"));
    let (still, verdict) = applied(&paid, &report(Status::Pending, "07:10:00"));
    assert_eq!(verdict, Verdict::Ignored(IgnoredReason::Outweighed));
    assert_eq!((still.status(), still.status_changed_at), (Status::Paid, paid.status_changed_at));
}

#[test]
fn what_moves_no_money_is_ignored_for_a_reason() {
    let current = record(Method::Qris);
    let cases = [
        (Happening::Unknown { word: "ODD".to_owned() }, IgnoredReason::UnknownStatus),
        (Happening::PartialRefund { refunds: Vec::new() }, IgnoredReason::PartialRefund),
    ];
    for (happening, reason) in cases {
        let report = Report { happening, ..report(Status::Paid, "07:30:00") };
        let outcome = apply(&current, &report, &origin());
        assert_eq!(outcome, Applied { next: None, verdict: Verdict::Ignored(reason) });
    }
    let untrusted = Origin { grade: TrustGrade::None, ..origin() };
    for (status, verdict) in [
        (Status::Paid, Verdict::Ignored(IgnoredReason::Untrusted)),
        (Status::Failed, Verdict::Ignored(IgnoredReason::Untrusted)),
        (Status::Processing, Verdict::StatusChanged { from: Status::Pending, to: Status::Processing }),
    ] {
        assert_eq!(apply(&current, &report(status, "07:30:00"), &untrusted).verdict, verdict, "{status}");
    }
}

#[test]
fn a_contradicting_amount_or_currency_is_held_and_moves_nothing() {
    for money in [builders::money("9999", "IDR"), builders::money("10000", "ZAR")] {
        let odd = Report { money: Some(money), ..report(Status::Paid, "07:30:00") };
        let (held, verdict) = applied(&record(Method::Qris), &odd);
        assert_eq!(verdict, Verdict::Held);
        assert_eq!((held.status(), held.held.len(), held.version), (Status::Pending, 1, 2));
        // Again: flagged once, written once.
        assert_eq!(apply(&held, &odd, &origin()), Applied { next: None, verdict: Verdict::Held });
    }
}

#[test]
fn held_reports_stay_few() {
    let mut current = record(Method::Qris);
    for amount in 1..=30 {
        let money = Some(builders::money(&amount.to_string(), "IDR"));
        current = applied(&current, &Report { money, ..report(Status::Paid, "07:30:00") }).0;
    }
    assert_eq!(current.held.len(), HeldReport::LIMIT);
}

#[test]
fn an_unpaid_debit_order_says_why_until_it_is_paid() {
    let unpaid = Report { message: Some("NO SUCH ACCOUNT".to_owned()), ..report(Status::Failed, "07:30:00") };
    let (failed, _) = applied(&record(Method::EftDebit), &unpaid);
    assert_eq!((failed.status(), failed.unpaid_reason()), (Status::Failed, Some("NO SUCH ACCOUNT")));
    let (paid, _) = applied(&failed, &report(Status::Paid, "09:00:00"));
    assert_eq!((paid.status(), paid.unpaid_reason()), (Status::Paid, None));
}

#[test]
fn a_payment_nobody_announced_needs_a_status_a_method_an_amount_and_a_voucher() {
    let merchant = builders::merchant("one");
    let open = |report: &Report, origin: &Origin| first_seen(&merchant, "INV0045", None, report, origin);
    let whole = report(Status::Paid, "07:30:00");
    assert_eq!(open(&whole, &origin()).unwrap().status(), Status::Paid);
    assert!(open(&Report { method: None, ..whole.clone() }, &origin()).is_none());
    assert!(open(&Report { money: None, ..whole.clone() }, &origin()).is_none());
    assert!(
        open(
            &Report { happening: Happening::PartialRefund { refunds: Vec::new() }, ..whole.clone() },
            &origin()
        )
        .is_none()
    );
    assert!(open(&whole, &Origin { grade: TrustGrade::None, ..origin() }).is_none());
}

#[test]
fn a_further_payment_takes_over_what_the_merchant_said_of_the_first() {
    let mut first = record(Method::VirtualAccount);
    first.merchant_fields.customers_id = Some("cus_1".to_owned());
    let report = Report { method: None, ..report(Status::Paid, "07:30:00") };
    let merchant = builders::merchant("one");
    let second = first_seen(&merchant, "INV0045", Some(&first), &report, &origin()).unwrap();
    assert_eq!((second.occurrence, second.method), (2, Method::VirtualAccount));
    assert_eq!(second.merchant_fields.customers_id.as_deref(), Some("cus_1"));
}

/// A report of anything at any of a few times, right and wrong amounts.
fn any_report() -> impl Strategy<Value = Report> {
    (select(Status::ALL), 0_u32..40, prop::bool::weighted(0.8), prop::option::of("[a-c]")).prop_map(
        |(status, minute, right, message)| Report {
            money: Some(builders::money(if right { "10000" } else { "9999" }, "IDR")),
            message,
            ..report(status, &format!("07:{minute:02}:00"))
        },
    )
}

/// The record without what tells when and how often it was written.
fn content(transaction: &Transaction) -> Transaction {
    let mut content = transaction.clone();
    content.version = 0;
    content.updated_at = None;
    content.status_changed_at = content.created_at;
    content.correlation_id = None;
    content
}

proptest! {
    #[test]
    fn any_order_and_duplication_of_reports_gives_one_record(
        reports in prop::collection::vec(any_report(), 1..10),
        method in select(Method::ALL),
        order in any::<prop::sample::Index>(),
    ) {
        let run = |reports: &[Report]| {
            reports.iter().fold(record(method), |current, report| applied(&current, report).0)
        };
        let mut doubled = [reports.clone(), reports.clone()].concat();
        let turn = order.index(doubled.len());
        doubled.rotate_left(turn);
        doubled.reverse();
        prop_assert_eq!(content(&run(&doubled)), content(&run(&reports)));
    }

    #[test]
    fn versions_rise_by_one_with_each_write(reports in prop::collection::vec(any_report(), 1..10)) {
        let mut current = record(Method::DebiCheck);
        for report in &reports {
            if let Some(next) = apply(&current, report, &origin()).next {
                prop_assert_eq!(next.version, current.version + 1);
                current = next;
            }
        }
    }
}

#[test]
fn the_id_on_statements_is_learned_in_any_order_and_read_where_there_is_none() {
    let told = |id: &str, minute: u32| Report {
        provider_transaction_id: Some("pay_1".to_owned()),
        id_on_statements: Some(id.to_owned()),
        ..report(Status::Paid, &format!("07:{minute:02}:00"))
    };
    let open = record(Method::VirtualAccount);
    for order in [[told("57f0", 1), told("57f1", 2)], [told("57f1", 2), told("57f0", 1)]] {
        let last = order.iter().fold(open.clone(), |current, report| applied(&current, report).0);
        let row = rows(&last).remove(0);
        assert_eq!(row.id_on_statements(), "57f0");
        assert_eq!(row.provider_transaction_id.as_deref(), Some("pay_1"));
        let mut stored = serde_json::to_value(&row).unwrap();
        stored.as_object_mut().unwrap().remove("id_on_statements");
        let before: LedgerRow = serde_json::from_value(stored).unwrap();
        assert_eq!(before.id_on_statements(), "pay_1", "rows of before are of the one id they had");
    }
}
