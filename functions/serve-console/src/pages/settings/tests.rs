use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::testing::Console;
use crate::testing::samples::{self, HOSTILE, HOSTILE_SHOWN};

type Fields = &'static [(&'static str, &'static str)];

fn shown(merchant: &Value) -> Value {
    json!({"status": true, "merchant": merchant})
}

fn console() -> Console {
    let console = Console::open();
    console.shows("/merchant", shown(&samples::merchant()));
    console.answers(Method::PATCH, "/merchant", 200, shown(&samples::merchant()));
    console
}

#[tokio::test]
async fn settings_are_shown_with_one_request() {
    let console = console();
    let seen = console.get("/developers/settings", Role::Admin).await;
    seen.is(200).has("name=\"name\" value=\"Kopi Nusantara\"").has("value=\"Asia/Jakarta\"");
    seen.has("name=\"stuck_after_seconds.QRIS\" value=\"3600\"").has("QR Code Payment").has("now 1 h<");
    seen.has("name=\"monitoring.silent_minutes\" value=\"30\"").has("name=\"version\" value=\"1\"");
    seen.has("name=\"reconciliation.tolerance_minor\" value=\"0\"")
        .has("name=\"ledger_export.at\" value=\"\"");
    assert_eq!(console.made_lines(), ["GET /merchant"]);
}

/// What is as usual and stays so is not sent: it would no longer follow what is usual.
#[tokio::test]
async fn only_what_is_different_is_sent_and_only_over_what_was_seen() {
    let console = console();
    let forms: [(&str, Fields, Value); 5] = [
        ("merchant", &[("name", "Kopi"), ("time_zone", "Asia/Jakarta")], json!({"name": "Kopi"})),
        (
            "monitoring",
            &[
                ("monitoring.least_outcomes", "20"),
                ("monitoring.failures_above_usual_per_mille", "many"),
                ("monitoring.silent_minutes", "45"),
                ("monitoring.missing_callbacks", ""),
            ],
            json!({"monitoring": {"failures_above_usual_per_mille": "many", "silent_minutes": 45,
                "missing_callbacks": null}}),
        ),
        (
            "reconciliation",
            &[("reconciliation.tolerance_minor", "0"), ("reconciliation.tolerance_basis_points", "10")],
            json!({"reconciliation": {"tolerance_basis_points": 10}}),
        ),
        ("ledger", &[("ledger_export.at", "02:00")], json!({"ledger_export": {"at": "02:00"}})),
        (
            "stuck",
            &[("stuck_after_seconds.QRIS", "7200"), ("stuck_after_seconds.EWALLET", "")],
            json!({"stuck_after_seconds": {"QRIS": 7200, "EWALLET": null}}),
        ),
    ];
    for (group, fields, body) in forms {
        let fields: Vec<_> = fields.iter().copied().chain([("version", "1")]).collect();
        let seen = console.post(&format!("/developers/settings/{group}"), Role::Admin, &fields).await;
        assert_eq!(seen.location(), "/developers/settings?done=saved");
        let made = console.made();
        assert_eq!(
            (made.len(), made[1].method.clone(), made[1].path.as_str()),
            (2, Method::PATCH, "/merchant")
        );
        assert_eq!((made[1].json(), &made[1].headers["if-match"]), (body, &"\"1\"".parse().unwrap()));
    }
    console.get("/developers/settings?done=saved", Role::Admin).await.has("Saved.");
}

#[tokio::test]
async fn an_export_ends_with_an_empty_time() {
    let console = console();
    let exporting = samples::with(samples::merchant(), &json!({"ledger_export": {"at": "02:00"}}));
    console.shows("/merchant", shown(&exporting));
    console.get("/developers/settings", Role::Admin).await.has("name=\"ledger_export.at\" value=\"02:00\"");
    console.made();
    console
        .post("/developers/settings/ledger", Role::Admin, &[("ledger_export.at", ""), ("version", "1")])
        .await;
    assert_eq!(console.made()[1].json(), json!({"ledger_export": null}));
}

#[tokio::test]
async fn what_is_the_same_changes_nothing() {
    let console = console();
    let form = [("name", "Kopi Nusantara"), ("time_zone", "Asia/Jakarta"), ("version", "1")];
    let seen = console.post("/developers/settings/merchant", Role::Admin, &form).await;
    assert_eq!(seen.location(), "/developers/settings?done=same");
    assert_eq!(console.made_lines(), ["GET /merchant"]);
    console.get("/developers/settings?done=same", Role::Admin).await.has("Nothing was different");
}

#[tokio::test]
async fn a_refused_form_is_shown_again_as_it_was_filled_in() {
    let console = console();
    for (status, field) in [(400, Some("time_zone")), (409, None), (422, Some("name"))] {
        console.refuses(Method::PATCH, "/merchant", status, field);
        let form = [("name", HOSTILE), ("time_zone", "Mars"), ("version", "1")];
        let seen = console.post("/developers/settings/merchant", Role::Admin, &form).await;
        seen.is(status).has(&format!("value=\"{HOSTILE_SHOWN}\"")).has("value=\"Mars\"");
        seen.has("expected something else").has("name=\"monitoring.silent_minutes\" value=\"30\"");
    }
}

#[tokio::test]
async fn after_somebody_elses_change_both_are_shown_and_nothing_is_saved() {
    let console = console();
    let changed = samples::with(samples::merchant(), &json!({"name": "Kopi Baru", "version": 2}));
    console.shows("/merchant", shown(&changed)).refuses(Method::PATCH, "/merchant", 412, Some("If-Match"));
    let form = [("name", "Kopi"), ("time_zone", "Asia/Jakarta"), ("version", "1")];
    let seen = console.post("/developers/settings/merchant", Role::Admin, &form).await;
    seen.is(412)
        .has("Somebody changed the settings meanwhile")
        .has("<td data-name=\"There now\">Kopi Baru</td>");
    seen.has("<td data-name=\"Yours\">Kopi</td>").has("name=\"name\" value=\"Kopi\"");
    seen.has("name=\"version\" value=\"2\"").lacks("data-name=\"Setting\">Time zone");
    assert_eq!(console.made_lines(), ["GET /merchant", "PATCH /merchant", "GET /merchant"]);
}

#[tokio::test]
async fn only_admins_see_and_change_them() {
    let console = console();
    for role in [Role::Merchant, Role::Operations, Role::Finance, Role::Engineering] {
        console.get("/developers/settings", role).await.is(403);
        console.post("/developers/settings/merchant", role, &[("name", "x")]).await.is(403);
    }
    console.get("/developers/settings/other", Role::Admin).await.is(404);
    for path in ["/developers/settings", "/developers/settings/other"] {
        console.post(path, Role::Admin, &[]).await.is(404);
    }
    assert!(console.made().is_empty());
}
