//! Sessions: begun when asked for, going on, and ending.

use lambda_http::http::StatusCode;
use paywarden_domain::principal::Principal;
use paywarden_domain::session::{RefreshToken, Session};

use super::*;

const BEGIN: &str = "grant_type=client_credentials&scope=offline_access";

impl Fixture {
    /// The session of the sample event, whose token is `pwr_` and 43 times A.
    pub async fn begin_sample_session(&self) {
        let token = RefreshToken::parse(&format!("pwr_{}", "A".repeat(43))).unwrap();
        let client = self.client().await;
        let session = Session::begin(&client, &client.secret_hash, &token, self.door.stage.clock.now());
        self.door.stage.sessions().begin(&session).await.unwrap();
    }

    async fn client(&self) -> Client {
        self.door.stage.clients().find(&self.client_id).await.unwrap().unwrap()
    }

    /// Signs in; answers the refresh token.
    async fn begin(&self) -> String {
        let answer = self.post(self.basic(), BEGIN).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        refresh_token(&answer)
    }

    async fn refresh(&self, token: &str) -> Answer {
        self.post(None, &refreshing(token)).await
    }

    /// The one session that there is.
    async fn session(&self) -> Session {
        let items = self.door.stage.items("SessionsTable");
        let id = items[0]["id"]["S"].as_str().unwrap();
        let id = paywarden_domain::id::SessionId::parse(id).unwrap();
        self.door.stage.sessions().find(&id).await.unwrap().unwrap()
    }

    async fn caller(&self, answer: &Answer) -> paywarden_lambda_kit::caller::Caller {
        let body = answer.body_json();
        self.door.deps.tokens.verify(body["access_token"].as_str().unwrap(), None).await.unwrap()
    }
}

fn refreshing(token: &str) -> String {
    format!("grant_type=refresh_token&refresh_token={token}")
}

fn refresh_token(answer: &Answer) -> String {
    answer.body_json()["refresh_token"].as_str().unwrap().to_owned()
}

fn refused(answer: &Answer) -> bool {
    error(answer) == (400, json!("invalid_grant"))
}

#[tokio::test]
async fn a_session_begins_only_for_who_asks() {
    let fixture = Fixture::new().await;
    for scope in ["", "&scope=transactions%3Aread"] {
        let answer = fixture.post(fixture.basic(), &format!("{FORM}{scope}")).await;
        assert_eq!(answer.body_json().get("refresh_token"), None, "{scope}");
    }
    assert_eq!(fixture.door.stage.count("SessionsTable"), 0);
    let answer = fixture.post(fixture.basic(), BEGIN).await;
    let body = answer.body_json();
    assert_eq!(body["refresh_token_expires_in"], 1800);
    assert_eq!(body["scope"], "transactions:read transactions:write webhooks:read webhooks:write");
    let kept = fixture.door.stage.items("SessionsTable")[0].to_string();
    assert!(!kept.contains(refresh_token(&answer).trim_start_matches("pwr_")), "{kept}");
}

#[tokio::test]
async fn a_session_goes_on_under_another_token_each_time() {
    let fixture = Fixture::new().await;
    let mut token = fixture.begin().await;
    for _ in 0..3 {
        fixture.door.stage.clock.advance_seconds(600);
        let answer = fixture.refresh(&token).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body_json()["expires_in"]),
            (200, &json!(600)),
            "{}",
            answer.body
        );
        assert_eq!(fixture.caller(&answer).await.principal.client(), Some(&fixture.client_id));
        let next = refresh_token(&answer);
        assert_ne!(next, token);
        token = next;
    }
    assert_eq!(fixture.door.stage.count("SessionsTable"), 1);
}

/// An answer gets lost, or two windows of one browser ask at once: both get the token that is good.
#[tokio::test]
async fn the_next_token_is_given_again_for_a_moment() {
    let fixture = Fixture::new().await;
    let first = fixture.begin().await;
    let second = refresh_token(&fixture.refresh(&first).await);
    fixture.door.stage.clock.advance_seconds(Session::GRACE_SECONDS - 1);
    assert_eq!(refresh_token(&fixture.refresh(&first).await), second);
    assert_eq!(fixture.refresh(&second).await.status, StatusCode::OK);
}

/// Two processes read the same session, and the second one's write finds the first one's.
#[tokio::test]
async fn two_who_use_a_token_at_the_same_moment_get_the_same_next_one() {
    let fixture = Fixture::new().await;
    let first = fixture.begin().await;
    let (one, other) = tokio::join!(fixture.refresh(&first), fixture.refresh(&first));
    assert_eq!((one.status, other.status), (StatusCode::OK, StatusCode::OK), "{} {}", one.body, other.body);
    assert_eq!(refresh_token(&one), refresh_token(&other));
}

