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
        (
            "merchant",
            &[("seen.name", "Kopi Nusantara"), ("name", "Kopi"), ("seen.time_zone", "x"), ("time_zone", "x")],
            json!({"name": "Kopi"}),
        ),
        (
            "monitoring",
            &[
                ("seen.monitoring.least_outcomes", "20"),
                ("monitoring.least_outcomes", "20"),
                ("monitoring.failures_above_usual_per_mille", "many"),
                ("monitoring.silent_minutes", "45"),
                ("seen.monitoring.missing_callbacks", "10"),
                ("monitoring.missing_callbacks", ""),
            ],
            json!({"monitoring": {"failures_above_usual_per_mille": "many", "silent_minutes": 45,
                "missing_callbacks": null}}),
        ),
        (
            "reconciliation",
            &[
                ("seen.reconciliation.tolerance_minor", "0"),
                ("reconciliation.tolerance_minor", "0"),
                ("reconciliation.tolerance_basis_points", "10"),
            ],
            json!({"reconciliation": {"tolerance_basis_points": 10}}),
        ),
        ("ledger", &[("ledger_export.at", "02:00")], json!({"ledger_export": {"at": "02:00"}})),
        (
            "ledger",
            &[("seen.ledger_export.at", "02:00"), ("ledger_export.at", "")],
            json!({"ledger_export": null}),
        ),
    ];
    for (group, fields, body) in forms {
        let fields: Vec<_> = fields.iter().copied().chain([("version", "1")]).collect();
        let seen = console.post(&format!("/developers/settings/{group}"), Role::Admin, &fields).await;
        assert_eq!(seen.location(), "/developers/settings?done=saved");
        let made = console.made();
        assert_eq!((made.len(), &made[0].method, made[0].path.as_str()), (1, &Method::PATCH, "/merchant"));
        assert_eq!((made[0].json(), &made[0].headers["if-match"]), (body, &"\"1\"".parse().unwrap()));
    }
    console.get("/developers/settings?done=saved", Role::Admin).await.has("Saved.");
}

#[tokio::test]
async fn what_is_the_same_changes_nothing() {
    let console = console();
    let form = [("name", "Kopi"), ("seen.name", "Kopi"), ("version", "1")];
    let seen = console.post("/developers/settings/merchant", Role::Admin, &form).await;
    assert_eq!(seen.location(), "/developers/settings?done=same");
    assert!(console.made().is_empty());
    console.get("/developers/settings?done=same", Role::Admin).await.has("Nothing was different");
}

#[tokio::test]
async fn a_refused_form_is_shown_again_as_it_was_filled_in() {
    let console = console();
    let changed = samples::with(samples::merchant(), &json!({"time_zone": "Asia/Makassar", "version": 2}));
    console.shows("/merchant", shown(&changed));
    for (status, field) in [(400, Some("time_zone")), (409, None), (422, Some("name"))] {
        console.refuses(Method::PATCH, "/merchant", status, field);
        let form =
            [("name", HOSTILE), ("time_zone", "Mars"), ("seen.time_zone", "Asia/Jakarta"), ("version", "1")];
        let seen = console.post("/developers/settings/merchant", Role::Admin, &form).await;
        seen.is(status).has(&format!("value=\"{HOSTILE_SHOWN}\"")).has("value=\"Mars\"");
        seen.has("expected something else").has("name=\"monitoring.silent_minutes\" value=\"30\"");
        seen.has("name=\"version\" value=\"1\"").has("name=\"seen.time_zone\" value=\"Asia/Jakarta\"");
    }
}

#[tokio::test]
async fn after_somebody_elses_change_both_are_shown_and_nothing_is_saved() {
    let console = console();
    let theirs = json!({"least_outcomes": 50, "failures_above_usual_per_mille": 250, "silent_minutes": 15,
        "missing_callbacks": 10});
    let changed = samples::with(samples::merchant(), &json!({"monitoring": theirs, "version": 2}));
    console.shows("/merchant", shown(&changed)).refuses(Method::PATCH, "/merchant", 412, Some("If-Match"));
    let form = [
        ("version", "1"),
        ("seen.monitoring.least_outcomes", "20"),
        ("monitoring.least_outcomes", "30"),
        ("seen.monitoring.failures_above_usual_per_mille", "250"),
        ("monitoring.failures_above_usual_per_mille", "250"),
        ("seen.monitoring.silent_minutes", "30"),
        ("monitoring.silent_minutes", "30"),
        ("seen.monitoring.missing_callbacks", "10"),
        ("monitoring.missing_callbacks", "25"),
    ];
    let seen = console.post("/developers/settings/monitoring", Role::Admin, &form).await;
    seen.is(412).has("Somebody changed the settings meanwhile");
    let row = |setting: &str, seen: &str, there: &str, yours: &str| {
        format!(
            "{setting}</th><td data-name=\"What you saw\">{seen}</td><td data-name=\"There now\">{there}</td><td data-name=\"Yours\">{yours}</td>"
        )
    };
    seen.has(&row("Least outcomes", "20", "50", "30")).has(&row(
        "Silence, in minutes",
        "30",
        "15",
        "as it is",
    ));
    seen.has(&row("Missing callbacks", "10", "10", "25")).lacks(">Failures above usual, per thousand</th>");
    // What they changed and this person did not stays theirs when it is saved again.
    seen.has("name=\"monitoring.least_outcomes\" value=\"30\"")
        .has("name=\"monitoring.silent_minutes\" value=\"15\"");
    seen.has("name=\"version\" value=\"2\"").has("name=\"seen.monitoring.silent_minutes\" value=\"15\"");
    assert_eq!(console.made_lines(), ["PATCH /merchant", "GET /merchant"]);
}

#[tokio::test]
async fn without_an_answer_there_are_no_forms() {
    let console = console();
    console.is_silent(Method::GET, "/merchant");
    console.get("/developers/settings", Role::Admin).await.is(503).lacks("name=\"version\"");
}

#[tokio::test]
async fn only_admins_see_and_change_them() {
    let console = console();
    for role in [Role::Merchant, Role::Operations, Role::Finance, Role::Engineering] {
        console.get("/developers/settings", role).await.is(403);
        console.post("/developers/settings/merchant", role, &[("name", "x")]).await.is(403);
    }
    console.get("/developers/settings/other", Role::Admin).await.is(404);
    let seen = console.get("/developers/settings/stuck", Role::Admin).await;
    assert_eq!(seen.location(), "/developers/settings#stuck");
    for path in ["/developers/settings", "/developers/settings/other"] {
        console.post(path, Role::Admin, &[]).await.is(404);
    }
    assert!(console.made().is_empty());
}
