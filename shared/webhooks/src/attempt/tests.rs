//! Against small servers on loopback ports, each with its own way to answer.

use std::future::Future;
use std::net::SocketAddr;

use paywarden_domain::id::{DeliveryId, EndpointId, TransactionId};
use paywarden_domain::webhook::EventType;
use paywarden_domain::webhook::signature::SigningSecret;
use paywarden_domain::webhook::signing::SigningKey;
use paywarden_testing::{SeededEntropy, TestClock, builders};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

mod rebinding;
mod tls;

const NOW: &str = "2026-11-20T08:00:00Z";

fn sender(policy: AddressPolicy) -> Sender {
    Sender::new(policy, Duration::from_millis(400), Arc::new(TestClock::at(NOW)))
}

/// One with a client of its own.
fn sender_with(client: Client, policy: AddressPolicy) -> Sender {
    Sender { client: OnceCell::new_with(Some(client)), ..sender(policy) }
}

fn secret() -> SigningSecret {
    SigningSecret::generate(&SeededEntropy::new(1))
}

fn signer() -> Signer {
    Signer::new(vec![SigningKey::Secret(secret())])
}

fn delivery() -> Delivery {
    let merchant = builders::merchant("one").id;
    let endpoint = EndpointId::derived("test", &[b"endpoint"]);
    let transaction = TransactionId::of(&merchant, "INV0045", 1);
    let id = DeliveryId::of(&endpoint, transaction.as_str(), 1, builders::at(NOW));
    let body = r#"{"transactions":[{"amount":10000}]}"#.to_owned();
    Delivery {
        transaction_id: Some(transaction),
        ..Delivery::new(id, (endpoint, merchant), EventType::TransactionCreated, body, builders::at(NOW))
    }
}

/// A server that reads one request and lets `answer` do the rest with the connection. What it read comes back.
async fn server<F, Fut>(answer: F) -> (SocketAddr, tokio::task::JoinHandle<String>)
where
    F: FnOnce(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !ends(&request) {
            let mut part = [0; 4096];
            let read = connection.read(&mut part).await.unwrap();
            if read == 0 {
                break;
            }
            request.extend_from_slice(&part[..read]);
        }
        answer(connection).await;
        String::from_utf8_lossy(&request).into_owned()
    });
    (address, task)
}

/// Whether the head and the body that it announces are there.
fn ends(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// What comes of an attempt at a server that says these bytes and closes.
async fn answered(response: String) -> (Attempt, String) {
    let (address, request) = server(|mut connection| async move {
        connection.write_all(response.as_bytes()).await.unwrap();
        connection.shutdown().await.ok();
    })
    .await;
    let attempt = attempt_at(&format!("http://{address}/hooks")).await;
    (attempt, request.await.unwrap())
}

async fn attempt_at(address: &str) -> Attempt {
    sender(AddressPolicy::AllowLoopback).attempt(address, &signer(), &delivery()).await.unwrap()
}

fn response(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn failure(attempt: &Attempt) -> (AttemptError, Option<u16>, Option<u32>) {
    match &attempt.outcome {
        AttemptOutcome::Failed { error, http_status, retry_after_seconds } => {
            (*error, *http_status, *retry_after_seconds)
        }
        AttemptOutcome::Delivered { http_status } => panic!("delivered: {http_status}"),
    }
}

#[tokio::test]
async fn a_signed_post_that_the_reference_implementation_accepts() {
    let (attempt, request) = answered(response("200 OK", "", "thanks")).await;
    assert_eq!(attempt.outcome, AttemptOutcome::Delivered { http_status: 200 });
    assert_eq!(
        (attempt.number, attempt.at, attempt.response_excerpt.as_str()),
        (1, builders::at(NOW), "thanks")
    );
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /hooks HTTP/1.1"), "{head}");
    assert_eq!(body, delivery().body);
    let header = |name: &str| {
        let line = head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}: ")));
        line.unwrap().split_once(": ").unwrap().1.to_owned()
    };
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("webhook-id"), delivery().id.as_str());
    assert_eq!(header("webhook-timestamp"), builders::at(NOW).as_seconds().to_string());
    let oracle = standardwebhooks::Webhook::new(&secret().reveal()).unwrap();
    let signature =
        oracle.sign(delivery().id.as_str(), builders::at(NOW).as_seconds(), body.as_bytes()).unwrap();
    assert_eq!(header("webhook-signature"), signature);
}

