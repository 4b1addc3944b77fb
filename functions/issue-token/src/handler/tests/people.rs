//! People who sign in with the ID token of an identity provider, and tokens that should let nobody in.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use paywarden_domain::person::{Issuer, Person, Settings};
use paywarden_domain::principal::Principal;
use paywarden_domain::session::Session;
use paywarden_lambda_kit::caller::Caller;

use super::*;
use crate::identity::IdentityProvider;

mod provider;

use provider::{Provider, SigningKey};

const EXCHANGE: &str = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange\
    &subject_token_type=urn:ietf:params:oauth:token-type:id_token";

/// A stage with a provider, which has one key.
struct Stage {
    fixture: Fixture,
    provider: Provider,
    key: SigningKey,
}

impl Stage {
    async fn new() -> Self {
        Self::with(SigningKey::ed25519("k1")).await
    }

    async fn with(key: SigningKey) -> Self {
        let provider = Provider::start(&[&key]).await;
        let settings = Settings {
            issuer: &provider.issuer,
            audience: "console",
            merchant_claim: "merchant",
            merchants: "",
            role_claim: "groups",
            roles: "accounting=finance,support=operations",
        };
        let issuer = Issuer::parse(&settings).unwrap().unwrap();
        let wire = |stores: &_| {
            let deps = Deps::of(stores)?;
            let identity = Some(IdentityProvider::new(issuer, Arc::clone(&deps.clock)));
            Ok(Deps { identity, ..deps })
        };
        Self { fixture: Fixture::wired(wire).await, provider, key }
    }

    fn now(&self) -> i64 {
        self.fixture.door.stage.clock.now().as_seconds()
    }

