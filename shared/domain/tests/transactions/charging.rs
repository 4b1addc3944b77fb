//! Fees and VAT on records: when they come, that they stay, and that entries add up to what is settled.

use paywarden_domain::ledger::{EntryType, Side, entries};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::fees::{Fee, FeeRefund};
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::transaction::refund::Refund;
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::vocabulary::{Direction, Method, Status};
use paywarden_testing::builders;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn merchant() -> Merchant {
    builders::merchant("one")
}

/// A provider with a flat fee of 4,500 and 11 % VAT.
fn provider() -> Provider {
    let provider = builders::charging(builders::provider(&merchant(), ProviderType::Xendit));
    Provider { version: 3, ..provider }
}

fn record(method: Method, amount: &str) -> Transaction {
    let mut draft = builders::draft("INV0045");
    (draft.method, draft.money) = (method, builders::money(amount, "IDR"));
    draft.into_transaction(&merchant(), builders::at("2026-11-20T07:00:00Z"), "corr-0")
}

fn reported(current: &Transaction, provider: &Provider, status: Status, at: &str) -> Transaction {
    let mut report = builders::report("INV0045", status, at);
    report.money = Some(current.money);
    let applied = apply(current, &report, &builders::origin(provider, "2026-11-30T08:00:00Z"));
    applied.next.unwrap_or_else(|| current.clone())
}

/// A part that goes back on a day at eight.
fn refunded(current: &Transaction, provider: &Provider, id: &str, amount: &str, day: u32) -> Transaction {
    let at = format!("2026-11-{day:02}T08:00:00Z");
    let refund = Refund { id: id.to_owned(), at: builders::at(&at), money: builders::money(amount, "IDR") };
    let report = Report {
        money: None,
        happening: Happening::PartialRefund { refunds: vec![refund] },
        ..builders::report("INV0045", Status::Paid, &at)
    };
    let applied = apply(current, &report, &builders::origin(provider, "2026-11-30T08:00:00Z"));
    applied.next.unwrap_or_else(|| current.clone())
}

/// The same provider, which gives fees back like this.
fn refunding(provider: Provider, fee_refund: FeeRefund) -> Provider {
    let mut provider = provider;
    provider.tariffs.general.fee_refund = Some(fee_refund);
    provider
}

/// What went back, and what came back of fee and VAT, day by day.
fn gone_back(transaction: &Transaction) -> Vec<(EntryType, Side, String, String)> {
    let charged = transaction.charged_at();
    let entries = entries(transaction).into_iter().filter(|entry| Some(entry.at) != charged);
    entries
        .map(|entry| {
            let amount = entry.amount.normalize().to_string();
            (entry.entry_type, entry.side, amount, entry.day.to_string())
        })
        .collect()
}

/// What the provider owes the merchant for this payment.
fn settled(transaction: &Transaction) -> Decimal {
    let signed = entries(transaction).into_iter().map(|entry| match entry.side {
        Side::Credit => entry.amount,
        Side::Debit => -entry.amount,
    });
    signed.sum()
}

fn shown(transaction: &Transaction) -> Value {
    serde_json::to_value(TransactionRecord::new(transaction, &merchant().zone)).unwrap()
}

#[test]
fn a_success_is_charged_by_the_configuration_of_the_moment_and_keeps_it() {
    let open = record(Method::VirtualAccount, "8500000");
    assert_eq!((&shown(&open)["fee"], &shown(&open)["tax"]), (&json!(null), &json!(null)));
    let paid = reported(&open, &provider(), Status::Paid, "2026-11-20T08:00:00Z");
    assert_eq!((&shown(&paid)["fee"], &shown(&paid)["tax"]), (&json!(4500), &json!(495)));
    assert_eq!(paid.charges.as_ref().unwrap().configuration, 3);
    assert_eq!(settled(&paid), Decimal::from(8_495_005));
    let mut dearer = provider();
    dearer.tariffs.general.fee = Some(Fee::Flat { value: Decimal::from(9000), currency: None });
    let again = reported(&paid, &dearer, Status::Paid, "2026-11-20T07:59:00Z");
    assert_eq!(again.charges, paid.charges, "a later report changes no charge");
}

