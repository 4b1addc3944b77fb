//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::provider::{ProviderStatus, ProviderType};
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With two active providers, one with a fee of 4,500 and 11 % VAT, and one in maintenance.
async fn open() -> TestDoor<Deps> {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let provider = |provider_type| builders::provider(&door.merchant, provider_type);
    let charging = builders::charging(provider(ProviderType::Midtrans));
    let mut resting = provider(ProviderType::Brick);
    resting.standing.status = ProviderStatus::Maintenance;
    for provider in [provider(ProviderType::Xendit), charging, resting] {
        door.stage.add_this_provider(provider, &json!({})).await;
    }
    door
}

fn asking(door: &TestDoor<Deps>, query: &str) -> ApiRequest {
    door.request(Role::Finance).with_query(query)
}

#[tokio::test]
async fn the_sequence_says_what_a_payment_costs_and_why_each_stands_where_it_stands() {
    let door = open().await;
    let body = door.body(asking(&door, "service=SEND_MONEY&amount=8500000&currency=IDR")).await;
    let [first, second] = body["sequence"].as_array().unwrap().as_slice() else { unreachable!("{body}") };
    assert_eq!((&first["name"], &first["expected_cost"]), (&json!("midtrans"), &json!(4995)));
    assert_eq!((&second["name"], &second["expected_cost"]), (&json!("xendit"), &json!(null)));
    assert_eq!(first["reason"], "priority 100; costs 4995 IDR: fee 4500, VAT 495");
    assert_eq!(body["excluded"][0]["reason"], "is MAINTENANCE: added");
}

#[tokio::test]
async fn without_an_amount_priority_alone_decides() {
    let door = open().await;
    let body = door.body(asking(&door, "service=SEND_MONEY")).await;
    assert_eq!(body["sequence"].as_array().unwrap().len(), 2);
    assert_eq!(body["sequence"][0]["expected_cost"], json!(null));
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let door = open().await;
    let cases = [
        ("", 400, "service"),
        ("service=DANCING", 422, "service"),
        ("service=SEND_MONEY&amount=5", 400, "currency"),
        ("service=SEND_MONEY&currency=IDR", 400, "amount"),
        ("service=SEND_MONEY&amount=-5&currency=IDR", 400, "amount"),
        ("service=SEND_MONEY&amount=5&currency=XXX", 400, "currency"),
        ("service=SEND_MONEY&colour=red", 400, "colour"),
    ];
    for (query, status, parameter) in cases {
        let refused = door.refused_parameter(asking(&door, query)).await;
        assert_eq!(refused, (status, parameter.to_owned()), "{query}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.samples_are_answered(&[("for-an-amount", 200), ("no-service", 400)]).await;
}