    /// What a token says that lets Ayu in, with some members put in the place of others.
    fn claims(&self, members: &Value) -> Value {
        let mut claims = json!({
            "iss": self.provider.issuer, "aud": "console", "sub": "ayu", "nonce": "n-1", "iat": self.now(),
            "exp": self.now() + 3600, "merchant": self.fixture.door.merchant.id, "groups": ["accounting"],
            "name": "Ayu Lestari",
        });
        for (name, value) in members.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    fn token(&self) -> String {
        self.key.sign(&self.claims(&json!({})))
    }

    async fn exchange(&self, token: &str, more: &str) -> Answer {
        self.fixture.post(None, &format!("{EXCHANGE}&subject_token={token}&nonce=n-1{more}")).await
    }

    async fn is_refused(&self, token: &str, case: &str) {
        let answer = self.exchange(token, "").await;
        assert_eq!(error(&answer), (400, json!("invalid_request")), "{case}");
        let said = answer.body_json()["error_description"].as_str().unwrap().to_owned();
        assert!(said.starts_with("expected an ID token"), "{case}: {said}");
    }

    async fn caller(&self, answer: &Answer) -> Caller {
        assert_eq!(answer.status, 200, "{}", answer.body);
        let token = answer.body_json()["access_token"].as_str().unwrap().to_owned();
        self.fixture.door.deps.tokens.verify(&token, None).await.unwrap()
    }

    fn ayu(&self) -> Principal {
        Principal::Person(Person::id_of(&self.provider.issuer, "ayu"))
    }
}

#[tokio::test]
async fn an_id_token_becomes_an_access_token_of_its_person() {
    for key in [SigningKey::rsa("r1"), SigningKey::p256("p1"), SigningKey::ed25519("e1")] {
        let stage = Stage::with(key).await;
        let answer = stage.exchange(&stage.token(), "").await;
        let caller = stage.caller(&answer).await;
        assert_eq!((caller.principal.clone(), caller.role), (stage.ayu(), Role::Finance));
        assert_eq!(caller.merchant_id, stage.fixture.door.merchant.id);
        assert_eq!(caller.scopes, Role::Finance.scopes());
        let body = answer.body_json();
        assert_eq!(body["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
        assert_eq!((&body["expires_in"], &body["refresh_token"]), (&json!(600), &Value::Null));
        assert_eq!(caller.actor().to_string(), stage.ayu().to_string());
    }
}

#[tokio::test]
async fn fewer_scopes_than_the_roles_may_be_asked_for() {
    let stage = Stage::new().await;
    let answer = stage.exchange(&stage.token(), "&scope=transactions:read").await;
    assert_eq!(stage.caller(&answer).await.scopes, [Scope::TransactionsRead]);
    let more = stage.exchange(&stage.token(), "&scope=clients:write").await;
    assert_eq!(error(&more), (400, json!("invalid_scope")));
}

#[tokio::test]
async fn a_persons_session_goes_on_without_the_provider() {
    let stage = Stage::new().await;
    let first = stage.exchange(&stage.token(), "&scope=offline_access").await;
    stage.provider.fail_with(500);
    stage.fixture.door.stage.clock.advance_seconds(Session::IDLE_SECONDS - 1);
    let token = first.body_json()["refresh_token"].as_str().unwrap().to_owned();
    let next = stage.fixture.post(None, &format!("grant_type=refresh_token&refresh_token={token}")).await;
    let caller = stage.caller(&next).await;
    assert_eq!((caller.principal, caller.role), (stage.ayu(), Role::Finance));
    let mine =
        format!("grant_type=refresh_token&refresh_token={token}&client_id={}", stage.fixture.client_id);
    assert_eq!(error(&stage.fixture.post(None, &mine).await), (400, json!("invalid_grant")), "no client's");
    let shown = stage.fixture.door.stage.items("SessionsTable");
    assert_eq!(shown[0]["person_id"]["S"], json!(stage.ayu()));
    assert_eq!(shown[0]["name"]["S"], "Ayu Lestari");
}

#[tokio::test]
async fn a_session_ends_where_people_cannot_sign_in_any_more() {
    let stage = Stage::new().await;
    let answer = stage.exchange(&stage.token(), "&scope=offline_access").await;
    let token = answer.body_json()["refresh_token"].as_str().unwrap().to_owned();
    let deps = Deps::of(&stage.fixture.door.stage.stores_of("issue-token")).unwrap();
    let body = format!("grant_type=refresh_token&refresh_token={token}");
    let request = stage.fixture.door.anonymous_request().with_body(body);
    let refused = handle(&deps, request).await.unwrap();
    assert_eq!(error(&refused), (400, json!("invalid_grant")));
}

/// Each by itself would be enough; the rules of all claims are a table of the domain's.
#[tokio::test]
async fn hostile_tokens_are_refused() {
    let stage = Stage::with(SigningKey::rsa("k1")).await;
    let (now, key) = (stage.now(), &stage.key);
    let signed = |members: Value| key.sign(&stage.claims(&members));
    let with_header = |header: Header| key.sign_under(&header, &stage.claims(&json!({})));
    let cases = [
        ("another issuer", signed(json!({"iss": "https://evil.example"}))),
        ("another audience", signed(json!({"aud": "another"}))),
        ("expired", signed(json!({"iat": now - 120, "exp": now - 60}))),
        ("from the future", signed(json!({"iat": now + 120}))),
        ("not yet", signed(json!({"nbf": now + 120}))),
        ("found in a log", signed(json!({"iat": now - 1200}))),
        ("another nonce", signed(json!({"nonce": "n-2"}))),
        ("an unknown key", SigningKey::ed25519("k2").sign(&stage.claims(&json!({})))),
        ("a stranger's key under a known id", SigningKey::p256("k1").sign(&stage.claims(&json!({})))),
        ("no key", with_header(Header { kid: None, ..key.header() })),
        (
            "a token for another purpose",
            with_header(Header { typ: Some("at+jwt".to_owned()), ..key.header() }),
        ),
        ("something critical", with_header(Header { crit: Some(vec!["exp".to_owned()]), ..key.header() })),
        ("no token", "a.b.c".to_owned()),
        ("nothing of it", "x".to_owned()),
    ];
    for (case, token) in cases {
        stage.is_refused(&token, case).await;
    }
    assert_eq!(stage.exchange(&stage.token(), "").await.status, 200, "and a good one is taken as before");
}

/// Whoever writes a token also writes its header.
#[tokio::test]
async fn no_token_chooses_how_it_is_looked_at() {
    let stage = Stage::with(SigningKey::rsa("k1")).await;
    let good = stage.token();
    let [_, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let header = |algorithm: &str| {
        let header = json!({"alg": algorithm, "kid": "k1", "typ": "JWT"}).to_string();
        data_encoding::BASE64URL_NOPAD.encode(header.as_bytes())
    };
    for algorithm in ["none", "None", "HS256", "ES256", "EdDSA", "PS256", "RS512", ""] {
        for signature in ["", signature] {
            stage.is_refused(&format!("{}.{payload}.{signature}", header(algorithm)), algorithm).await;
        }
    }
    // The public key, in each form that somebody may have it in, taken for a secret.
    let public = stage.key.public();
    let modulus = public["n"].as_str().unwrap();
    let raw = data_encoding::BASE64URL_NOPAD.decode(modulus.as_bytes()).unwrap();
    for secret in [modulus.as_bytes(), &raw, public.to_string().as_bytes()] {
        let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::HS256) };
        let key = EncodingKey::from_secret(secret);
        let token = jsonwebtoken::encode(&header, &stage.claims(&json!({})), &key).unwrap();
        stage.is_refused(&token, "HS256 with the public key").await;
    }
    // A payload that was written after it was signed.
    let other =
        data_encoding::BASE64URL_NOPAD.encode(stage.claims(&json!({"sub": "budi"})).to_string().as_bytes());
    stage.is_refused(&format!("{}.{other}.{signature}", header("RS256")), "another payload").await;
}

#[tokio::test]
async fn a_person_without_a_place_is_told_so() {
    let stage = Stage::new().await;
    let nowhere = "mer_00000000000000000000000000";
    for members in [json!({"groups": ["everybody"]}), json!({"merchant": null}), json!({"merchant": nowhere})]
    {
        let answer = stage.exchange(&stage.key.sign(&stage.claims(&members)), "").await;
        assert_eq!(error(&answer), (400, json!("invalid_request")), "{members}");
        let said = answer.body_json()["error_description"].as_str().unwrap().to_owned();
        assert!(said.starts_with("expected a person"), "{members}: {said}");
    }
}

#[tokio::test]
async fn what_is_asked_has_to_be_an_exchange_of_one_id_token() {
    let stage = Stage::new().await;
    let (token, kind) = (stage.token(), "urn:ietf:params:oauth:token-type");
    let exchange = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange";
    let whole = format!("{EXCHANGE}&subject_token={token}&nonce=n-1");
    let cases = [
        (format!("{exchange}&subject_token={token}&nonce=n-1"), 400),
        (format!("{exchange}&subject_token={token}&nonce=n-1&subject_token_type={kind}:access_token"), 400),
        (format!("{EXCHANGE}&nonce=n-1"), 400),
        (format!("{EXCHANGE}&subject_token={token}"), 400),
        (format!("{EXCHANGE}&subject_token={token}&nonce="), 400),
        (format!("{whole}&requested_token_type={kind}:refresh_token"), 400),
        (format!("{whole}&actor_token={token}&actor_token_type={kind}:id_token"), 400),
        (format!("{whole}&client_id={}&client_secret={SECRET}", stage.fixture.client_id), 400),
        (format!("{whole}&requested_token_type={kind}:access_token"), 200),
        (format!("{whole}&client_id=console"), 200),
    ];
    for (body, status) in cases {
        let answer = stage.fixture.post(None, &body).await;
        assert_eq!(answer.status, status, "{body} {}", answer.body);
        assert!(status == 200 || error(&answer).1 == "invalid_request", "{body}");
    }
    let basic = stage.fixture.basic();
    assert_eq!(error(&stage.fixture.post(basic, &whole).await), (400, json!("invalid_request")));
}

#[tokio::test]
async fn a_stage_without_a_provider_exchanges_nothing() {
    let fixture = Fixture::new().await;
    let answer = fixture.post(None, &format!("{EXCHANGE}&subject_token=a.b.c&nonce=n-1")).await;
    assert_eq!(error(&answer), (400, json!("unsupported_grant_type")));
}

#[tokio::test]
async fn keys_are_fetched_when_they_are_needed_and_kept_for_a_while() {
    let stage = Stage::new().await;
    stage.fixture.post(stage.fixture.basic(), FORM).await;
    stage.is_refused("x", "no token").await;
    assert_eq!(stage.provider.fetches(), 0, "nobody came with a token");
    for _ in 0..3 {
        stage.caller(&stage.exchange(&stage.token(), "").await).await;
    }
    assert_eq!(stage.provider.fetches(), 2, "where the keys are, and the keys");
    stage.fixture.door.stage.clock.advance_seconds(600);
    stage.caller(&stage.exchange(&stage.token(), "").await).await;
    assert_eq!(stage.provider.fetches(), 4);
}

#[tokio::test]
async fn keys_roll_over() {
    let stage = Stage::new().await;
    stage.caller(&stage.exchange(&stage.token(), "").await).await;
    let next = SigningKey::ed25519("k2");
    let theirs = || next.sign(&stage.claims(&json!({})));
    stage.provider.publish(&[&next, &stage.key]);
    stage.fixture.door.stage.clock.advance_seconds(30);
    stage.caller(&stage.exchange(&theirs(), "").await).await;
    stage.caller(&stage.exchange(&stage.token(), "").await).await;
    // A key that is withdrawn is good until the keys are fetched again.
    stage.provider.publish(&[&next]);
    stage.fixture.door.stage.clock.advance_seconds(600);
    stage.is_refused(&stage.token(), "the key that is gone").await;
    stage.caller(&stage.exchange(&theirs(), "").await).await;
}

/// Anybody can name a key that does not exist.
#[tokio::test]
async fn unknown_keys_make_nobody_hammer_the_provider() {
    let stage = Stage::new().await;
    stage.caller(&stage.exchange(&stage.token(), "").await).await;
    let unknown = SigningKey::ed25519("k2").sign(&stage.claims(&json!({})));
    for _ in 0..20 {
        stage.is_refused(&unknown, "an unknown key").await;
    }
    assert_eq!(stage.provider.fetches(), 2);
    stage.fixture.door.stage.clock.advance_seconds(30);
    for _ in 0..20 {
        stage.is_refused(&unknown, "an unknown key").await;
    }
    assert_eq!(stage.provider.fetches(), 4);
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_no_fault_of_the_tokens() {
    let stage = Stage::new().await;
    let clock = &stage.fixture.door.stage.clock;
    stage.provider.fail_with(500);
    for _ in 0..5 {
        let answer = stage.exchange(&stage.token(), "").await;
        assert_eq!(
            (answer.status.as_u16(), &answer.headers["retry-after"]),
            (503, &HeaderValue::from_static("1"))
        );
    }
    assert_eq!(stage.provider.fetches(), 1, "asked again after a few seconds only");
    stage.provider.fail_with(200);
    clock.advance_seconds(5);
    stage.caller(&stage.exchange(&stage.token(), "").await).await;
    // The keys that are known are good while it is away, and others may be new.
    stage.provider.fail_with(503);
    clock.advance_seconds(60);
    let unknown = SigningKey::ed25519("k2").sign(&stage.claims(&json!({})));
    assert_eq!(stage.exchange(&unknown, "").await.status, 503);
    stage.caller(&stage.exchange(&stage.token(), "").await).await;
}

/// Whatever stands where the keys should be, nobody is let in by it, and nobody sent elsewhere.
#[tokio::test]
async fn documents_that_are_not_the_providers_own_are_not_believed() {
    let too_long = json!({"keys": [], "padding": "x".repeat(300_000)});
    let symmetric = json!({"keys": [{"kty": "oct", "kid": "k1", "k": "c2VjcmV0"}]});
    let short =
        json!({"keys": [{"kty": "RSA", "kid": "k1", "alg": "RS256", "e": "AQAB", "n": "w".repeat(171)}]});
    let sealing = |key: &SigningKey| {
        let mut key = key.public();
        key["use"] = json!("enc");
        json!({"keys": [key]})
    };
    type Harm = Box<dyn Fn(&Stage)>;
    let cases: [Harm; 9] = [
        Box::new(|stage| stage.provider.describe("issuer", json!("https://evil.example"))),
        Box::new(|stage| stage.provider.describe("jwks_uri", json!("http://192.0.2.1/keys"))),
        Box::new(|stage| stage.provider.describe("jwks_uri", json!("file:///etc/passwd"))),
        Box::new(|stage| stage.provider.describe("jwks_uri", Value::Null)),
        Box::new(|stage| stage.provider.fail_with(302)),
        Box::new(move |stage| stage.provider.publish_set(too_long.clone())),
        Box::new(move |stage| stage.provider.publish_set(symmetric.clone())),
        Box::new(move |stage| stage.provider.publish_set(short.clone())),
        Box::new(move |stage| stage.provider.publish_set(sealing(&stage.key))),
    ];
    for (number, harm) in cases.iter().enumerate() {
        let stage = Stage::new().await;
        harm(&stage);
        assert_eq!(stage.exchange(&stage.token(), "").await.status, 503, "{number}");
    }
}
