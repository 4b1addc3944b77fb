//! What may be set, as tables.

use super::*;
use crate::id::MerchantId;
use crate::time::Timestamp;

fn merchant() -> Merchant {
    let now = Timestamp::from_seconds(0).unwrap();
    Merchant::new(MerchantId::derived("test", &[b"m"]), "Kopi".to_owned(), Zone::UTC, now)
}

fn changed(merchant: &Merchant, body: &Value) -> Merchant {
    merchant.with_changes(body).unwrap()
}

#[test]
fn what_nobody_has_set_is_as_usual() {
    let shown = merchant().to_json();
    assert_eq!(shown["stuck_after_seconds"]["QRIS"], 3600);
    assert_eq!(shown["stuck_after_seconds"].as_object().unwrap().len(), Method::ALL.len());
    let usual = json!({"least_outcomes": 20, "failures_above_usual_per_mille": 250, "silent_minutes": 10,
        "missing_callbacks": 20});
    assert_eq!(shown["monitoring"], usual);
    assert_eq!(shown["reconciliation"], json!({"tolerance_minor": 0, "tolerance_basis_points": 0}));
}

#[test]
fn only_what_is_named_changes_and_null_is_as_usual_again() {
    let body = json!({"stuck_after_seconds": {"QRIS": 7200, "EWALLET": 60}, "monitoring": {"silent_minutes": 30},
        "reconciliation": {"tolerance_minor": 100}});
    let set = changed(&merchant(), &body);
    let limits = &set.settings.stuck;
    assert_eq!(
        [Method::Qris, Method::EWallet, Method::CreditCard].map(|method| limits.seconds(method)),
        [7200, 60, 3600]
    );
    assert_eq!((set.settings.monitoring.silent_minutes, set.settings.monitoring.least_outcomes), (30, 20));
    assert_eq!((set.settings.tolerance.minor, set.settings.tolerance.basis_points), (100, 0));
    assert_eq!(changed(&set, &json!({})), set);
    let one = changed(
        &set,
        &json!({"stuck_after_seconds": {"QRIS": null}, "monitoring": {"silent_minutes": null}}),
    );
    assert_eq!([Method::Qris, Method::EWallet].map(|method| one.settings.stuck.seconds(method)), [3600, 60]);
    assert_eq!(one.settings.monitoring, Thresholds::default());
    let none =
        changed(&set, &json!({"stuck_after_seconds": null, "monitoring": null, "reconciliation": null}));
    assert_eq!(none, merchant());
}

#[test]
fn files_of_the_ledger_are_wanted_from_a_time_on_or_not_at_all() {
    assert_eq!(merchant().to_json()["ledger_export"], Value::Null);
    let wanted = changed(&merchant(), &json!({"ledger_export": {"at": "02:00"}}));
    assert_eq!(wanted.to_json()["ledger_export"], json!({"at": "02:00"}));
    assert_eq!(changed(&wanted, &json!({"name": "Kopi"})), wanted);
    assert_eq!(changed(&wanted, &json!({"ledger_export": null})), merchant());
}

#[test]
fn what_cannot_be_set_is_named() {
    let cases = [
        (json!([]), "body"),
        (json!({"colour": "red"}), "colour"),
        (json!({"name": ""}), "name"),
        (json!({"ledger_export": "02:00"}), "ledger_export"),
        (json!({"ledger_export": {}}), "ledger_export.at"),
        (json!({"ledger_export": {"at": "24:00"}}), "ledger_export.at"),
        (json!({"ledger_export": {"at": "02:00", "to": "x"}}), "ledger_export.to"),
        (json!({"time_zone": "Asia/Atlantis"}), "time_zone"),
        (json!({"stuck_after_seconds": 3600}), "stuck_after_seconds"),
        (json!({"stuck_after_seconds": {"QRIS": 59}}), "stuck_after_seconds.QRIS"),
        (json!({"stuck_after_seconds": {"QRIS": 2_592_001}}), "stuck_after_seconds.QRIS"),
        (json!({"stuck_after_seconds": {"CHEQUE": 3600}}), "stuck_after_seconds.CHEQUE"),
        (json!({"monitoring": {"least_outcomes": 4}}), "monitoring.least_outcomes"),
        (
            json!({"monitoring": {"failures_above_usual_per_mille": 149}}),
            "monitoring.failures_above_usual_per_mille",
        ),
        (json!({"monitoring": {"silent_minutes": 1441}}), "monitoring.silent_minutes"),
        (json!({"monitoring": {"missing_callbacks": "20"}}), "monitoring.missing_callbacks"),
        (json!({"reconciliation": {"tolerance_minor": -1}}), "reconciliation.tolerance_minor"),
        (
            json!({"reconciliation": {"tolerance_basis_points": 10_001}}),
            "reconciliation.tolerance_basis_points",
        ),
        (json!({"reconciliation": {"lag_days": 1}}), "reconciliation.lag_days"),
    ];
    for (body, name) in cases {
        assert_eq!(merchant().with_changes(&body).unwrap_err().name, name, "{body}");
    }
}

/// What is usual may change for all who have not said otherwise.
#[test]
fn what_nobody_has_set_is_not_kept() {
    assert_eq!(serde_json::to_value(merchant().settings).unwrap(), json!({}));
    let set = changed(&merchant(), &json!({"stuck_after_seconds": {"QRIS": 7200}}));
    assert_eq!(serde_json::to_value(set.settings).unwrap(), json!({"stuck": {"QRIS": 7200}}));
}

/// What an older version wrote has neither version nor settings.
#[test]
fn a_row_without_the_newer_members_is_a_merchant() {
    let old = json!({"id": "mer_tpgw85xm2z99e64mb1xp7p67g6", "name": "Kopi", "zone": "Asia/Jakarta",
        "shard_count": 1, "created_at": "2026-01-01T00:00:00.000000Z"});
    let merchant: Merchant = serde_json::from_value(old).unwrap();
    assert_eq!((merchant.version, merchant.settings), (1, Settings::default()));
}
