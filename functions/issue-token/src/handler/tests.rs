//! Against the real store code on an in-process DynamoDB.

use data_encoding::BASE64;
use lambda_http::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use paywarden_domain::access::{Role, Scope};
use paywarden_domain::client::{AddressRange, Addresses, Client};
use paywarden_domain::id::ClientId;
use paywarden_domain::secret;
use paywarden_domain::time::Clock;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_testing::TestDoor;
use serde_json::{Value, json};

use super::*;
use crate::DOOR;

mod people;
mod sessions;

/// The secret in the sample event.
const SECRET: &str = "pws_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const FORM: &str = "grant_type=client_credentials";

struct Fixture {
    door: TestDoor<Deps>,
    client_id: ClientId,
}

impl Fixture {
    /// With a client, and one that is revoked.
    async fn new() -> Self {
        Self::wired(Deps::of).await
    }

    /// The same with a function that is wired in another way.
    async fn wired(wire: impl FnOnce(&Stores) -> Result<Deps, InvalidVariable>) -> Self {
        let door = TestDoor::open_to_strangers(DOOR, wire, handle).await;
        let client = Client::new(
            door.client_id(Role::Merchant),
            door.merchant.id.clone(),
            "The shop".to_owned(),
            Role::Merchant,
            secret::hash(SECRET, door.stage.entropy.as_ref()),
            door.stage.clock.now(),
        );
        let client_id = client.id.clone();
        door.stage.clients().create(&client).await.unwrap();
        let revoked = Client {
            id: ClientId::derived("test", &[b"revoked"]),
            revoked_at: Some(door.stage.clock.now()),
            ..client
        };
        door.stage.clients().create(&revoked).await.unwrap();
        Self { door, client_id }
    }

    /// What the endpoint answers. Whatever it is, no cache may keep it.
    async fn post(&self, authorization: impl IntoIterator<Item = String>, body: &str) -> Answer {
        let mut request = self.door.anonymous_request().with_body(body);
        for value in authorization {
            request.headers.append(AUTHORIZATION, HeaderValue::from_str(&value).unwrap());
        }
        let answer = self.door.answer(request).await;
        let answer = answer.unwrap_or_else(|problem| render(&problem, "req-test"));
        assert_eq!(caching(&answer), ["no-store", "no-cache"]);
        answer
    }

    fn basic(&self) -> Option<String> {
        Some(basic_header(self.client_id.as_str(), SECRET))
    }
}

fn basic_header(id: &str, secret: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("{id}:{secret}").as_bytes()))
}

/// What the answer tells caches, new and old.
fn caching(answer: &Answer) -> [&str; 2] {
    [CACHE_CONTROL, PRAGMA].map(|name| answer.headers.get(name).map_or("", |value| value.to_str().unwrap()))
}

fn error(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.body_json()["error"].clone())
}

#[tokio::test]
async fn credentials_become_a_token_with_the_roles_scopes() {
    let fixture = Fixture::new().await;
    let in_form = format!("{FORM}&client_id={}&client_secret={SECRET}", fixture.client_id);
    for (authorization, body) in [(fixture.basic(), FORM), (None, in_form.as_str())] {
        let answer = fixture.post(authorization, body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let body = answer.body_json();
        assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(600)));
        assert_eq!(body["scope"], "transactions:read transactions:write webhooks:read webhooks:write");
        let caller =
            fixture.door.deps.tokens.verify(body["access_token"].as_str().unwrap(), None).await.unwrap();
        assert_eq!(
            (caller.principal.client(), caller.zone.name()),
            (Some(&fixture.client_id), "Asia/Jakarta")
        );
        assert_eq!(caller.expires_at, fixture.door.stage.clock().now().plus_seconds(600));
    }
}