#[tokio::test]
async fn a_token_that_comes_back_ends_the_session_for_all_who_hold_it() {
    let fixture = Fixture::new().await;
    let first = fixture.begin().await;
    let second = refresh_token(&fixture.refresh(&first).await);
    fixture.door.stage.clock.advance_seconds(Session::GRACE_SECONDS);
    assert!(refused(&fixture.refresh(&first).await));
    assert!(fixture.session().await.revoked_at.is_some());
    assert!(refused(&fixture.refresh(&second).await));
}

/// Within the moment too, once the next one was used: then it has arrived.
#[tokio::test]
async fn a_token_from_before_the_last_one_ends_it_at_once() {
    let fixture = Fixture::new().await;
    let first = fixture.begin().await;
    let second = refresh_token(&fixture.refresh(&first).await);
    fixture.refresh(&second).await;
    assert!(refused(&fixture.refresh(&first).await));
    assert!(fixture.session().await.revoked_at.is_some());
}

#[tokio::test]
async fn a_session_ends_with_idleness_and_with_time() {
    let fixture = Fixture::new().await;
    let idle = fixture.begin().await;
    fixture.door.stage.clock.advance_seconds(Session::IDLE_SECONDS);
    assert!(refused(&fixture.refresh(&idle).await));
    let mut busy = fixture.begin().await;
    for _ in 0..28 {
        fixture.door.stage.clock.advance_seconds(25 * 60);
        busy = refresh_token(&fixture.refresh(&busy).await);
    }
    // Twenty minutes are left; ten minutes later and five more, a token of ten would outlive it.
    fixture.door.stage.clock.advance_seconds(15 * 60);
    let last = fixture.refresh(&busy).await;
    assert_eq!(last.body_json()["expires_in"], 300);
    assert_eq!(last.body_json()["refresh_token_expires_in"], 300);
    fixture.door.stage.clock.advance_seconds(300);
    assert!(refused(&fixture.refresh(&refresh_token(&last)).await));
}

#[tokio::test]
async fn a_session_ends_with_its_client_and_with_the_secret_that_began_it() {
    let fixture = Fixture::new().await;
    let clients = fixture.door.stage.clients();
    let now = || fixture.door.stage.clock.now();
    // A secret that leaked, and was replaced at once.
    let token = fixture.begin().await;
    let client = fixture.client().await;
    let hash = secret::hash("pws_second", fixture.door.stage.entropy.as_ref());
    clients.replace_secret(&client, &client.replace_secret(hash, 0, now())).await.unwrap();
    assert!(refused(&fixture.refresh(&token).await));
    // A client that was revoked.
    let by_second = Some(basic_header(fixture.client_id.as_str(), "pws_second"));
    let token = refresh_token(&fixture.post(by_second, BEGIN).await);
    let admin = fixture.door.stage.add_client(&fixture.door.merchant, Role::Admin).await;
    clients.revoke(&fixture.client_id, &Principal::Client(admin.id), now()).await.unwrap();
    assert!(refused(&fixture.refresh(&token).await));
}