#[tokio::test]
async fn every_2xx_is_success_and_nothing_else() {
    for status in [200_u16, 201, 202, 204, 299] {
        let (attempt, _) = answered(response(&format!("{status} X"), "", "")).await;
        assert_eq!(attempt.outcome, AttemptOutcome::Delivered { http_status: status });
    }
    for status in [300_u16, 400, 401, 404, 410, 429, 500, 503] {
        let (attempt, _) = answered(response(&format!("{status} X"), "", "no")).await;
        assert_eq!(failure(&attempt), (AttemptError::HttpStatus, Some(status), None));
        assert_eq!(attempt.response_excerpt, "no");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (target, reached) = server(|_| async {}).await;
    let location = format!("location: http://{target}/\r\n");
    let (attempt, _) = answered(response("302 Found", &location, "")).await;
    assert_eq!(failure(&attempt), (AttemptError::HttpStatus, Some(302), None));
    assert!(!reached.is_finished());
    reached.abort();
}

#[tokio::test]
async fn a_receiver_says_how_long_to_wait_in_seconds_or_as_a_date() {
    for (header, expected) in [
        ("retry-after: 120\r\n", Some(120)),
        ("retry-after: Fri, 20 Nov 2026 08:01:00 GMT\r\n", Some(60)),
        ("retry-after: Fri, 20 Nov 2026 07:00:00 GMT\r\n", None),
        ("retry-after: soon\r\n", None),
    ] {
        let (attempt, _) = answered(response("503 X", header, "")).await;
        assert_eq!(failure(&attempt), (AttemptError::HttpStatus, Some(503), expected), "{header}");
    }
}

#[tokio::test]
async fn a_long_answer_is_cut_and_a_longer_one_refused() {
    let (attempt, _) = answered(response("200 OK", "", &"x".repeat(Attempt::RESPONSE_BYTES))).await;
    assert_eq!(attempt.response_excerpt.len(), Attempt::EXCERPT_BYTES);
    assert!(matches!(attempt.outcome, AttemptOutcome::Delivered { .. }));
    let (attempt, _) = answered(response("200 OK", "", &"x".repeat(Attempt::RESPONSE_BYTES + 1))).await;
    assert_eq!(failure(&attempt).0, AttemptError::ResponseTooLarge);
}

#[tokio::test]
async fn silence_ends_in_a_timeout_before_and_within_the_answer() {
    let (silent, task) = server(|connection| async move {
        std::future::pending::<()>().await;
        drop(connection);
    })
    .await;
    assert_eq!(failure(&attempt_at(&format!("http://{silent}/")).await).0, AttemptError::Timeout);
    task.abort();
    let (slow, task) = server(|mut connection| async move {
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc").await.unwrap();
        std::future::pending().await
    })
    .await;
    assert_eq!(failure(&attempt_at(&format!("http://{slow}/")).await).0, AttemptError::Timeout);
    task.abort();
}

#[tokio::test]
async fn broken_and_refused_connections() {
    let (attempt, _) = answered("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".to_owned()).await;
    assert_eq!(failure(&attempt).0, AttemptError::ConnectionError);
    let (attempt, _) = answered("nonsense".to_owned()).await;
    assert_eq!(failure(&attempt).0, AttemptError::ConnectionError);
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(failure(&attempt_at(&format!("http://{closed}/")).await).0, AttemptError::ConnectionRefused);
}

#[tokio::test]
async fn a_server_without_tls_behind_https_is_a_tls_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = listener.local_addr().unwrap();
    let answering = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut hello = [0; 4096];
        assert!(connection.read(&mut hello).await.unwrap() > 0);
        connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        connection.shutdown().await.ok();
    });
    assert_eq!(failure(&attempt_at(&format!("https://{plain}/")).await).0, AttemptError::TlsError);
    answering.await.unwrap();
}

#[tokio::test]
async fn names_that_do_not_resolve() {
    let attempt = attempt_at("https://no-such-host.invalid/hooks").await;
    assert_eq!(failure(&attempt).0, AttemptError::DnsError);
}

#[tokio::test]
async fn addresses_of_our_own_network_are_blocked_at_every_attempt() {
    for address in ["https://127.0.0.1/", "https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/"] {
        let attempt =
            sender(AddressPolicy::PublicOnly).attempt(address, &signer(), &delivery()).await.unwrap();
        assert_eq!(failure(&attempt).0, AttemptError::BlockedAddress, "{address}");
    }
    // A name that resolves to loopback is judged by what it resolves to: the resolver gives no such address.
    let name: reqwest::dns::Name = "localhost".parse().unwrap();
    let resolver = CheckedResolver { policy: AddressPolicy::PublicOnly, lookup: Arc::new(SystemLookup) };
    let refused = reqwest::dns::Resolve::resolve(&resolver, name).await.err().unwrap();
    assert!(refused.is::<BlockedAddress>());
}
