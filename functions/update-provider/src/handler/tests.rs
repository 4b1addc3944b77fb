//! Against the real store code on an in-process DynamoDB, with the vault in memory.

use paywarden_domain::access::Role;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Timestamp;
use paywarden_providers::{Callback, KeyChain};
use paywarden_store::vault::{Context, Opener};
use paywarden_testing::TestDoor;
use serde_json::Value;

use super::*;
use crate::DOOR;

const OLD: &str = "the-token-before";
const NEW: &str = "the-token-that-comes";

struct Fixture {
    door: TestDoor<Deps>,
    provider: Provider,
}

impl Fixture {
    async fn new() -> Self {
        Self::of(ProviderType::Xendit, &json!({"callback_token": OLD})).await
    }

    async fn of(provider_type: ProviderType, credentials: &Value) -> Self {
        let door = TestDoor::open(DOOR, Deps::of, handle).await;
        let provider = door.stage.add_provider(&door.merchant, provider_type, credentials).await;
        Self { door, provider }
    }

    fn patching(&self, body: &Value) -> ApiRequest {
        let request =
            self.door.request(Role::Operations).with_path_parameter("id", self.provider.id.as_str());
        request.with_body(body.to_string())
    }

    /// The same by somebody who has seen the first version.
    fn patching_first(&self, body: &Value) -> ApiRequest {
        let mut request = self.patching(body);
        request.headers.insert("if-match", "\"1\"".parse().unwrap());
        request
    }

    async fn stored(&self) -> StoredProvider {
        let found = self.door.stage.providers().find_latest(&self.door.merchant.id, &self.provider.id).await;
        found.unwrap().unwrap()
    }

    /// Whether a callback with this token is believed at `at`.
    async fn is_believed(&self, token: &str, at: Timestamp) -> bool {
        let context = Context::provider(&self.door.merchant.id, &self.provider.id);
        let sealed = self.stored().await.sealed_credentials;
        let opened = self.door.stage.vault.open(&context, &sealed).await.unwrap();
        let key_chain = KeyChain::from_json_text(&opened).unwrap();
        let mut headers = lambda_http::http::HeaderMap::new();
        headers.insert("x-callback-token", token.parse().unwrap());
        let callback =
            Callback { headers: &headers, path: "", path_token: Some(token), body: b"{}", received_at: at };
        key_chain.verify(adapter(self.provider.provider_type), &callback).is_ok()
    }
}

#[tokio::test]
async fn only_what_is_named_changes() {
    let fixture = Fixture::new().await;
    let fee = json!({"type": "FLAT", "value": "1000", "currency": "IDR"});
    let request = fixture.patching_first(&json!({"fee": fee, "priority": 5}));
    let answer = fixture.door.answer(request).await.unwrap();
    assert_eq!(answer.headers["etag"], "\"2\"");
    let shown = answer.body_json()["provider"].clone();
    assert_eq!((&shown["fee"], &shown["priority"], &shown["name"]), (&fee, &json!(5), &json!("xendit")));
    let cleared = fixture.door.body(fixture.patching(&json!({"fee": null}))).await;
    assert_eq!((&cleared["provider"]["fee"], &cleared["provider"]["priority"]), (&json!(null), &json!(5)));
    let history = fixture.door.stage.providers().history(&fixture.provider.id, None, 10).await.unwrap();
    assert_eq!(history.changes.iter().map(|change| change.version).collect::<Vec<_>>(), [3, 2, 1]);
}

#[tokio::test]
async fn whether_fees_come_back_is_said_and_taken_back() {
    let fixture = Fixture::new().await;
    for (said, shown) in [(json!("NEVER"), "NEVER"), (json!(null), "FULL_REFUND")] {
        let answer = fixture.door.body(fixture.patching(&json!({"fee_refund": said}))).await;
        assert_eq!(answer["provider"]["fee_refund"], shown);
    }
    assert_eq!(fixture.stored().await.provider.tariffs.general.fee_refund, None);
}

#[tokio::test]
async fn what_was_seen_must_still_be_there() {
    let fixture = Fixture::new().await;
    fixture.door.body(fixture.patching_first(&json!({"name": "first"}))).await;
    let problem = fixture.door.refusal(fixture.patching_first(&json!({"name": "second"}))).await;
    assert_eq!((problem.status(), problem.code()), (412, "outdated"));
    assert_eq!(fixture.stored().await.provider.name, "first");
}

#[tokio::test]
async fn a_change_to_what_is_there_writes_nothing() {
    let fixture = Fixture::new().await;
    let rows = fixture.door.stage.count("ProvidersTable");
    let body = json!({"name": "xendit", "credentials": {"callback_token": OLD}});
    let answer = fixture.door.answer(fixture.patching(&body)).await.unwrap();
    assert_eq!(
        (answer.headers["etag"].to_str().unwrap(), fixture.door.stage.count("ProvidersTable")),
        ("\"1\"", rows)
    );
}

