//! Things as the API shows them, for tests to change.

use serde_json::{Value, json};

pub const TRANSACTION: &str = "tra_00000000000000000000000001";
pub const PROVIDER: &str = "prv_00000000000000000000000001";
pub const CLIENT: &str = "cli_00000000000000000000000001";

/// What stands in every place that text can come to from outside, to be seen as text.
pub const HOSTILE: &str = "<script>alert('1')</script>\"&";

/// How it stands in a page.
pub const HOSTILE_SHOWN: &str = "&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#34;&#38;";

/// A QRIS payment that is open since an hour and a half.
pub fn transaction() -> Value {
    json!({
        "id": TRANSACTION, "created_at": "2026-11-20 10:30:00", "updated_at": null, "charged_at": null,
        "status_changed_at": "2026-11-20 10:30:00", "payment_methods_id": "pam_00000000000000000000000001",
        "payments_id": null, "customers_id": null, "bank_accounts_id": null, "mandates_id": null,
        "transaction_reference": "INV-1", "payment_reference": null, "submission_batch_reference": null,
        "transaction_status_lookups_id": "loo_00000000000000000000000001", "amount": 75000, "payment_data": {},
        "unpaid_reason": null, "submission_data": [], "currency": "IDR", "direction": "receive", "method": "QRIS",
        "status": "PENDING", "provider_id": PROVIDER, "provider_name": "Xendit", "destination": null,
        "attributes": {"qrData": null, "nmid": null}, "metadata": {}, "fee": 525, "tax": 57, "paid_at": null,
        "expired_at": null, "occurrence": 1, "held": false, "version": 1,
    })
}

/// The same with other members.
pub fn with(mut value: Value, members: &Value) -> Value {
    for (name, member) in members.as_object().expect("members") {
        value[name] = member.clone();
    }
    value
}

/// The merchant, with the usual limits.
pub fn merchant() -> Value {
    json!({
        "id": "mer_00000000000000000000000001", "name": "Kopi Nusantara", "time_zone": "Asia/Jakarta",
        "stuck_after_seconds": {"QRIS": 3600, "EWALLET": 3600, "VIRTUAL_ACCOUNT": 93600, "CREDIT_CARD": 3600,
            "DEBICHECK": 259200, "EFT_DEBIT": 518400, "BANK_TRANSFER": 14400},
        "monitoring": {"least_outcomes": 20, "failures_above_usual_per_mille": 250, "silent_minutes": 30,
            "missing_callbacks": 10},
        "reconciliation": {"tolerance_minor": 0, "tolerance_basis_points": 0}, "ledger_export": null, "created_at": "2026-01-01 00:00:00",
        "updated_at": null, "version": 1,
    })
}

/// Counts of a month with one open payment.
pub fn counts() -> Value {
    let count = |status: &str, group: &str, count: u64| json!({"status": status, "status_group": group, "count": count});
    json!({
        "status": true, "created_at_start_date": "2026-11-01", "created_at_end_date": "2026-11-20",
        "time_zone": "Asia/Jakarta", "total": 3,
        "counts": [count("PENDING", "processing", 1), count("PAID", "success", 2)],
    })
}
