//! Tokens of the test stage's keys.

use std::sync::Arc;

use paywarden_domain::access::Role;
use paywarden_domain::client::{AddressRange, Addresses};
use paywarden_lambda_kit::token::Tokens;
use paywarden_store::StoreError;
use paywarden_store::keys::{KeyRing, KeySource};
use paywarden_testing::{TestStage, builders, events};

use super::*;

fn event(authorization: Option<(&str, &str)>) -> AuthorizerEvent {
    let headers = authorization.map(|(name, value)| HashMap::from([(name.to_owned(), value.to_owned())]));
    let method_arn = "arn:aws:execute-api:eu-west-1:123456789012:api/v1/GET/transactions/record/A".to_owned();
    AuthorizerEvent {
        method_arn,
        headers,
        multi_value_headers: None,
        request_context: RequestContext::default(),
    }
}

fn deps(stage: &TestStage) -> Deps {
    Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap()
}

#[tokio::test]
async fn a_valid_token_opens_the_whole_stage_and_says_who_calls() {
    let stage = TestStage::start().await;
    let deps = deps(&stage);
    let caller = builders::caller(&builders::merchant("one"), Role::Finance);
    let token = deps.tokens.issue(&caller, &Addresses::default()).await.unwrap();
    for (name, scheme) in [("Authorization", "Bearer"), ("authorization", "bearer")] {
        let answer = handle(&deps, event(Some((name, &format!("{scheme} {token}"))))).await.unwrap();
        let statement = &answer["policyDocument"]["Statement"][0];
        assert_eq!(statement["Effect"], "Allow");
        assert_eq!(statement["Resource"], "arn:aws:execute-api:eu-west-1:123456789012:api/v1/*");
        assert_eq!(answer["principalId"], json!(caller.principal));
        let context: HashMap<String, Value> = serde_json::from_value(answer["context"].clone()).unwrap();
        assert_eq!(Caller::from_context(&context, stage.clock.as_ref()).unwrap(), caller);
    }
}

/// An answer that opens nothing and says of nobody that it is them.
fn assert_denied(answer: &Value, case: &str) {
    let statement = &answer["policyDocument"]["Statement"];
    assert_eq!(statement.as_array().map(Vec::len), Some(1), "{case}");
    assert_eq!(statement[0]["Effect"], "Deny", "{case}");
    assert!(statement[0]["Resource"].as_str().is_some_and(|stage| stage.ends_with("/v1/*")), "{case}");
    assert_eq!(answer["context"], Value::Null, "{case}");
}

#[tokio::test]
async fn anything_else_is_denied_and_no_failure() {
    let stage = TestStage::start().await;
    let deps = deps(&stage);
    let mut caller = builders::caller(&builders::merchant("one"), Role::Admin);
    caller.expires_at = stage.clock().now();
    let ended = deps.tokens.issue(&caller, &Addresses::default()).await.unwrap();
    for headers in [
        None,
        Some(("X-Authorization", "Bearer x")),
        Some(("Authorization", "")),
        Some(("Authorization", "Bearer")),
        Some(("Authorization", "Basic Y2xpXzpwd3Nf")),
        Some(("Authorization", "Bearer a.b.c")),
        Some(("Authorization", &format!("Bearer {ended}"))),
    ] {
        let answer = handle(&deps, event(headers)).await.unwrap();
        assert_denied(&answer, &format!("{headers:?}"));
    }
}

/// Every character of a token counts, and so does every header that presents one.
#[tokio::test]
async fn a_good_token_with_anything_beside_it_is_denied() {
    let stage = TestStage::start().await;
    let deps = deps(&stage);
    let caller = builders::caller(&builders::merchant("one"), Role::Admin);
    let token = deps.tokens.issue(&caller, &Addresses::default()).await.unwrap();
    let good = format!("Bearer {token}");
    let values = [
        format!("{good}=x"),
        format!("{good}&x"),
        format!("{good},x"),
        format!("{good} x"),
        format!("{good}="),
        format!("{good}."),
        format!("{good}, {good}"),
        format!("x, {good}"),
        format!("Bearer x {token}"),
        format!("Bearer={token}"),
    ];
    for value in values {
        let answer = handle(&deps, event(Some(("Authorization", &value)))).await.unwrap();
        assert_denied(&answer, &value);
    }
    let listed = |name: &str, values: &[&str]| {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Some(HashMap::from([(name.to_owned(), values)]))
    };
    let presented = |headers: &[&str], multi_value_headers| AuthorizerEvent {
        headers: Some(headers.iter().map(|name| ((*name).to_owned(), good.clone())).collect()),
        multi_value_headers,
        ..event(None)
    };
    let once = listed("authorization", &[&good]);
    let answer = handle(&deps, presented(&["Authorization"], once)).await.unwrap();
    assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Allow");
    let twice = [
        presented(&["Authorization", "authorization"], None),
        presented(&["Authorization"], listed("Authorization", &["Bearer x", &good])),
        presented(&["Authorization"], listed("authorization", &[&good, &good])),
    ];
    for event in twice {
        assert_denied(&handle(&deps, event).await.unwrap(), "two headers");
    }
}

/// The address is the gateway's own word: a header that claims another changes nothing.
#[tokio::test]
async fn a_token_of_some_addresses_opens_nothing_from_others() {
    let stage = TestStage::start().await;
    let deps = deps(&stage);
    let caller = builders::caller(&builders::merchant("one"), Role::Merchant);
    let addresses = Addresses(vec![AddressRange::parse("203.0.113.0/24").unwrap()]);
    let token = deps.tokens.issue(&caller, &addresses).await.unwrap();
    for (source_ip, effect) in [("203.0.113.7", "Allow"), ("198.51.100.7", "Deny")] {
        let event = json!({
            "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:api/v1/GET/transactions",
            "headers": {"Authorization": format!("Bearer {token}"), "X-Forwarded-For": "203.0.113.7"},
            "requestContext": {"identity": {"sourceIp": source_ip}},
        });
        let answer = handle(&deps, serde_json::from_value(event).unwrap()).await.unwrap();
        assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], effect, "{source_ip}");
    }
    let unknown = handle(&deps, event(Some(("Authorization", &format!("Bearer {token}"))))).await.unwrap();
    assert_denied(&unknown, "no address");
}

struct NoKeys;

#[async_trait::async_trait]
impl KeySource for NoKeys {
    async fn keys(&self, _fresh: bool) -> Result<Arc<KeyRing>, StoreError> {
        Err(StoreError::Unavailable { operation: "GetSecretValue", detail: "told to fail".to_owned() })
    }
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_our_fault_and_no_refusal() {
    let stage = TestStage::start().await;
    let caller = builders::caller(&builders::merchant("one"), Role::Admin);
    let token = deps(&stage).tokens.issue(&caller, &Addresses::default()).await.unwrap();
    let deps = Deps { tokens: Tokens::new(Arc::new(NoKeys), "paywarden-test".to_owned(), stage.clock()) };
    handle(&deps, event(Some(("Authorization", &format!("Bearer {token}"))))).await.unwrap_err();
}

#[tokio::test]
async fn samples_are_denied() {
    let stage = TestStage::start().await;
    for (case, event) in events::parsed::<AuthorizerEvent>("authorize") {
        assert_denied(&handle(&deps(&stage), event).await.unwrap(), &case);
    }
}
