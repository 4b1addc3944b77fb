use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use super::{provider_with, types};
use crate::testing::Console;
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, PROVIDER};

const ADD: &str = "/providers/new";

/// What somebody fills in who fills in all.
const FORM: &[(&str, &str)] = &[
    ("type", "brick"),
    ("idempotency_key", "key-1"),
    ("name", "Brick"),
    ("connection", "DIRECT"),
    ("services", "QR_CODE_PAYMENT"),
    ("services", "EWALLET"),
    ("priority", "5"),
    ("settlement.time", "23:00"),
    ("settlement.zone", "Asia/Jakarta"),
    ("settlement.lag_days", "1"),
    ("fee.type", "PERCENTAGE"),
    ("fee.value", "0.735"),
    ("fee.currency", "IDR"),
    ("tax.percentage", "11"),
    ("tax.apply", "true"),
    ("tax.rounding.mode", ""),
    ("fee_refund", "PRO_RATA"),
    ("overrides.EWALLET.fee.type", "FLAT"),
    ("overrides.EWALLET.fee.value", "1000"),
    ("overrides.EWALLET.fee.currency", "IDR"),
    ("overrides.EWALLET.tax.percentage", "12"),
    ("overrides.EWALLET.tax.rounding.mode", "UP"),
    ("overrides.EWALLET.tax.rounding.scale", "2"),
    ("overrides.SEND_MONEY.fee.type", ""),
    ("overrides.SEND_MONEY.tax.apply", "true"),
    ("credentials.client_id", "b3f1"),
    ("credentials.client_secret", "hush-hush"),
    ("credentials.payout_key", ""),
];

fn console() -> Console {
    let console = Console::open();
    console.shows("/provider-types", types());
    console
}

fn form_with(changed: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let kept = FORM.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    kept.chain(changed).copied().collect()
}

#[tokio::test]
async fn the_fields_follow_the_type() {
    let console = console();
    let seen = console.get(ADD, Role::Operations).await;
    seen.is(200).has("<option value=\"brick\" selected>Brick (AGGREGATOR)</option>");
    seen.has("name=\"credentials.client_secret\" type=\"password\"").has("name=\"credentials.client_id\"");
    seen.has("Apply the VAT").has("name=\"idempotency_key\"").lacks("public_key").lacks("overrides.");
    let seen =
        console.get("/providers/new?type=snap&own=VIRTUAL_ACCOUNT&own=EWALLET", Role::Operations).await;
    seen.has("<textarea id=\"field-credentials-public_key\"").lacks("client_secret");
    seen.has("<option value=\"DIRECT\" selected>").has("value=\"VIRTUAL_ACCOUNT\" checked");
    seen.has("name=\"overrides.VIRTUAL_ACCOUNT.fee.value\"").lacks("overrides.EWALLET");
    assert_eq!(console.made_lines(), ["GET /provider-types", "GET /provider-types"]);
    console.get("/providers/new?type=nobody", Role::Operations).await.is(404);
}

/// Two requests: what the type asks for, and the one that adds it.
#[tokio::test]
async fn a_provider_is_added_and_its_address_is_shown_once() {
    let console = console();
    let address = format!("https://pay.example.com/v1/callbacks/{PROVIDER}/pws_token");
    let added = provider_with(&json!({"callback_url": address, "name": HOSTILE}));
    console.answers(Method::POST, "/providers", 201, json!({"status": true, "provider": added}));
    let seen = console.post(ADD, Role::Operations, FORM).await;
    seen.is(201).has(&address).has("shown this once").has(HOSTILE_SHOWN).lacks("hush-hush").lacks("<script>");
    let made = console.made();
    assert_eq!(made.len(), 2);
    assert_eq!(made[1].headers["idempotency-key"], "key-1");
    let overrides = json!({
        "EWALLET": {"fee": {"type": "FLAT", "value": "1000", "currency": "IDR"},
            "tax": {"percentage": "12", "apply": false, "rounding": {"mode": "UP", "scale": 2}}, "fee_refund": null},
        "SEND_MONEY": null,
    });
    let expected = json!({
        "type": "brick", "name": "Brick", "connection": "DIRECT", "services": ["QR_CODE_PAYMENT", "EWALLET"],
        "priority": 5, "settlement": {"time": "23:00", "zone": "Asia/Jakarta", "lag_days": 1},
        "fee": {"type": "PERCENTAGE", "value": "0.735"},
        "tax": {"percentage": "11", "apply": true, "rounding": null}, "fee_refund": "PRO_RATA",
        "overrides": overrides, "credentials": {"client_id": "b3f1", "client_secret": "hush-hush"},
    });
    assert_eq!(made[1].json(), expected);
}