#[tokio::test]
async fn fewer_scopes_may_be_asked_for_and_no_others() {
    let fixture = Fixture::new().await;
    let answer =
        fixture.post(fixture.basic(), &format!("{FORM}&scope=transactions%3Aread+webhooks%3Aread")).await;
    assert_eq!(answer.body_json()["scope"], "transactions:read webhooks:read");
    for scope in ["providers:write", "transactions:read+nonsense"] {
        let answer = fixture.post(fixture.basic(), &format!("{FORM}&scope={scope}")).await;
        assert_eq!(error(&answer), (400, json!("invalid_scope")), "{scope}");
    }
    let blank = fixture.post(fixture.basic(), &format!("{FORM}&scope=+")).await;
    assert_eq!(blank.status, 200);
}

#[tokio::test]
async fn an_unknown_client_a_wrong_secret_and_a_revoked_client_end_the_same_way() {
    let fixture = Fixture::new().await;
    let id = fixture.client_id.as_str();
    let unknown = ClientId::derived("test", &[b"unknown"]);
    let revoked = ClientId::derived("test", &[b"revoked"]);
    let mut bodies = Vec::new();
    for authorization in [
        basic_header(id, "pws_wrong"),
        basic_header(id, ""),
        basic_header(unknown.as_str(), SECRET),
        basic_header(revoked.as_str(), SECRET),
        basic_header("nonsense", SECRET),
        "Basic !!!".to_owned(),
        "Basic".to_owned(),
        "Bearer x".to_owned(),
    ] {
        let answer = fixture.post(Some(authorization.clone()), FORM).await;
        assert_eq!(error(&answer), (401, json!("invalid_client")), "{authorization}");
        assert_eq!(answer.headers[WWW_AUTHENTICATE], "Basic realm=\"paywarden\"");
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    assert_eq!(error(&fixture.post(None, FORM).await), (401, json!("invalid_client")));
}

/// The status that a wrong secret is answered with.
async fn wrong(fixture: &Fixture, id: &str) -> u16 {
    fixture.post(Some(basic_header(id, "pws_wrong")), FORM).await.status.as_u16()
}

#[tokio::test]
async fn whoever_keeps_guessing_is_told_to_wait_for_the_next_minute() {
    let fixture = Fixture::new().await;
    let id = fixture.client_id.as_str();
    fixture.door.stage.clock.advance_seconds(15);
    for attempt in 0..60 {
        assert_eq!(wrong(&fixture, id).await, 401, "{attempt}");
    }
    let answer = fixture.post(Some(basic_header(id, "pws_wrong")), FORM).await;
    assert_eq!((answer.status.as_u16(), &answer.body_json()["error"]["code"]), (429, &json!("throttled")));
    assert_eq!(answer.headers["retry-after"], "45");
    fixture.door.stage.clock.advance_seconds(45);
    assert_eq!(wrong(&fixture, id).await, 401);
}

#[tokio::test]
async fn the_right_secret_is_never_locked_out() {
    let fixture = Fixture::new().await;
    let id = fixture.client_id.as_str();
    for _ in 0..100 {
        wrong(&fixture, id).await;
    }
    assert_eq!(wrong(&fixture, id).await, 429);
    assert_eq!(fixture.post(fixture.basic(), FORM).await.status, 200);
}

#[tokio::test]
async fn other_clients_have_counts_of_their_own() {
    let fixture = Fixture::new().await;
    for _ in 0..61 {
        wrong(&fixture, fixture.client_id.as_str()).await;
    }
    let revoked = ClientId::derived("test", &[b"revoked"]);
    assert_eq!(wrong(&fixture, revoked.as_str()).await, 401);
}

/// Whatever strangers make up costs a read and leaves nothing behind.
#[tokio::test]
async fn an_unknown_client_writes_nothing() {
    let fixture = Fixture::new().await;
    let rows = fixture.door.stage.count("ClientsTable");
    for number in 0..70_u8 {
        let unknown = ClientId::derived("test", &[b"unknown", &[number]]);
        assert_eq!(wrong(&fixture, unknown.as_str()).await, 401);
    }
    assert_eq!(fixture.door.stage.count("ClientsTable"), rows);
}

/// A process that was refused once asks the table no more until the minute is over.
#[tokio::test]
async fn what_a_flood_writes_is_bounded() {
    let fixture = Fixture::new().await;
    let id = fixture.client_id.as_str();
    for _ in 0..61 {
        wrong(&fixture, id).await;
    }
    let _ = fixture.door.stage.dynamo.take_consumed();
    assert_eq!(wrong(&fixture, id).await, 429);
    assert_eq!(fixture.door.stage.dynamo.take_consumed().operations, 1, "the client is read");
}

/// A token costs no write: a use is noted once an hour.
#[tokio::test]
async fn a_use_is_noted_once_an_hour() {
    let fixture = Fixture::new().await;
    let (clock, started) = (&fixture.door.stage.clock, fixture.door.stage.clock.now());
    let last_used = async || {
        let client = fixture.door.stage.clients().find(&fixture.client_id).await.unwrap().unwrap();
        client.last_used_at.map(|at| at.as_seconds().saturating_sub(started.as_seconds()))
    };
    let mut noted = Vec::new();
    for _ in 0..4 {
        assert_eq!(fixture.post(fixture.basic(), FORM).await.status, 200);
        noted.push(last_used().await);
        clock.advance_seconds(1800);
    }
    assert_eq!(noted, [Some(0), Some(0), Some(3600), Some(3600)]);
    let _ = fixture.door.stage.dynamo.take_consumed();
    assert_eq!(wrong(&fixture, fixture.client_id.as_str()).await, 401);
    assert_eq!(last_used().await, Some(3600), "a failure is no use");
}

#[tokio::test]
async fn a_token_within_the_hour_costs_reads_only() {
    let fixture = Fixture::new().await;
    for _ in 0..2 {
        let _ = fixture.door.stage.dynamo.take_consumed();
        assert_eq!(fixture.post(fixture.basic(), FORM).await.status, 200);
    }
    // The client, read consistently; its merchant is remembered from before.
    let consumed = fixture.door.stage.dynamo.take_consumed();
    assert_eq!((consumed.operations, consumed.tenths), (1, 10));
}

#[tokio::test]
async fn a_use_that_cannot_be_noted_keeps_nobody_from_a_token() {
    let fixture = Fixture::new().await;
    // Behind the client and its merchant.
    fixture.door.stage.faults.kill_before(2);
    let answer = fixture.post(fixture.basic(), FORM).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn the_secret_before_is_good_until_its_time_is_over() {
    let fixture = Fixture::new().await;
    let clients = fixture.door.stage.clients();
    let client = clients.find(&fixture.client_id).await.unwrap().unwrap();
    let now = fixture.door.stage.clock.now();
    let hash = secret::hash("pws_second", fixture.door.stage.entropy.as_ref());
    clients.replace_secret(&client, &client.replace_secret(hash, 3600, now)).await.unwrap();
    let status = async |secret: &str| {
        let header = basic_header(fixture.client_id.as_str(), secret);
        fixture.post([header], FORM).await.status.as_u16()
    };
    assert_eq!((status(SECRET).await, status("pws_second").await), (200, 200));
    fixture.door.stage.clock.advance_seconds(3600);
    assert_eq!((status(SECRET).await, status("pws_second").await), (401, 200));
}

/// Who calls from elsewhere learns so when the secret is right, and nothing when it is not.
#[tokio::test]
async fn a_client_of_some_addresses_gets_no_token_from_others() {
    let fixture = Fixture::new().await;
    let client = fixture.door.stage.clients().find(&fixture.client_id).await.unwrap().unwrap();
    let bound = Client {
        id: ClientId::derived("test", &[b"bound"]),
        allowed_addresses: Addresses(vec![AddressRange::parse("203.0.113.0/24").unwrap()]),
        ..client
    };
    fixture.door.stage.clients().create(&bound).await.unwrap();
    let cases = [
        (SECRET, Some("203.0.113.7"), 200, json!(null)),
        (SECRET, Some("198.51.100.7"), 400, json!("unauthorized_client")),
        (SECRET, None, 400, json!("unauthorized_client")),
        ("pws_wrong", Some("198.51.100.7"), 401, json!("invalid_client")),
    ];
    for (secret, address, status, expected) in cases {
        let mut request = fixture.door.anonymous_request().with_body(FORM);
        request.address = address.map(|address| address.parse().unwrap());
        let header = basic_header(bound.id.as_str(), secret);
        request.headers.append(AUTHORIZATION, HeaderValue::from_str(&header).unwrap());
        let answer = fixture.door.answer(request.clone()).await.unwrap();
        assert_eq!(error(&answer), (status, expected), "{secret} {address:?}");
        if status == 200 {
            let token = answer.body_json()["access_token"].as_str().unwrap().to_owned();
            let tokens = &fixture.door.deps.tokens;
            assert!(tokens.verify(&token, request.address).await.is_ok());
            assert!(tokens.verify(&token, Some("198.51.100.7".parse().unwrap())).await.is_err());
        }
    }
}

#[tokio::test]
async fn a_client_with_fewer_scopes_gets_those() {
    let fixture = Fixture::new().await;
    let client = fixture.door.stage.clients().find(&fixture.client_id).await.unwrap().unwrap();
    let id = ClientId::derived("test", &[b"narrow"]);
    let narrow = Client { id: id.clone(), scopes: Some(vec![Scope::TransactionsRead]), ..client };
    fixture.door.stage.clients().create(&narrow).await.unwrap();
    let header = || Some(basic_header(id.as_str(), SECRET));
    assert_eq!(fixture.post(header(), FORM).await.body_json()["scope"], "transactions:read");
    let more = fixture.post(header(), &format!("{FORM}&scope=transactions%3Awrite")).await;
    assert_eq!(error(&more), (400, json!("invalid_scope")));
}

/// Id and secret are two values, each in the form encoding, and every character of them counts.
#[tokio::test]
async fn a_secret_is_right_to_the_last_character_or_not_at_all() {
    let fixture = Fixture::new().await;
    let id = fixture.client_id.as_str();
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let cases = [
        (id.to_owned(), SECRET.to_owned(), 200),
        (escaped(id), escaped(SECRET), 200),
        (escaped(id).to_uppercase(), escaped(SECRET).to_uppercase(), 200),
        (id.to_owned(), format!("{SECRET}=x"), 401),
        (id.to_owned(), format!("{SECRET}&x"), 401),
        (id.to_owned(), format!("{SECRET}="), 401),
        (id.to_owned(), format!("{SECRET}&"), 401),
        (id.to_owned(), format!("&{SECRET}"), 401),
        (id.to_owned(), format!("x={SECRET}"), 401),
        (id.to_owned(), format!("{SECRET}+"), 401),
        (id.to_owned(), format!("{SECRET}:x"), 401),
        (id.to_owned(), format!("{SECRET}%"), 401),
        (id.to_owned(), format!("{SECRET}%4"), 401),
        (id.to_owned(), format!("{SECRET}%zz"), 401),
        (id.to_owned(), format!("{SECRET}%ff"), 401),
        (id.to_owned(), format!("{SECRET}%00"), 401),
        (format!("{id}=x"), SECRET.to_owned(), 401),
        (format!("{id}&x"), SECRET.to_owned(), 401),
        (format!("&{id}"), SECRET.to_owned(), 401),
    ];
    for (id, secret, status) in cases {
        let answer = fixture.post([basic_header(&id, &secret)], FORM).await;
        assert_eq!(answer.status, status, "{id}:{secret}");
        assert_eq!(answer.headers.contains_key(WWW_AUTHENTICATE), status == 401, "{id}:{secret}");
    }
}

#[tokio::test]
async fn a_client_proves_itself_in_one_way() {
    let fixture = Fixture::new().await;
    let (id, revoked) = (fixture.client_id.as_str(), ClientId::derived("test", &[b"revoked"]));
    let (basic, bearer) = (|| basic_header(id, SECRET), || "Bearer x".to_owned());
    let cases = [
        // In the header, and what may stand beside it.
        (vec![basic()], format!("client_id={id}"), 200, json!(null)),
        (vec![basic()], "client_id=&client_secret=".to_owned(), 200, json!(null)),
        (vec![basic()], format!("client_id={revoked}"), 400, json!("invalid_request")),
        (vec![basic()], "client_id=x".to_owned(), 400, json!("invalid_request")),
        (vec![basic()], format!("client_id={id}&client_secret={SECRET}"), 400, json!("invalid_request")),
        (vec![basic()], format!("client_secret={SECRET}"), 400, json!("invalid_request")),
        (vec![bearer()], format!("client_id={id}&client_secret={SECRET}"), 400, json!("invalid_request")),
        (vec![basic(), basic()], String::new(), 400, json!("invalid_request")),
        (vec![basic(), bearer()], String::new(), 400, json!("invalid_request")),
        (vec![format!("{}, {}", basic(), basic())], String::new(), 401, json!("invalid_client")),
        // In the form.
        (vec![], format!("client_id={id}&client_secret={SECRET}"), 200, json!(null)),
        (vec![], format!("client_id={id}&client_secret={SECRET}x"), 401, json!("invalid_client")),
        (vec![], format!("client_id={id}&client_secret={SECRET}%3Dx"), 401, json!("invalid_client")),
        (vec![], format!("client_id={id}&client_secret={SECRET}=x"), 401, json!("invalid_client")),
        (vec![], format!("client_id={id}"), 401, json!("invalid_client")),
        (vec![], format!("client_secret={SECRET}"), 401, json!("invalid_client")),
        (vec![], format!("client_id={id}&client_secret="), 401, json!("invalid_client")),
        (vec![], String::new(), 401, json!("invalid_client")),
    ];
    for (authorization, members, status, expected) in cases {
        let answer = fixture.post(authorization.clone(), &format!("{FORM}&{members}")).await;
        assert_eq!(error(&answer), (status, expected), "{authorization:?} {members}");
    }
}

#[tokio::test]
async fn requests_that_cannot_be_read_are_refused_as_the_rfc_says() {
    let fixture = Fixture::new().await;
    let long = format!("{FORM}&x={}", "x".repeat(17_000));
    let cases = [
        ("", "invalid_request"),
        ("{}", "invalid_request"),
        // A parameter without a value counts as left out.
        ("grant_type=", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("grant_type=client_credentials&scope=&scope=transactions%3Aread", "invalid_request"),
        ("grant_type=client_credentials&unknown=1&unknown=2", "invalid_request"),
        (&long, "invalid_request"),
    ];
    for (body, expected) in cases {
        assert_eq!(error(&fixture.post(fixture.basic(), body).await), (400, json!(expected)), "{body:.40}");
    }
    let unknown = fixture.post(fixture.basic(), &format!("{FORM}&audience=x&resource=https%3A%2F%2Fx")).await;
    assert_eq!(unknown.status, 200, "unknown parameters are passed over");
}

/// What cannot be counted is no reason to tell the client anything else.
#[tokio::test]
async fn a_count_that_cannot_be_written_changes_no_answer() {
    let fixture = Fixture::new().await;
    fixture.door.stage.faults.kill_before(1);
    assert_eq!(wrong(&fixture, fixture.client_id.as_str()).await, 401);
}

#[test]
fn a_failure_of_ours_is_not_kept_either() {
    let answer = render(&Problem::unavailable(), "req-1");
    assert_eq!(caching(&answer), ["no-store", "no-cache"]);
    assert_eq!((answer.status.as_u16(), &answer.body_json()["error"]["code"]), (503, &json!("unavailable")));
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    fixture.begin_sample_session().await;
    let expected = [
        ("client-credentials", 200),
        ("no-grant-type", 400),
        ("refresh-token", 200),
        ("session", 200),
        ("token-exchange", 400),
        ("unknown-client", 401),
        ("unknown-refresh-token", 400),
    ];
    fixture.door.samples_are_answered(&expected).await;
}