/// In the day of a rotation the older secret is good, and what it began ends with it.
#[tokio::test]
async fn a_session_of_the_older_secret_ends_when_that_does() {
    let fixture = Fixture::new().await;
    let client = fixture.client().await;
    let hash = secret::hash("pws_second", fixture.door.stage.entropy.as_ref());
    let replacement = client.replace_secret(hash, 60, fixture.door.stage.clock.now());
    fixture.door.stage.clients().replace_secret(&client, &replacement).await.unwrap();
    let older = fixture.begin().await;
    let by_newer = Some(basic_header(fixture.client_id.as_str(), "pws_second"));
    let newer = refresh_token(&fixture.post(by_newer, BEGIN).await);
    fixture.door.stage.clock.advance_seconds(60);
    assert!(refused(&fixture.refresh(&older).await));
    assert_eq!(fixture.refresh(&newer).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_keeps_the_scopes_that_were_asked_for() {
    let fixture = Fixture::new().await;
    let begun = fixture.post(fixture.basic(), &format!("{BEGIN}+transactions%3Aread+webhooks%3Aread")).await;
    assert_eq!(begun.body_json()["scope"], "transactions:read webhooks:read");
    let token = refresh_token(&begun);
    let more = fixture.post(None, &format!("{}&scope=transactions%3Awrite", refreshing(&token))).await;
    assert_eq!(error(&more), (400, json!("invalid_scope")));
    let fewer = fixture.post(None, &format!("{}&scope=webhooks%3Aread", refreshing(&token))).await;
    assert_eq!(fewer.body_json()["scope"], "webhooks:read");
    let all = fixture.refresh(&refresh_token(&fewer)).await;
    assert_eq!(all.body_json()["scope"], "transactions:read webhooks:read");
}

#[tokio::test]
async fn a_session_is_held_to_its_clients_addresses() {
    let fixture = Fixture::new().await;
    let bound = Client {
        id: ClientId::derived("test", &[b"bound"]),
        allowed_addresses: Addresses(vec![AddressRange::parse("203.0.113.0/24").unwrap()]),
        ..fixture.client().await
    };
    fixture.door.stage.clients().create(&bound).await.unwrap();
    let from = async |address: &str, authorization: Option<String>, body: &str| {
        let mut request = fixture.door.anonymous_request().with_body(body);
        request.address = Some(address.parse().unwrap());
        if let Some(value) = authorization {
            request.headers.append(AUTHORIZATION, HeaderValue::from_str(&value).unwrap());
        }
        fixture.door.answer(request).await.unwrap()
    };
    let header = Some(basic_header(bound.id.as_str(), SECRET));
    let token = refresh_token(&from("203.0.113.7", header, BEGIN).await);
    let elsewhere = from("198.51.100.7", None, &refreshing(&token)).await;
    assert_eq!(error(&elsewhere), (400, json!("unauthorized_client")));
    // Nothing was used up by it.
    assert_eq!(from("203.0.113.8", None, &refreshing(&token)).await.status, StatusCode::OK);
    assert_eq!(fixture.session().await.address, Some("203.0.113.8".parse().unwrap()));
}

#[tokio::test]
async fn who_says_who_it_is_has_to_be_the_sessions_client() {
    let fixture = Fixture::new().await;
    let other = fixture.door.stage.add_client(&fixture.door.merchant, Role::Finance).await;
    let token = fixture.begin().await;
    let (own, theirs) = (fixture.client_id.to_string(), other.id.to_string());
    let cases = [
        (None, format!("&client_id={theirs}"), 400, json!("invalid_grant")),
        (Some(basic_header(&theirs, SECRET)), String::new(), 400, json!("invalid_grant")),
        (Some(basic_header(&own, "pws_wrong")), String::new(), 401, json!("invalid_client")),
        (None, format!("&client_id={own}&client_secret=pws_wrong"), 401, json!("invalid_client")),
        (Some("Bearer x".to_owned()), String::new(), 401, json!("invalid_client")),
        (None, format!("&client_id={own}"), 200, json!(null)),
        (Some(basic_header(&own, SECRET)), String::new(), 200, json!(null)),
    ];
    for (authorization, members, status, expected) in cases {
        let answer = fixture.post(authorization, &format!("{}{members}", refreshing(&token))).await;
        assert_eq!(error(&answer), (status, expected), "{members}");
    }
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused_and_ends_nothing() {
    let fixture = Fixture::new().await;
    let token = fixture.begin().await;
    let unknown = RefreshToken::generate(fixture.door.stage.entropy.as_ref()).reveal();
    let id = fixture.session().await.id.to_string();
    for text in
        [unknown.as_str(), id.as_str(), "nonsense", &format!("{token}A"), token.trim_start_matches("pwr_")]
    {
        assert!(refused(&fixture.refresh(text).await), "{text}");
    }
    let missing = fixture.post(None, "grant_type=refresh_token").await;
    assert_eq!(error(&missing), (400, json!("invalid_request")));
    assert_eq!(fixture.refresh(&token).await.status, StatusCode::OK);
}

/// The role and the merchant are read again: what was true at the sign-in need not be true any more.
#[tokio::test]
async fn a_token_says_what_is_true_at_the_time_of_its_issue() {
    let fixture = Fixture::new().await;
    let token = fixture.begin().await;
    let merchant =
        fixture.door.stage.merchants().find_latest(&fixture.door.merchant.id).await.unwrap().unwrap();
    let moved = merchant.with_changes(&json!({"time_zone": "Africa/Johannesburg"})).unwrap();
    let moved = moved.changed(fixture.door.stage.clock.now());
    fixture.door.stage.merchants().replace(&moved, merchant.version).await.unwrap();
    fixture.door.stage.clock.advance_seconds(60);
    let caller = fixture.caller(&fixture.refresh(&token).await).await;
    assert_eq!(caller.zone.name(), "Africa/Johannesburg");
}

/// A sign-in costs the client's row and a session; a use reads both and writes the session, with its place in the index.
#[tokio::test]
async fn a_use_reads_two_rows_and_writes_one() {
    let fixture = Fixture::new().await;
    let token = fixture.begin().await;
    let _ = fixture.door.stage.dynamo.take_consumed();
    fixture.refresh(&token).await;
    assert_eq!(fixture.door.stage.dynamo.take_consumed().operations, 3);
}
