//! The client against a small API on loopback.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what these helpers unwrap, the test made")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Router, serve};
use paywarden_api_client::{Api, ClientError, Credentials, Plain, Transaction};
use rust_decimal::Decimal;
use serde::Deserialize;

#[derive(Deserialize)]
struct Asked {
    cursor: Option<String>,
}

/// Gives out tokens that are good for `seconds`, and counts them; lists two transactions, one a page.
async fn api(seconds: u64) -> (Api, Arc<AtomicU32>) {
    let given = Arc::new(AtomicU32::new(0));
    let token = move |State(given): State<Arc<AtomicU32>>, headers: HeaderMap| async move {
        if headers["authorization"] != "Basic Y2xpXzE6c2VjcmV0" {
            return (StatusCode::UNAUTHORIZED, r#"{"error": "invalid_client"}"#.to_owned());
        }
        let number = given.fetch_add(1, Ordering::Relaxed) + 1;
        (StatusCode::OK, format!(r#"{{"access_token": "token-{number}", "expires_in": {seconds}}}"#))
    };
    let router = Router::new()
        .route("/v1/oauth/token", post(token))
        .route("/v1/transactions", get(list))
        .with_state(Arc::clone(&given));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { serve(listener, router).await });
    (Api::anonymous(Arc::new(Plain::default()), &url), given)
}

async fn list(headers: HeaderMap, Query(asked): Query<Asked>) -> (StatusCode, String) {
    if !headers.get("authorization").is_some_and(|token| token.as_bytes().starts_with(b"Bearer token-")) {
        let error = r#"{"code": "unauthorized", "message": "a token is needed", "request_id": "req-1"}"#;
        return (StatusCode::UNAUTHORIZED, format!(r#"{{"status": false, "error": {error}}}"#));
    }
    let (reference, next) = match asked.cursor.as_deref() {
        None => ("FIRST", r#""a b+c""#),
        Some(cursor) => {
            assert_eq!(cursor, "a b+c", "a cursor comes back as it was given");
            ("SECOND", "null")
        }
    };
    let transaction = format!(
        r#"{{"id": "tra_00000000000000000000000000", "transaction_reference": "{reference}", "amount": 0.30,
            "currency": "ZAR", "direction": "receive", "method": "DEBICHECK", "status": "PAID",
            "provider_id": null, "version": 2}}"#
    );
    (StatusCode::OK, format!(r#"{{"transactions": [{transaction}], "next_cursor": {next}}}"#))
}

fn credentials(secret: &str) -> Credentials {
    Credentials { client_id: "cli_1".to_owned(), client_secret: secret.to_owned() }
}

#[tokio::test]
async fn a_list_is_read_to_its_end_and_amounts_are_exact() {
    let (api, _) = api(600).await;
    let api = api.sign_in(&credentials("secret")).await.unwrap();
    let all: Vec<Transaction> = api.all("/transactions?limit=1", "transactions").await.unwrap();
    let references: Vec<_> = all.iter().map(|one| one.transaction_reference.as_str()).collect();
    assert_eq!(references, ["FIRST", "SECOND"]);
    assert_eq!(all[0].amount, Decimal::new(30, 2));
}

#[tokio::test]
async fn a_token_is_kept_until_it_is_nearly_over() {
    for (seconds, expected) in [(600, 1), (1, 3)] {
        let (api, given) = api(seconds).await;
        let api = api.sign_in(&credentials("secret")).await.unwrap();
        api.get("/transactions").await.unwrap().accepted().unwrap();
        api.clone().get("/transactions").await.unwrap().accepted().unwrap();
        assert_eq!(given.load(Ordering::Relaxed), expected, "tokens of {seconds} s");
    }
}

#[tokio::test]
async fn wrong_credentials_and_missing_tokens_are_refusals() {
    let (api, _) = api(600).await;
    let refused = api.sign_in(&credentials("wrong")).await.err();
    assert!(matches!(refused, Some(ClientError::Refused(refusal)) if refusal.code == "invalid_client"));
    let refused = api.get("/transactions").await.unwrap().accepted().err();
    assert!(matches!(refused, Some(ClientError::Refused(refusal)) if refusal.status == 401));
}

#[tokio::test]
async fn nobody_there_is_no_refusal() {
    let api = Api::anonymous(Arc::new(Plain::default()), "http://127.0.0.1:9/v1");
    assert!(matches!(api.get("/transactions").await, Err(ClientError::Transport(_))));
}