#[test]
fn the_entries_of_a_charged_payment() {
    let paid = reported(&record(Method::Qris, "10000"), &provider(), Status::Paid, "2026-11-20T08:00:00Z");
    let entries: Vec<_> =
        entries(&paid).iter().map(|entry| (entry.entry_type, entry.side, entry.amount.to_string())).collect();
    assert_eq!(
        entries,
        [
            (EntryType::Transfer, Side::Credit, "10000".to_owned()),
            (EntryType::Fee, Side::Debit, "4500".to_owned()),
            (EntryType::Tax, Side::Debit, "495".to_owned()),
        ]
    );
}

/// A payment of 10,000 with a fee of 4,500 and VAT of 495, of which 3,333 and then the rest go back.
#[test]
fn fee_and_vat_come_back_as_the_provider_has_it() {
    use EntryType::{Fee, Refund, Tax};
    let (debit, credit) = (Side::Debit, Side::Credit);
    let parts = |of_fees: [&[(EntryType, Side, &str)]; 2]| {
        let [first, last] = of_fees;
        let first = [&[(Refund, debit, "3333")], first].concat().into_iter().map(|one| (one, "2026-11-22"));
        let last = [&[(Refund, debit, "6667")], last].concat().into_iter().map(|one| (one, "2026-11-23"));
        let all = first.chain(last);
        all.map(|((what, side, amount), day)| (what, side, amount.to_owned(), day.to_owned()))
            .collect::<Vec<_>>()
    };
    for (fee_refund, expected) in [
        (FeeRefund::Never, parts([&[], &[]])),
        (FeeRefund::FullRefund, parts([&[], &[(Fee, credit, "4500"), (Tax, credit, "495")]])),
        (
            // 1499.85 and 164.9835 are cut, as the charges were; the last part brings what is left.
            FeeRefund::ProRata,
            parts([
                &[(Fee, credit, "1499"), (Tax, credit, "164")],
                &[(Fee, credit, "3001"), (Tax, credit, "331")],
            ]),
        ),
    ] {
        let provider = refunding(provider(), fee_refund);
        let open = record(Method::Qris, "10000");
        let paid = reported(&open, &provider, Status::Paid, "2026-11-20T08:00:00Z");
        let part = refunded(&paid, &provider, "r1", "3333", 22);
        let whole = refunded(&part, &provider, "r2", "6667", 23);
        assert_eq!(gone_back(&whole), expected, "{fee_refund}");
        assert_eq!((part.status(), whole.status()), (Status::Paid, Status::Reversed), "{fee_refund}");
        let reversed = reported(&part, &provider, Status::Reversed, "2026-11-23T08:00:00Z");
        assert_eq!(settled(&reversed), settled(&whole), "the rest by reversal: {fee_refund}");
    }
}

#[test]
fn a_reversal_moves_what_no_refund_had_moved() {
    let provider = provider();
    let paid = reported(&record(Method::Qris, "10000"), &provider, Status::Paid, "2026-11-20T08:00:00Z");
    let part = refunded(&paid, &provider, "r1", "3333", 22);
    let reversed = reported(&part, &provider, Status::Reversed, "2026-11-23T08:00:00Z");
    let moved: Vec<_> = gone_back(&reversed).into_iter().map(|(what, _, amount, _)| (what, amount)).collect();
    let expected = [
        (EntryType::Refund, "3333"),
        (EntryType::Transfer, "6667"),
        (EntryType::Fee, "4500"),
        (EntryType::Tax, "495"),
    ];
    assert_eq!(moved, expected.map(|(what, amount)| (what, amount.to_owned())));
    let whole = refunded(&reversed, &provider, "r2", "6667", 23);
    assert_eq!((whole.status(), settled(&whole)), (Status::Reversed, Decimal::ZERO));
}

#[test]
fn what_was_charged_keeps_whether_it_comes_back() {
    let keeps = refunding(provider(), FeeRefund::Never);
    let paid = reported(&record(Method::Qris, "10000"), &keeps, Status::Paid, "2026-11-20T08:00:00Z");
    let gives = refunding(provider(), FeeRefund::FullRefund);
    let reversed = reported(&paid, &gives, Status::Reversed, "2026-11-23T08:00:00Z");
    assert_eq!(settled(&reversed), Decimal::from(-4995));
    let mut by_service = refunding(provider(), FeeRefund::Never);
    let own = by_service.tariffs.overrides.entry(Method::Qris.service()).or_default();
    own.fee_refund = Some(FeeRefund::ProRata);
    let paid = reported(&record(Method::Qris, "10000"), &by_service, Status::Paid, "2026-11-20T08:00:00Z");
    assert_eq!(paid.charges.unwrap().fee_refund, FeeRefund::ProRata);
}

