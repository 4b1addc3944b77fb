use jsonschema::Validator;
use paywarden_domain::time::Zone;
use paywarden_domain::webhook::endpoint::{Disabled, DisabledReason};
use paywarden_domain::webhook::{Endpoint, EndpointStatus};
use paywarden_testing::builders;
use paywarden_webhooks::news::News;

use super::*;

fn schema_of(described: &Value) -> Validator {
    jsonschema::draft202012::new(&described["schema"]).expect("a schema that stands for itself")
}

#[test]
fn every_event_is_described() {
    let described: Vec<_> = events().into_iter().map(|described| described["event"].clone()).collect();
    assert_eq!(described, EventType::WORDS);
}

#[test]
fn an_example_is_what_its_schema_says() {
    for described in events() {
        let faults: Vec<_> =
            schema_of(&described).iter_errors(&described["example"]).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", described["event"]);
    }
}

#[test]
fn a_schema_refuses_what_is_something_else() {
    for described in events() {
        assert!(!schema_of(&described).is_valid(&json!({})), "{}", described["event"]);
    }
}

/// Bodies that name their event name the one that they are described for.
#[test]
fn an_example_is_of_its_event() {
    for described in events() {
        let named = &described["example"]["event"];
        assert!(named.is_null() || *named == described["event"], "{}", described["event"]);
    }
}

/// What the others are told of an endpoint that was switched off is what is described.
#[test]
fn an_endpoint_that_was_switched_off_is_told_of_as_described() {
    let disabled = Disabled { at: builders::at("2026-11-20T08:00:00Z"), reason: DisabledReason::Gone };
    let endpoint = Endpoint {
        status: EndpointStatus::Disabled,
        disabled: Some(disabled),
        ..builders::endpoint(&builders::merchant("one"))
    };
    let news = endpoint.news().expect("it is worth telling");
    let described = events().into_iter().find(|described| described["event"] == news.event.as_str()).unwrap();
    let faults: Vec<_> =
        schema_of(&described).iter_errors(&(news.body)(&Zone::UTC)).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
}