#[tokio::test]
async fn an_address_without_a_secret_is_not_said_to_be_one() {
    let console = console();
    let address = format!("https://pay.example.com/v1/callbacks/{PROVIDER}");
    let added = provider_with(&json!({"callback_url": address}));
    console.answers(Method::POST, "/providers", 201, json!({"status": true, "provider": added}));
    console.post(ADD, Role::Admin, FORM).await.is(201).has(&address).lacks("shown this once");
}

#[tokio::test]
async fn what_is_refused_stays_filled_in_without_its_secrets() {
    let console = console();
    for (status, parameter) in [(422, "fee.value"), (400, "overrides.EWALLET.fee.value"), (409, "name")] {
        console.refuses(Method::POST, "/providers", status, Some(parameter));
        let seen = console.post(ADD, Role::Operations, &form_with(&[("name", HOSTILE)])).await;
        seen.is(status).has("<strong class=\"bad\">expected something else</strong>").has(HOSTILE_SHOWN);
        let id = parameter.replace('.', "-");
        seen.has(&format!("aria-describedby=\"field-{id}-about\" aria-invalid=\"true\""));
        seen.has("name=\"idempotency_key\" value=\"key-1\"").has("value=\"EWALLET\" checked");
        seen.has("value=\"0.735\"").lacks("hush-hush").lacks("<script>");
    }
    console.refuses(Method::POST, "/providers", 409, None);
    console.post(ADD, Role::Operations, FORM).await.is(409).has("role=\"alert\"").has("req-api");
    console.is_silent(Method::POST, "/providers");
    console.post(ADD, Role::Operations, FORM).await.is(503);
}

/// The button asks nothing of the API but what the type is.
#[tokio::test]
async fn the_example_is_worked_out_of_what_is_filled_in_and_adds_nothing() {
    let console = console();
    let asked = form_with(&[("example", "true"), ("example.amount", "12345"), ("example.currency", "idr")]);
    let seen = console.post(ADD, Role::Operations, &asked).await;
    seen.is(200).has("0.735 % of 12,345 = 90.73575").has("90 <abbr>IDR</abbr>").has("11 % of 90 = 9.9");
    seen.has("9 <abbr>IDR</abbr>").has("99 <abbr>IDR</abbr>").has("each rounded down to the full IDR");
    seen.has("flat 1,000").has("12 % is not applied").has("each rounded up to 2 decimals of IDR");
    seen.has("value=\"0.735\"").has("name=\"idempotency_key\" value=\"key-1\"").lacks("hush-hush");
    assert_eq!(console.made_lines(), ["GET /provider-types"]);
    for (name, value, said) in [
        ("fee.value", "ten", "is not a number"),
        ("example.amount", "none", "none IDR is no amount"),
        ("example.currency", "XYZ", "12345 XYZ is no amount"),
    ] {
        let mut asked = asked.clone();
        asked.retain(|(other, _)| *other != name);
        asked.push((name, value));
        console.post(ADD, Role::Operations, &asked).await.is(200).has(said);
    }
}

#[tokio::test]
async fn empty_fields_are_nothing_and_odd_numbers_are_the_apis_to_judge() {
    let console = console();
    console.refuses(Method::POST, "/providers", 422, Some("services"));
    let form =
        [("type", "brick"), ("tax.apply", "true"), ("priority", "first"), ("settlement.lag_days", "soon")];
    console.post(ADD, Role::Operations, &form).await.is(422);
    let body = console.made()[1].json();
    assert_eq!(body["priority"], "first");
    assert_eq!(body["settlement"], json!({"time": "", "zone": "", "lag_days": "soon"}));
    for member in ["fee", "tax", "fee_refund", "connection"] {
        assert_eq!(body[member], Value::Null, "{member}");
    }
    assert_eq!((body.get("credentials"), body.get("overrides")), (None, None));
}

#[tokio::test]
async fn only_those_who_may_add_are_asked() {
    let console = console();
    for role in [Role::Engineering, Role::Finance, Role::Merchant] {
        console.get(ADD, role).await.is(403);
        console.post(ADD, role, FORM).await.is(403);
    }
    assert_eq!(console.made_lines(), [""; 0]);
}
