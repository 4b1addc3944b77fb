//! Fees and VAT on records: when they come, that they stay, and that entries add up to what is settled.

use paywarden_domain::ledger::{EntryType, Side, entries};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::fees::Fee;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::transaction::record::TransactionRecord;
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
}