#[test]
fn a_payment_that_does_not_succeed_costs_nothing() {
    let open = record(Method::Qris, "10000");
    for status in [Status::Processing, Status::Failed, Status::Expired] {
        let after = reported(&open, &provider(), status, "2026-11-20T08:00:00Z");
        assert_eq!((after.charges.clone(), settled(&after)), (None, Decimal::ZERO), "{status}");
    }
}

#[test]
fn an_assumed_provider_gives_way_to_the_one_that_reports() {
    let assumed = builders::provider(&merchant(), ProviderType::Midtrans);
    let mut open = record(Method::Qris, "10000");
    let mut binding = assumed.binding();
    binding.assumed = true;
    open.provider = Some(binding);
    let paid = reported(&open, &provider(), Status::Paid, "2026-11-20T08:00:00Z");
    assert_eq!(paid.provider, Some(provider().binding()));
    assert_eq!(paid.charges.as_ref().unwrap().fee, Decimal::from(4500));
}

proptest! {
    #[test]
    fn entries_add_up_to_what_is_settled_in_every_order_of_reports(
        method in select(Method::ALL),
        rupiah in 1_i64..100_000_000,
        rate in 0_i64..1_000,
        statuses in prop::collection::vec((select(Status::ALL), 0_u32..50), 0..6),
    ) {
        let mut provider = provider();
        provider.tariffs.general.fee = Some(Fee::Percentage { value: Decimal::new(rate, 2) });
        let open = record(method, &rupiah.to_string());
        let apply_all = |reports: &[(Status, u32)]| reports.iter().fold(open.clone(), |current, (status, minute)| {
            reported(&current, &provider, *status, &format!("2026-11-20T08:{minute:02}:00Z"))
        });
        let last = apply_all(&statuses);
        let reversed: Vec<_> = statuses.iter().rev().copied().collect();
        prop_assert_eq!(&apply_all(&reversed).charges, &last.charges);
        let cost = last.charges.as_ref().map_or(Decimal::ZERO, |charges| charges.total());
        let moved = match (last.charged_at().is_some() && last.status().is_success(), method.direction()) {
            (false, _) => Decimal::ZERO,
            (true, Direction::Receive) => Decimal::from(rupiah) - cost,
            (true, Direction::Send) => -Decimal::from(rupiah) - cost,
        };
        prop_assert_eq!(settled(&last), moved);
        prop_assert_eq!(last.charges.is_some(), last.charged_at().is_some());
    }

    #[test]
    fn what_comes_back_of_fees_never_exceeds_them_and_ends_with_all_or_nothing(
        fee_refund in select(FeeRefund::ALL),
        rate in 0_i64..1_000,
        parts in prop::collection::vec((1_u32..6_000, 21_u32..28), 0..5),
        is_reversed in any::<bool>(),
    ) {
        let mut provider = refunding(provider(), fee_refund);
        provider.tariffs.general.fee = Some(Fee::Percentage { value: Decimal::new(rate, 2) });
        let mut last = reported(&record(Method::Qris, "10000"), &provider, Status::Paid, "2026-11-20T08:00:00Z");
        for (number, (amount, day)) in parts.iter().enumerate() {
            last = refunded(&last, &provider, &format!("r{number}"), &amount.to_string(), *day);
        }
        if is_reversed {
            last = reported(&last, &provider, Status::Reversed, "2026-11-25T08:00:00Z");
        }
        let cost = last.charges.as_ref().unwrap().total();
        let back = entries(&last).into_iter().filter(|entry| {
            matches!(entry.entry_type, EntryType::Fee | EntryType::Tax) && entry.side == Side::Credit
        });
        let back: Decimal = back.map(|entry| entry.amount).sum();
        let is_kept = fee_refund == FeeRefund::Never;
        prop_assert!(entries(&last).iter().all(|entry| entry.amount > Decimal::ZERO));
        if last.status() == Status::Reversed {
            prop_assert_eq!(back, if is_kept { Decimal::ZERO } else { cost });
            prop_assert_eq!(settled(&last), if is_kept { -cost } else { Decimal::ZERO });
        } else {
            prop_assert!(back <= cost && (fee_refund == FeeRefund::ProRata || back.is_zero()));
        }
    }
}
