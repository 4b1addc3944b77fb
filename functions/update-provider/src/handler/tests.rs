//! Against the real store code on an in-process DynamoDB, with the vault in memory.

use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Timestamp;
use paywarden_providers::{Callback, KeyChain};
use paywarden_store::vault::Context;
use paywarden_testing::{TestStage, builders, events};
use serde_json::Value;

use super::*;
use crate::DOOR;
use paywarden_store::vault::Opener;

const OLD: &str = "the-token-before";
const NEW: &str = "the-token-that-comes";

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    provider: Provider,
}

impl Fixture {
    async fn new() -> Self {
        Self::of(ProviderType::Xendit, &json!({"callback_token": OLD})).await
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn of(provider_type: ProviderType, credentials: &Value) -> Self {
        let stage = TestStage::start().await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let provider = stage.add_provider(&merchant, provider_type, credentials).await;
        Self { stage, deps, merchant, provider }
    }

    async fn patch(&self, body: &Value, if_match: Option<&str>) -> Result<Answer, Problem> {
        let mut request = ApiRequest::new(lambda_http::http::Method::PATCH, "/providers/x")
            .with_caller(&builders::caller(&self.merchant, Role::Operations))
            .with_path_parameter("id", self.provider.id.as_str())
            .with_body(body.to_string());
        if let Some(version) = if_match {
            request.headers.insert("if-match", version.parse().unwrap());
        }
        self.answer(request).await
    }

    async fn stored(&self) -> StoredProvider {
        self.stage.providers().find_latest(&self.merchant.id, &self.provider.id).await.unwrap().unwrap()
    }

    /// Whether a callback with this token is believed at `at`.
    async fn is_believed(&self, token: &str, at: Timestamp) -> bool {
        let context = Context::provider(&self.merchant.id, &self.provider.id);
        let opened = self.stage.vault.open(&context, &self.stored().await.sealed_credentials).await.unwrap();
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
    let answer = fixture.patch(&json!({"fee": fee, "priority": 5}), Some("\"1\"")).await.unwrap();
    assert_eq!(answer.headers["etag"], "\"2\"");
    let shown = answer.body_json()["provider"].clone();
    assert_eq!((&shown["fee"], &shown["priority"], &shown["name"]), (&fee, &json!(5), &json!("xendit")));
    let cleared = fixture.patch(&json!({"fee": null}), None).await.unwrap().body_json();
    assert_eq!((&cleared["provider"]["fee"], &cleared["provider"]["priority"]), (&json!(null), &json!(5)));
    let history = fixture.stage.providers().history(&fixture.provider.id, None, 10).await.unwrap();
    assert_eq!(history.changes.iter().map(|change| change.version).collect::<Vec<_>>(), [3, 2, 1]);
}

#[tokio::test]
async fn what_was_seen_must_still_be_there() {
    let fixture = Fixture::new().await;
    fixture.patch(&json!({"name": "first"}), Some("\"1\"")).await.unwrap();
    let problem = fixture.patch(&json!({"name": "second"}), Some("\"1\"")).await.unwrap_err();
    assert_eq!((problem.status(), problem.code()), (412, "outdated"));
    assert_eq!(fixture.stored().await.provider.name, "first");
}

#[tokio::test]
async fn a_change_to_what_is_there_writes_nothing() {
    let fixture = Fixture::new().await;
    let rows = fixture.stage.count("ProvidersTable");
    let body = json!({"name": "xendit", "credentials": {"callback_token": OLD}});
    let answer = fixture.patch(&body, None).await.unwrap();
    assert_eq!(
        (answer.headers["etag"].to_str().unwrap(), fixture.stage.count("ProvidersTable")),
        ("\"1\"", rows)
    );
}

#[tokio::test]
async fn a_replaced_secret_stays_good_for_the_time_that_was_chosen() {
    let fixture = Fixture::new().await;
    let body = json!({"credentials": {"callback_token": NEW}, "previous_credentials_valid_seconds": 3600});
    let answer = fixture.patch(&body, None).await.unwrap();
    assert!(!answer.body.contains(NEW) && !answer.body.contains(OLD), "{}", answer.body);
    let now = fixture.stage.clock().now();
    assert!(fixture.is_believed(NEW, now).await);
    assert!(fixture.is_believed(OLD, now.plus_seconds(3599)).await);
    assert!(!fixture.is_believed(OLD, now.plus_seconds(3600)).await);
    assert!(!fixture.is_believed("another", now).await);
    let at_once =
        json!({"credentials": {"callback_token": "a-third-token"}, "previous_credentials_valid_seconds": 0});
    fixture.patch(&at_once, None).await.unwrap();
    assert!(!fixture.is_believed(NEW, now).await, "a leaked secret goes at once");
}

#[tokio::test]
async fn the_token_of_an_address_is_made_anew_and_shown_this_once() {
    let credentials = json!({"client_id": "b3f1", "client_secret": "brick-secret", "path_token": OLD});
    let fixture = Fixture::of(ProviderType::Brick, &credentials).await;
    let answer = fixture.patch(&json!({"rotate_callback_token": true}), None).await.unwrap().body_json();
    let url = answer["provider"]["callback_url"].as_str().unwrap().to_owned();
    let token = url.rsplit('/').next().unwrap();
    let now = fixture.stage.clock().now();
    assert!(fixture.is_believed(token, now).await && fixture.is_believed(OLD, now).await);
    let xendit = Fixture::new().await;
    let problem = xendit.patch(&json!({"rotate_callback_token": true}), None).await.unwrap_err();
    assert_eq!(
        (problem.status(), &problem.error_json("r")["parameter"]),
        (422, &json!("rotate_callback_token"))
    );
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
        let problem = fixture.patch(&body, None).await.unwrap_err();
        assert_eq!(
            (problem.status(), &problem.error_json("r")["parameter"]),
            (422, &json!(parameter)),
            "{body}"
        );
    }
    assert_eq!(fixture.stored().await.provider.version, 1);
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("new-fee", 200), ("outdated", 412), ("rotated-token", 200)];
    let fixture = Fixture::new().await;
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, events::statuses(&expected));
}