#[tokio::test]
async fn a_replaced_secret_stays_good_for_the_time_that_was_chosen() {
    let fixture = Fixture::new().await;
    let body = json!({"credentials": {"callback_token": NEW}, "previous_credentials_valid_seconds": 3600});
    let answer = fixture.door.answer(fixture.patching(&body)).await.unwrap();
    assert!(!answer.body.contains(NEW) && !answer.body.contains(OLD), "{}", answer.body);
    let now = fixture.door.stage.clock().now();
    assert!(fixture.is_believed(NEW, now).await);
    assert!(fixture.is_believed(OLD, now.plus_seconds(3599)).await);
    assert!(!fixture.is_believed(OLD, now.plus_seconds(3600)).await);
    assert!(!fixture.is_believed("another", now).await);
    let at_once =
        json!({"credentials": {"callback_token": "a-third-token"}, "previous_credentials_valid_seconds": 0});
    fixture.door.body(fixture.patching(&at_once)).await;
    assert!(!fixture.is_believed(NEW, now).await, "a leaked secret goes at once");
}

/// Together they are more than KMS encrypts at once.
#[tokio::test]
async fn the_longest_credentials_fit_beside_those_they_replace() {
    let (old, new) = ("x".repeat(4096), "y".repeat(4096));
    let fixture = Fixture::of(ProviderType::Xendit, &json!({"callback_token": OLD})).await;
    for token in [&old, &new] {
        fixture.door.body(fixture.patching(&json!({"credentials": {"callback_token": token}}))).await;
    }
    let now = fixture.door.stage.clock().now();
    assert!(fixture.is_believed(&new, now).await && fixture.is_believed(&old, now).await);
}

/// A line break is two characters where it is sealed.
#[tokio::test]
async fn private_keys_of_4096_bits_are_rotated() {
    let pem = |letter: &str| {
        let line = format!("{}\n", letter.repeat(64));
        format!("-----BEGIN PRIVATE KEY-----\n{}-----END PRIVATE KEY-----", line.repeat(50))
    };
    let fixture = Fixture::of(ProviderType::Xendit, &json!({"callback_token": OLD})).await;
    for letter in ["x", "y"] {
        let body = json!({"credentials": {"secret_key": pem(letter)}});
        let answer = fixture.door.body(fixture.patching(&body)).await;
        assert_eq!(answer["provider"]["credentials"]["secret_key"]["set"], true);
    }
    assert!(fixture.is_believed(OLD, fixture.door.stage.clock().now()).await);
}

#[tokio::test]
async fn the_token_of_an_address_is_made_anew_and_shown_this_once() {
    let credentials = json!({"client_id": "b3f1", "client_secret": "brick-secret", "path_token": OLD});
    let fixture = Fixture::of(ProviderType::Brick, &credentials).await;
    let rotating = json!({"rotate_callback_token": true});
    let answer = fixture.door.body(fixture.patching(&rotating)).await;
    let url = answer["provider"]["callback_url"].as_str().unwrap().to_owned();
    let token = url.rsplit('/').next().unwrap();
    let now = fixture.door.stage.clock().now();
    assert!(fixture.is_believed(token, now).await && fixture.is_believed(OLD, now).await);
    let xendit = Fixture::new().await;
    let refused = xendit.door.refused_parameter(xendit.patching(&rotating)).await;
    assert_eq!(refused, (422, "rotate_callback_token".to_owned()));
}

#[tokio::test]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let fixture = Fixture::new().await;
    let cases = [
        (json!({"type": "midtrans"}), "type"),
        (json!({"colour": "red"}), "colour"),
        (json!({"services": ["DEBIT_ORDER"]}), "services"),
        (json!({"credentials": {"callback_token": null}}), "credentials.callback_token"),
        (json!({"credentials": {"path_token": "mine"}}), "credentials.path_token"),
        (json!({"previous_credentials_valid_seconds": 60}), "previous_credentials_valid_seconds"),
        (
            json!({"credentials": {"callback_token": NEW}, "previous_credentials_valid_seconds": 604_801}),
            "previous_credentials_valid_seconds",
        ),
    ];
    for (body, parameter) in cases {
        let refused = fixture.door.refused_parameter(fixture.patching(&body)).await;
        assert_eq!(refused, (422, parameter.to_owned()), "{body}");
    }
    assert_eq!(fixture.stored().await.provider.version, 1);
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("new-fee", 200), ("outdated", 412), ("rotated-token", 200)];
    Fixture::new().await.door.samples_are_answered(&expected).await;
}

#[tokio::test]
async fn the_trail_tells_what_it_was_and_what_it_is() {
    let fixture = Fixture::new().await;
    fixture.door.body(fixture.patching_first(&json!({"name": "Xendit second"}))).await;
    let line = fixture.door.audited().await;
    assert_eq!(line["after"]["name"], "Xendit second");
    assert_eq!(
        (&line["before"]["name"], &line["before"]["version"]),
        (&json!(fixture.provider.name), &json!(1))
    );
    assert_eq!(line["subject"], json!(fixture.provider.id));
}
