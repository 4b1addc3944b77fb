//! What the API shows of reconciliation, for tests to change.

use serde_json::{Value, json};

use crate::testing::Console;
use crate::testing::samples::{PROVIDER, TRANSACTION};

pub const RUN: &str = "run_00000000000000000000000001";
pub const STATEMENT: &str = "stm_00000000000000000000000001";
pub const EXCEPTION: &str = "exc_00000000000000000000000001";
pub const SECOND: &str = "exc_00000000000000000000000002";

/// A page of a list.
pub fn page(items: &str, list: &[Value], next: Option<&str>) -> Value {
    let mut page = json!({"status": true, "next_cursor": next});
    page[items] = json!(list);
    page
}

/// Says that there is one provider.
pub fn has_provider(console: &Console) {
    console.shows("/providers", page("providers", &[provider()], None));
}

pub fn provider() -> Value {
    json!({
        "id": PROVIDER, "type": "midtrans", "name": "Midtrans", "connection": "AGGREGATOR",
        "services": ["VIRTUAL_ACCOUNT"], "credentials": {}, "fee": null, "tax": null, "fee_refund": "NEVER", "overrides": {},
        "priority": 100, "settlement": null, "status": "ACTIVE", "status_pinned": false, "status_reason": "added",
        "status_changed_by": "operator", "callback_url": "https://pay.example.com/v1/callbacks/prv_00000000000000000000000001",
        "status_changed_at": "2026-11-01T00:00:00+07:00", "last_activity": null, "stuck_payments": null,
        "created_at": "2026-11-01T00:00:00+07:00", "updated_at": null, "version": 1,
    })
}

/// A fee of which the statement has 500 more.
pub fn exception() -> Value {
    json!({
        "id": EXCEPTION, "provider_id": PROVIDER, "run_id": RUN, "outcome": "FEE_OVER",
        "detail": "the statement has 500 IDR more", "status": "OPEN", "assignee": null,
        "ledger": {"statement_id": null, "line": 6, "method": "VIRTUAL_ACCOUNT", "transaction_id": TRANSACTION,
            "reference": "INV-1", "provider_transaction_id": "mid-1", "group_reference": null, "kind": "Fee",
            "direction": "debit", "amount": "4500", "currency": "IDR", "at": "2026-11-19T06:41:51.000000Z",
            "status": "PAID", "text": null},
        "statement": {"statement_id": STATEMENT, "line": 3, "method": null, "transaction_id": null, "reference": "INV-1",
            "provider_transaction_id": null, "group_reference": null, "kind": "Fee", "direction": "debit",
            "amount": "5000.00", "currency": "IDR", "at": "2026-11-19T06:41:52.000000Z", "status": "SETTLED", "text": null},
        "created_at": "2026-11-18T12:00:00+07:00",
        "history": [{"at": "2026-11-18T12:00:00+07:00", "by": "automation", "status": "OPEN", "reason": "found by the run",
            "assignee": null}],
        "version": 1,
    })
}

/// A run of one day that has one exception, one pending row and one line that cannot be read.
pub fn run() -> Value {
    json!({
        "id": RUN, "provider_id": PROVIDER, "start_date": "2026-11-18", "end_date": "2026-11-18", "as_of": "2026-11-19",
        "statement_ids": [STATEMENT],
        "rules": {"tolerance_minor": 0, "tolerance_basis_points": 0, "lag_days": 1, "zone": "Asia/Jakarta",
            "provider_type": "midtrans"},
        "dry_run": false, "trigger": "SCHEDULE", "state": "COMPLETED_WITH_REJECTS", "attempt": 1, "shards": 4,
        "summary": summary(), "failure": null, "supersedes": null, "superseded_by": null, "created_by": "automation",
        "created_at": "2026-11-19T12:00:00+07:00", "started_at": "2026-11-19T12:00:01+07:00",
        "finished_at": "2026-11-19T12:00:09+07:00", "version": 5,
    })
}

pub fn summary() -> Value {
    json!({
        "rows": {"ledger": 7, "statement": 7}, "outside": {"ledger": 0, "statement": 3},
        "outcomes": {"ledger": {"MATCHED": 5, "FEE_OVER": 1, "PENDING_SETTLEMENT": 1},
            "statement": {"MATCHED": 5, "FEE_OVER": 1, "PARSE_ERROR": 1}},
        "sums": {"ledger": {"IDR": {"Fee": {"FEE_OVER": "4500"}}}, "statement": {"IDR": {"Fee": {"FEE_OVER": "5000.5"}}}},
        "conserved": true, "result_sha256": "7226863b",
        "exceptions": {"found": 2, "listed": 2, "carried_over": 1, "cleared": 0},
    })
}

/// A file with one line that cannot be read.
pub fn statement() -> Value {
    let extent = |lines: u64, bytes: u64| json!({"lines": lines, "bytes": bytes});
    json!({
        "id": STATEMENT, "provider_id": PROVIDER, "status": "PARSED_WITH_ERRORS", "reason": null, "duplicate_of": null,
        "format": "columns", "file_name": "november.csv", "sha256": "1cb57437", "bytes": 198,
        "report": {
            "lines": 4, "rows": 9, "errors": 1,
            "problems": [{"line": 5, "column": "amount", "expected": "a number", "text": "INV-9,ten"}],
            "checks": [{"name": "count", "stated": "4", "found": "3", "holds": false}],
            "first_booked_at": "2026-11-18T20:41:52+07:00", "last_booked_at": "2026-11-19T11:41:52+07:00",
            "totals": [{"currency": "IDR", "kind": "Transfer", "direction": "credit", "amount": 849000, "count": 3}],
            "file": {"lines": 5, "bytes": 198, "adds_up": true, "parts": {"header": extent(1, 32),
                "movements": extent(3, 156), "without_movement": extent(0, 0), "summary": extent(0, 0),
                "blank": extent(0, 0), "unreadable": extent(1, 10)}},
        },
        "created_by": "cli_00000000000000000000000001", "created_at": "2026-11-19T12:00:00+07:00",
        "read_at": "2026-11-19T12:00:01+07:00",
    })
}
