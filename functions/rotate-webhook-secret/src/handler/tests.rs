//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::webhook::{Endpoint, SignatureScheme};
use paywarden_store::vault::{Context, Opener};
use paywarden_store::webhooks::StoredEndpoint;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

struct Fixture {
    door: TestDoor<Deps>,
    /// The secret that it began with.
    first: String,
}

impl Fixture {
    async fn new() -> Self {
        Self::of(SignatureScheme::V1).await
    }

    async fn of(signature: SignatureScheme) -> Self {
        let door = TestDoor::open(DOOR, Deps::of, handle).await;
        let endpoint = Endpoint { signature, ..builders::endpoint(&door.merchant) };
        let first = door.stage.add_this_endpoint(endpoint).await.reveal();
        Self { door, first }
    }

    fn rotating(&self, body: &Value) -> ApiRequest {
        let id = builders::endpoint(&self.door.merchant).id;
        let request = self.door.request(Role::Engineering).with_path_parameter("id", id.as_str());
        request.with_body(body.to_string())
    }

    async fn rotate(&self, body: &Value) -> Value {
        self.door.body(self.rotating(body)).await["webhook_endpoint"].clone()
    }

    async fn stored(&self) -> StoredEndpoint {
        let id = builders::endpoint(&self.door.merchant).id;
        self.door.stage.endpoints().find(&self.door.merchant.id, &id).await.unwrap().unwrap()
    }

    async fn open(&self, sealed: &str) -> String {
        let id = builders::endpoint(&self.door.merchant).id;
        self.door.stage.vault.open(&Context::endpoint(&self.door.merchant.id, &id), sealed).await.unwrap()
    }
}

#[tokio::test]
async fn the_secret_before_signs_along_for_a_day_or_as_long_as_is_said() {
    let fixture = Fixture::new().await;
    let mut before = fixture.first.clone();
    for (body, until) in [
        (json!({}), "2026-11-21 15:00:00"),
        (json!({"overlap_hours": 168}), "2026-11-27 15:00:00"),
        (json!({"overlap_hours": null}), "2026-11-21 15:00:00"),
    ] {
        let shown = fixture.rotate(&body).await;
        let secret = shown["secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("whsec_") && secret != before);
        assert_eq!(shown["previous_secret_until"], until, "{body}");
        let stored = fixture.stored().await;
        let previous = stored.previous_secret.unwrap();
        assert_eq!(stored.endpoint.previous_secret_until, Some(previous.until));
        assert_eq!(fixture.open(&stored.sealed_secret).await, secret);
        assert_eq!(fixture.open(&previous.sealed).await, before);
        before = secret;
    }
    assert_eq!(fixture.stored().await.endpoint.version, 4);
}

#[tokio::test]
async fn a_secret_that_leaked_ends_at_once() {
    let fixture = Fixture::new().await;
    fixture.rotate(&json!({})).await;
    let shown = fixture.rotate(&json!({"overlap_hours": 0})).await;
    assert_eq!(shown["previous_secret_until"], Value::Null);
    assert_eq!(fixture.stored().await.previous_secret, None);
}

#[tokio::test]
async fn a_private_key_is_shown_to_nobody() {
    let fixture = Fixture::of(SignatureScheme::V1a).await;
    let before = fixture.stored().await.endpoint.public_key;
    let answer = fixture.door.answer(fixture.rotating(&json!({}))).await.unwrap();
    assert!(!answer.body.contains("whsk_") && !answer.body.contains("whsec_"), "{}", answer.body);
    let shown = &answer.body_json()["webhook_endpoint"];
    assert_eq!((&shown["secret"], &shown["signature"]), (&Value::Null, &json!("v1a")));
    let public_key = shown["public_key"].as_str();
    assert!(public_key.is_some_and(|key| key.starts_with("whpk_")) && public_key != before.as_deref());
    assert!(fixture.open(&fixture.stored().await.sealed_secret).await.starts_with("whsk_"));
}

/// Of two who rotate at once one learns that the secret it made is none.
#[tokio::test]
async fn a_secret_replaces_the_one_that_was_read() {
    let fixture = Fixture::new().await;
    let stale = fixture.stored().await;
    fixture.rotate(&json!({})).await;
    assert!(fixture.door.deps.rotator.rotate(stale, 60).await.is_err());
}

#[tokio::test]
async fn bad_members_are_named() {
    let fixture = Fixture::new().await;
    for (parameter, body) in [
        ("overlap_hours", json!({"overlap_hours": 169})),
        ("overlap_hours", json!({"overlap_hours": -1})),
        ("overlap_hours", json!({"overlap_hours": "a day"})),
        ("colour", json!({"colour": "red"})),
        ("body", json!([])),
    ] {
        let refused = fixture.door.refused_parameter(fixture.rotating(&body)).await;
        assert_eq!(refused, (422, parameter.to_owned()), "{body}");
    }
    assert_eq!(fixture.stored().await.endpoint.version, 1);
}

#[tokio::test]
async fn another_merchants_endpoint_is_as_if_it_did_not_exist() {
    let fixture = Fixture::new().await;
    let foreign = fixture.door.foreign_caller(Role::Engineering).await;
    let request = fixture.rotating(&json!({}));
    let absent = request.clone().with_path_parameter("id", "whe_00000000000000000000000000");
    let theirs = fixture.door.refusal(request.with_caller(&foreign)).await;
    assert_eq!((theirs.status(), &theirs), (404, &fixture.door.refusal(absent).await));
}

#[tokio::test]
async fn rotating_needs_the_scope() {
    let fixture = Fixture::new().await;
    fixture.door.lets_in_those_with(Scope::WebhooksWrite, &fixture.rotating(&json!({}))).await;
}

#[tokio::test]
async fn samples_are_answered() {
    Fixture::new().await.door.samples_are_answered(&[("rotated", 200), ("too-long", 422)]).await;
}

#[tokio::test]
async fn sent_again_under_its_key_it_is_the_same_secret() {
    let fixture = Fixture::new().await;
    let request = fixture.rotating(&json!({}));
    fixture.door.creates_once("WebhooksTable", &request).await;
    let line = fixture.door.audited().await.to_string();
    let shown = fixture.door.body(request).await;
    assert!(!line.contains(shown["webhook_endpoint"]["secret"].as_str().unwrap()));
}
