//! The pages of providers, before an API that answers what each test says.

mod adding;
mod changing;
mod list;
mod page;
mod sequence;
mod standing;
mod trial;

use serde_json::{Value, json};

use crate::testing::Console;
use crate::testing::samples::{self, PROVIDER};

/// A provider as the API shows it: active, 0.7 % and VAT, of which eWallet costs something else.
pub fn provider() -> Value {
    json!({
        "id": PROVIDER, "type": "brick", "name": "Brick", "connection": "AGGREGATOR",
        "services": ["QR_CODE_PAYMENT", "EWALLET"],
        "credentials": {
            "client_id": {"set": true, "value": "b3f1", "last4": null, "updated_at": "2026-11-19T10:00:00+07:00"},
            "client_secret": {"set": true, "last4": "cret", "updated_at": "2026-11-19T10:00:00+07:00"},
            "path_token": {"set": true, "last4": "R9Ok", "updated_at": "2026-11-19T10:00:00+07:00"},
        },
        "fee": {"type": "PERCENTAGE", "value": "0.7"},
        "tax": {"percentage": "11", "apply": true, "rounding": null},
        "fee_refund": "FULL_REFUND",
        "overrides": {"EWALLET": {
            "fee": {"type": "FLAT", "value": "1000", "currency": "IDR"},
            "tax": {"percentage": "11", "apply": false, "rounding": {"mode": "HALF_UP", "scale": 2}}, "fee_refund": null,
        }},
        "priority": 90, "settlement": {"time": "23:00", "zone": "Asia/Jakarta", "lag_days": 1},
        "status": "ACTIVE", "status_pinned": false, "status_reason": "added",
        "status_changed_at": "2026-11-19T10:00:00+07:00", "status_changed_by": "cli_00000000000000000000000001",
        "callback_url": format!("https://pay.example.com/v1/callbacks/{PROVIDER}/{{token}}"),
        "last_activity": "2026-11-20T11:00:00+07:00", "stuck_payments": null,
        "created_at": "2026-11-19T10:00:00+07:00", "updated_at": null, "version": 3,
    })
}

fn provider_with(members: &Value) -> Value {
    samples::with(provider(), members)
}

/// The two types that tests need: one with a key and a secret, one with a public key of several lines.
fn types() -> Value {
    let field = |key: &str, label: &str, required: bool, secret: bool, example: &str| {
        json!({"key": key, "label": label, "required": required, "secret": secret, "format": "as it is shown",
            "help": "In the dashboard", "example": example})
    };
    json!({"status": true, "provider_types": [
        {"type": "brick", "name": "Brick", "connection": "AGGREGATOR",
            "services": ["QR_CODE_PAYMENT", "EWALLET", "SEND_MONEY"],
            "fields": [field("client_id", "Client key", true, false, "b3f1"),
                field("client_secret", "Client secret", true, true, "brick-client-secret"),
                field("payout_key", "Payout key", false, true, "key")]},
        {"type": "snap", "name": "Bank (SNAP)", "connection": "DIRECT", "services": ["VIRTUAL_ACCOUNT"],
            "fields": [field("public_key", "Bank's public key", true, false, "-----BEGIN\nPUBLIC KEY-----")]},
    ]})
}

/// A console before an API that has this provider.
fn console_with(provider: &Value) -> Console {
    let console = Console::open();
    console.shows("/provider-types", types());
    console.shows("/providers/{id}", json!({"status": true, "provider": provider}));
    console
}
