use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use super::at;
use super::samples::{console, endpoint, one};
use crate::pages::webhooks::record::Endpoint;
use crate::pages::webhooks::settings;
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, with};

/// The form as it stands on the page, with another description.
const FORM: &[(&str, &str)] = &[
    ("version", "3"),
    ("url", "https://example.com/hooks"),
    ("events", "transaction.created"),
    ("events", "reconciliation.completed"),
    ("description", "Mine"),
    ("retry_seconds", "5,300,1800"),
    ("rate_limit", ""),
    ("batch.max_records", ""),
    ("batch.max_seconds", ""),
];

#[tokio::test]
async fn the_form_has_what_there_is() {
    let console = console();
    let seen = console.get(&at("/edit"), Role::Engineering).await;
    seen.is(200).has("value=\"https://example.com/hooks\"").has("value=\"5,300,1800\"").has("value=\"20\"");
    seen.has("value=\"reconciliation.completed\" checked").has("name=\"ordered\" value=\"true\" checked");
    seen.has("name=\"version\" value=\"3\"").has("Saving leaves its status as it is: ENABLED.");
    seen.lacks("name=\"signature\"").lacks("name=\"test\"");
    assert_eq!(console.made_lines(), [format!("GET /webhook-endpoints/{}", super::ENDPOINT)]);
}

/// A form that is sent as it was shown says of the endpoint what there is already, an event of tomorrow among it.
#[test]
fn what_a_form_begins_with_is_what_there_is() {
    let shown = with(endpoint(), &json!({"events": ["transaction.created", "payout.created"]}));
    let held: Endpoint = serde_json::from_value(shown.clone()).unwrap();
    for (name, member) in settings::body(&settings::of_endpoint(&held)) {
        assert_eq!(member, shown[&name], "{name}");
    }
    let form = crate::pages::setting::filled(
        crate::view::form::Form::new("/", "Save"),
        &settings::settings(Some(&held)),
        &settings::of_endpoint(&held),
    );
    assert!(form.html().unwrap().to_string().contains("value=\"payout.created\" checked"));
}

#[tokio::test]
async fn it_is_saved_over_the_version_that_was_seen() {
    let console = console();
    console.answers(Method::PATCH, "/webhook-endpoints/{id}", 200, one(&endpoint()));
    let seen = console.post(&at("/edit"), Role::Merchant, FORM).await;
    assert_eq!(seen.location(), at("?done=saved"));
    let made = console.made();
    assert_eq!((made.len(), made[0].headers["if-match"].to_str().unwrap()), (1, "\"3\""));
    let expected: Value = json!({
        "url": "https://example.com/hooks", "events": ["transaction.created", "reconciliation.completed"],
        "description": "Mine", "retry_seconds": [5, 300, 1800], "rate_limit": null, "batch": null, "ordered": false,
    });
    assert_eq!(made[0].json(), expected);
}

/// Somebody was faster: both are shown, and the form is over their version.
#[tokio::test]
async fn another_version_is_compared_before_it_is_overwritten() {
    let console = console();
    let theirs = with(endpoint(), &json!({"description": HOSTILE, "rate_limit": 7, "version": 4}));
    console.shows("/webhook-endpoints/{id}", one(&theirs));
    console.refuses(Method::PATCH, "/webhook-endpoints/{id}", 412, None);
    let seen = console.post(&at("/edit"), Role::Admin, FORM).await;
    seen.is(412).has("you saw version 3, it is at version 4 now").has("Nothing was saved.");
    seen.has("There is now").has(HOSTILE_SHOWN).has(">Mine<").has(">7<").has("over version 4</button>");
    seen.has("name=\"version\" value=\"4\"").has("value=\"Mine\"").lacks("<script>");
    seen.lacks("data-name=\"Setting\">Events");
}

#[tokio::test]
async fn what_is_refused_stays_filled_in() {
    let console = console();
    for (status, field) in [(400, "url"), (422, "batch.max_records"), (409, "events")] {
        console.refuses(Method::PATCH, "/webhook-endpoints/{id}", status, Some(field));
        let seen = console.post(&at("/edit"), Role::Admin, FORM).await;
        seen.is(status).has("<strong class=\"bad\">expected something else</strong>").has("value=\"Mine\"");
        seen.has("name=\"version\" value=\"3\"").lacks("There is now");
    }
    console.refuses(Method::PATCH, "/webhook-endpoints/{id}", 404, None);
    console.post(&at("/edit"), Role::Admin, FORM).await.is(404);
    console.refuses(Method::PATCH, "/webhook-endpoints/{id}", 503, None);
    console.post(&at("/edit"), Role::Admin, FORM).await.is(503);
}
