use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use super::{console_with, provider, provider_with, types};
use crate::pages::providers::record::Provider;
use crate::pages::providers::settings;
use crate::testing::Console;
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, PROVIDER};

fn edit() -> String {
    format!("/providers/{PROVIDER}/edit")
}

fn fees() -> String {
    format!("/providers/{PROVIDER}/fees")
}

/// The form of settings as it stands on the page, with nothing changed.
const SETTINGS: &[(&str, &str)] = &[
    ("version", "3"),
    ("name", "Brick"),
    ("connection", "AGGREGATOR"),
    ("services", "QR_CODE_PAYMENT"),
    ("services", "EWALLET"),
    ("priority", "90"),
    ("settlement.time", "23:00"),
    ("settlement.zone", "Asia/Jakarta"),
    ("settlement.lag_days", "1"),
    ("credentials.client_id", "b3f1"),
    ("credentials.client_secret", ""),
    ("previous_credentials_valid_seconds", ""),
];

fn settings_with(changed: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let kept = SETTINGS.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    kept.chain(changed).copied().collect()
}

fn saving(console: &Console) {
    console.answers(Method::PATCH, "/providers/{id}", 200, json!({"status": true, "provider": provider()}));
}

/// The body and the version of the change that was asked for; before it, the provider and its type are read.
fn change(console: &Console) -> (Value, String) {
    let made = console.made();
    let [.., change] = made.as_slice() else { panic!("nothing was asked") };
    assert_eq!((made.len(), &change.method), (3, &Method::PATCH));
    (change.json(), change.headers["if-match"].to_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_form_has_what_there_is_and_no_secret() {
    let console = console_with(&provider());
    let seen = console.get(&edit(), Role::Operations).await;
    seen.is(200).has("value=\"Brick\"").has("value=\"EWALLET\" checked").has("value=\"23:00\"");
    seen.has("name=\"version\" value=\"3\"").has("name=\"credentials.client_id\" value=\"b3f1\"");
    seen.has("Empty: it stays as it is, …cret.").has("Make a new callback address");
    seen.has("Saving leaves its status as it is: ACTIVE.").lacks("name=\"fee.value\"");
    assert_eq!(console.made().len(), 2);
    let seen = console.get(&fees(), Role::Operations).await;
    seen.has("name=\"fee.value\" value=\"0.7\"").has("name=\"overrides.EWALLET.fee.value\" value=\"1000\"");
    seen.has("<option value=\"HALF_UP\" selected>").has("0.7 % of 100,000 = 700").lacks("client_secret");
    let seen =
        console.get(&format!("{}?own=QR_CODE_PAYMENT&own=EWALLET&own=X", fees()), Role::Operations).await;
    seen.has("name=\"overrides.QR_CODE_PAYMENT.fee.value\"").lacks("overrides.X.");
    seen.has("name=\"overrides.EWALLET.fee.value\" value=\"1000\"");
}

/// A form that is sent as it was shown says of the provider what there is already.
#[test]
fn what_a_form_begins_with_is_what_there_is() {
    let shown = provider();
    let held: Provider = serde_json::from_value(shown.clone()).unwrap();
    let begun = settings::of_provider(&held);
    for (name, member) in settings::tariffs::body(&begun).into_iter().chain(settings::general::body(&begun)) {
        assert_eq!(member, shown[&name], "{name}");
    }
    let kind = serde_json::from_value(types()["provider_types"][0].clone()).unwrap();
    assert!(settings::credentials::body(&begun, &kind, Some(&held)).is_empty());
}

/// Nothing of the status is in it, nor a secret that nobody typed.
#[tokio::test]
async fn settings_are_saved_over_the_version_that_was_seen() {
    let console = console_with(&provider());
    saving(&console);
    let seen = console.post(&edit(), Role::Operations, &settings_with(&[("name", "BCA")])).await;
    assert_eq!(seen.location(), format!("/providers/{PROVIDER}?done=saved"));
    let expected = json!({
        "name": "BCA", "connection": "AGGREGATOR", "services": ["QR_CODE_PAYMENT", "EWALLET"], "priority": 90,
        "settlement": {"time": "23:00", "zone": "Asia/Jakarta", "lag_days": 1},
    });
    assert_eq!(change(&console), (expected, "\"3\"".to_owned()));
}

#[tokio::test]
async fn credentials_change_where_something_was_typed() {
    let console = console_with(&provider());
    saving(&console);
    let typed = [("credentials.client_secret", "hush-hush"), ("previous_credentials_valid_seconds", "3600")];
    console.post(&edit(), Role::Operations, &settings_with(&typed)).await.location();
    let (body, _) = change(&console);
    assert_eq!(body["credentials"], json!({"client_secret": "hush-hush"}));
    assert_eq!(body["previous_credentials_valid_seconds"], 3600);
    let emptied = [("credentials.client_id", ""), ("previous_credentials_valid_seconds", "0")];
    console.post(&edit(), Role::Operations, &settings_with(&emptied)).await.location();
    assert_eq!(change(&console).0["credentials"], json!({"client_id": null}));
}

#[tokio::test]
async fn a_secret_that_need_not_be_there_can_be_taken_away() {
    let mut held = provider();
    held["credentials"]["payout_key"] =
        json!({"set": true, "last4": null, "updated_at": "2026-11-19T10:00:00+07:00"});
    let console = console_with(&held);
    let seen = console.get(&edit(), Role::Operations).await;
    seen.has("Take away for good").has("name=\"take_away\" value=\"payout_key\"");
    seen.lacks("name=\"take_away\" value=\"client_secret\"");
    console.made();
    saving(&console);
    console.post(&edit(), Role::Operations, &settings_with(&[("take_away", "payout_key")])).await.location();
    assert_eq!(change(&console).0["credentials"], json!({"payout_key": null}));
}

#[tokio::test]
async fn a_new_callback_address_is_shown_once() {
    let console = console_with(&provider());
    let address = format!("https://pay.example.com/v1/callbacks/{PROVIDER}/pws_new");
    let rotated = provider_with(&json!({"callback_url": address, "version": 4}));
    console.answers(Method::PATCH, "/providers/{id}", 200, json!({"status": true, "provider": rotated}));
    let seen =
        console.post(&edit(), Role::Operations, &settings_with(&[("rotate_callback_token", "true")])).await;
    seen.is(200).has(&address).has("shown this once");
    assert_eq!(change(&console).0["rotate_callback_token"], true);
}

#[tokio::test]
async fn fees_are_saved_by_themselves() {
    let console = console_with(&provider());
    saving(&console);
    let form = [
        ("version", "3"),
        ("fee.type", "FLAT"),
        ("fee.value", "2500"),
        ("fee.currency", ""),
        ("tax.percentage", "11"),
        ("fee_refund", "NEVER"),
        ("overrides.EWALLET.fee.type", ""),
        ("overrides.EWALLET.tax.percentage", ""),
        ("overrides.EWALLET.tax.apply", "true"),
        ("overrides.EWALLET.fee_refund", ""),
    ];
    console.post(&fees(), Role::Operations, &form).await.location();
    let expected = json!({
        "fee": {"type": "FLAT", "value": "2500"},
        "tax": {"percentage": "11", "apply": false, "rounding": null}, "fee_refund": "NEVER",
        "overrides": {"EWALLET": null},
    });
    assert_eq!(change(&console), (expected, "\"3\"".to_owned()));
    let asked: Vec<_> =
        form.iter().copied().chain([("example", "true"), ("example.amount", "500")]).collect();
    let seen = console.post(&fees(), Role::Operations, &asked).await;
    seen.is(200).has("flat 2,500").has("11 % is not applied");
    assert!(console.made_lines().iter().all(|line| line.starts_with("GET ")));
}

/// Somebody was faster: both are shown, and the form is over their version.
#[tokio::test]
async fn another_version_is_compared_before_it_is_overwritten() {
    let theirs = json!({"name": HOSTILE, "priority": 10, "version": 4});
    let console = console_with(&provider_with(&theirs));
    console.refuses(Method::PATCH, "/providers/{id}", 412, None);
    let typed = [("name", "Mine"), ("credentials.client_secret", "hush-hush")];
    let seen = console.post(&edit(), Role::Operations, &settings_with(&typed)).await;
    seen.is(412).has("you saw version 3, it is at version 4 now").has("Nothing was saved.");
    seen.has("There is now").has(HOSTILE_SHOWN).has(">Mine<").has(">90<").has(">10<");
    seen.has("name=\"version\" value=\"4\"").has("over version 4</button>").has("value=\"Mine\"");
    seen.lacks("hush-hush").lacks("<script>").lacks("data-name=\"Setting\">Services");
    let fees_seen = console.post(&fees(), Role::Operations, &[("version", "3"), ("fee.type", "")]).await;
    fees_seen.is(412).has("Percentage of the amount").has(">PERCENTAGE<").has(">0.7<");
}

#[tokio::test]
async fn what_is_refused_stays_filled_in() {
    let console = console_with(&provider());
    for (status, parameter) in
        [(422, "settlement.lag_days"), (400, "credentials.client_secret"), (409, "name")]
    {
        console.refuses(Method::PATCH, "/providers/{id}", status, Some(parameter));
        let typed = [("name", "Mine"), ("credentials.client_secret", "hush-hush")];
        let seen = console.post(&edit(), Role::Operations, &settings_with(&typed)).await;
        seen.is(status).has("<strong class=\"bad\">expected something else</strong>").has("value=\"Mine\"");
        seen.has("name=\"version\" value=\"3\"").lacks("hush-hush").lacks("There is now");
    }
}

#[tokio::test]
async fn only_those_who_may_change_are_asked() {
    let console = console_with(&provider());
    for role in [Role::Engineering, Role::Finance, Role::Merchant] {
        for path in [edit(), fees()] {
            console.get(&path, role).await.is(403);
            console.post(&path, role, SETTINGS).await.is(403);
        }
    }
    assert_eq!(console.made_lines(), [""; 0]);
}
