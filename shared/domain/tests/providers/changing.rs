//! What is kept of a change.

use paywarden_domain::actor::Actor;
use paywarden_domain::provider::change::{Change, ChangeKind};
use paywarden_domain::provider::fees::{Fee, FeeRefund, Tariff};
use paywarden_domain::provider::{CredentialSummary, Provider, ProviderStatus, ProviderType};
use paywarden_domain::time::Zone;
use paywarden_testing::builders;
use rust_decimal::Decimal;
use serde_json::json;

fn provider() -> Provider {
    builders::provider(&builders::merchant("one"), ProviderType::Xendit)
}

fn changed(change: impl FnOnce(&mut Provider)) -> Change {
    let mut next = provider();
    change(&mut next);
    let next = next.changed(builders::at("2026-11-20T08:00:00Z"));
    Change::between(Some(&provider()), &next, Actor::Operator, None)
}

#[test]
fn a_change_of_fees_names_both_values() {
    let fee = Fee::Flat { value: Decimal::from(4500), currency: None };
    let change = changed(|next| next.tariffs.general = Tariff { fee: Some(fee), ..Tariff::default() });
    let shown = change.to_json(&Zone::UTC);
    let expected = json!({"fee": {"from": null, "to": {"type": "FLAT", "value": "4500", "currency": null}}});
    assert_eq!((change.kind, change.version, &shown["changes"]), (ChangeKind::Updated, 2, &expected));
    assert_eq!(shown["reason"], json!(null));
}

#[test]
fn whether_fees_come_back_is_in_the_history_and_old_providers_have_the_custom() {
    let change = changed(|next| next.tariffs.general.fee_refund = Some(FeeRefund::Never));
    let expected = json!({"fee_refund": {"from": "FULL_REFUND", "to": "NEVER"}});
    assert_eq!(change.to_json(&Zone::UTC)["changes"], expected);
    let stored = serde_json::to_value(provider()).unwrap();
    assert!(!stored.to_string().contains("fee_refund"));
    assert_eq!(serde_json::from_value::<Provider>(stored).unwrap(), provider());
}

#[test]
fn a_change_of_a_secret_shows_that_and_when_but_not_what() {
    let summary =
        CredentialSummary::of("a-secret-of-enough-length", true, builders::at("2026-11-20T08:00:00Z"));
    let change = changed(|next| {
        next.credentials.insert("callback_token".to_owned(), summary);
    });
    let shown = change.to_json(&Zone::UTC).to_string();
    assert!(shown.contains("callback_token") && !shown.contains("ngth"), "{shown}");
}

#[test]
fn a_beginning_changes_nothing() {
    let change = Change::between(None, &provider(), Actor::Operator, None);
    let shown = change.to_json(&Zone::UTC);
    assert_eq!((change.kind, &shown["changes"]), (ChangeKind::Created, &json!({})));
}

#[test]
fn a_change_of_status_carries_its_reason() {
    let change = changed(|next| {
        next.standing.status = ProviderStatus::Maintenance;
        next.standing.reason = "their database moves".to_owned();
    });
    assert_eq!((change.kind, change.from), (ChangeKind::StatusChanged, Some(ProviderStatus::Active)));
    let announced = change.announcement(&Zone::UTC);
    assert_eq!(announced["event"], "provider.status_changed");
    assert_eq!(announced["provider"]["status"], "MAINTENANCE");
    assert_eq!(announced["change"]["reason"], "their database moves");
}

#[test]
fn short_secrets_show_nothing_of_themselves() {
    let now = builders::at("2026-11-20T08:00:00Z");
    assert_eq!(CredentialSummary::of("short-secret", true, now).last4, None);
    assert_eq!(CredentialSummary::of("long-enough-secret", true, now).last4.as_deref(), Some("cret"));
    assert_eq!(CredentialSummary::of("client-id", false, now).value.as_deref(), Some("client-id"));
}
