//! Who takes part, in which order, and why.

use paywarden_domain::money::{Currency, Money};
use paywarden_domain::provider::fees::{Fee, Tariff};
use paywarden_domain::provider::sequence::{first, sequence};
use paywarden_domain::provider::{Provider, ProviderStatus, ProviderType};
use paywarden_domain::vocabulary::Service;
use paywarden_testing::builders;
use rust_decimal::Decimal;

/// An active provider of these settings; a fee is flat, in rupiah.
fn provider(provider_type: ProviderType, priority: u32, fee: Option<i64>) -> Provider {
    let mut provider = builders::provider(&builders::merchant("one"), provider_type);
    provider.priority = priority;
    let fee = fee.map(|fee| Fee::Flat { value: Decimal::from(fee), currency: Some(Currency::IDR) });
    provider.tariffs.general = Tariff { fee, ..Tariff::default() };
    provider
}

fn rupiah(amount: &str) -> Option<Money> {
    Some(builders::money(amount, "IDR"))
}

fn names(providers: &[Provider], payment: Option<Money>) -> Vec<String> {
    let (ranked, _) = sequence(providers, Service::SendMoney, payment);
    ranked.iter().map(|ranked| ranked.provider.name.clone()).collect()
}

#[test]
fn priority_goes_before_cost_and_cost_before_what_is_not_known() {
    let providers = [
        provider(ProviderType::Xendit, 100, None),
        provider(ProviderType::Midtrans, 100, Some(4500)),
        provider(ProviderType::Brick, 100, Some(2500)),
        provider(ProviderType::Generic, 10, Some(9000)),
    ];
    assert_eq!(names(&providers, rupiah("100000")), ["generic", "brick", "midtrans", "xendit"]);
}

#[test]
fn a_percentage_and_a_flat_fee_change_places_with_the_amount() {
    let mut percentage = provider(ProviderType::Xendit, 100, None);
    percentage.tariffs.general.fee = Some(Fee::Percentage { value: Decimal::ONE });
    let providers = [percentage, provider(ProviderType::Brick, 100, Some(2500))];
    assert_eq!(names(&providers, rupiah("100000")), ["xendit", "brick"]);
    assert_eq!(names(&providers, rupiah("1000000")), ["brick", "xendit"]);
    assert_eq!(first(&providers, Service::SendMoney, rupiah("1000000").unwrap()).unwrap().name, "brick");
}

#[test]
fn who_is_out_is_told_why() {
    let mut resting = provider(ProviderType::Midtrans, 1, Some(1));
    resting.standing.status = ProviderStatus::Maintenance;
    resting.standing.reason = "their database moves".to_owned();
    let mut elsewhere = provider(ProviderType::Brick, 1, Some(1));
    elsewhere.services = vec![Service::QrCodePayment];
    let providers = [resting, elsewhere, provider(ProviderType::Xendit, 100, Some(4500))];
    let (ranked, excluded) = sequence(&providers, Service::SendMoney, rupiah("100000"));
    assert_eq!(ranked.len(), 1);
    assert_eq!(ranked.first().unwrap().reason, "priority 100; costs 4500 IDR: fee 4500, VAT 0");
    let mut reasons: Vec<&str> = excluded.iter().map(|excluded| excluded.reason.as_str()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["does not offer SEND_MONEY", "is MAINTENANCE: their database moves"]);
}

#[test]
fn nobody_is_first_where_nobody_takes_part() {
    assert_eq!(first(&[], Service::EWallet, rupiah("1").unwrap()), None);
}
