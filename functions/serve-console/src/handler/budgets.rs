//! What pages may weigh and how often they may ask, and, when it is asked for (`cargo xtask bench console`), what they cost.

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use futures::future;
use http::Method;
use paywarden_api_client::Transport as _;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::assets::{ICON, SCRIPT, STYLE};
use crate::pages::reconciliation;
use crate::testing::network::worked;
use crate::testing::{Console, samples, with_header};

/// Bytes on the way, compressed as the gateway does it.
fn weight(text: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory takes it");
    encoder.finish().expect("memory takes it").len()
}

/// Fifty payments that differ in what payments differ in.
fn fifty() -> Vec<Value> {
    let methods = ["QRIS", "EWALLET", "VIRTUAL_ACCOUNT", "CREDIT_CARD"];
    let statuses = ["PENDING", "PAID", "PAID", "EXPIRED", "FAILED"];
    let digits = "0123456789abcdefghjkmnpqrstvwxyz".as_bytes();
    let random = |seed: u64| -> String {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut digit = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(digits[usize::try_from(state % 32).unwrap()])
        };
        (0..26).map(|_| digit()).collect()
    };
    let payment = |number: u64| {
        let place = usize::try_from(number).unwrap();
        samples::with(
            samples::transaction(),
            &json!({
                "id": format!("tra_{}", random(number)), "transaction_reference": format!("INV-2026-{}", 10_000 + number * 37),
                "amount": 10_000 + number * 1_337, "method": methods[place % 4], "status": statuses[place % 5],
                "destination": "BCA", "created_at": format!("2026-11-20 11:{:02}:{:02}", 59 - number, number),
                "updated_at": format!("2026-11-20 11:{:02}:{:02}", 59 - number, 59 - number), "version": number % 4 + 1,
            }),
        )
    };
    (0..50).map(payment).collect()
}

fn console() -> Console {
    let console = Console::open();
    console.shows(
        "/transactions",
        json!({"status": true, "transactions": fifty(), "next_cursor": "c".repeat(200)}),
    );
    console.shows("/merchant", json!({"status": true, "merchant": samples::merchant()}));
    console.shows("/transactions/counts", samples::counts());
    console.shows("/providers", json!({"status": true, "providers": five_providers(), "next_cursor": null}));
    console
}

fn five_providers() -> Vec<Value> {
    let named = |number: u32| {
        let id = format!("prv_{number:026}");
        samples::with(
            reconciliation::samples::provider(),
            &json!({"id": id, "name": format!("Provider {number}")}),
        )
    };
    (1..=5).map(named).collect()
}

const KIB: usize = 1024;

#[tokio::test]
async fn a_first_view_is_light() {
    let page = console().get("/transactions", Role::Admin).await;
    let weights = [weight(&page.text), weight(STYLE.text), weight(SCRIPT.text), weight(ICON.text)];
    for (weight, limit) in weights.into_iter().zip([12, 6, 5, 3]) {
        assert!(weight <= limit * KIB, "{weight} bytes are more than {limit} KiB: {weights:?}");
    }
    assert!(weights.iter().sum::<usize>() <= 40 * KIB, "{weights:?}");
}

#[tokio::test]
async fn a_poll_is_lighter() {
    let console = console();
    let poll = console.request(Method::GET, "/transactions", Some(Role::Admin));
    let part = console.send(with_header(poll, "x-console-part", "rows")).await;
    let weight = weight(&part.text);
    assert!(weight <= 5 * KIB, "{weight} bytes are more than 5 KiB");
}

const ROUNDS: u32 = 20;
const TIMES: u32 = 50;

/// How long something takes, in the fastest of several rounds.
async fn fastest(work: impl AsyncFn()) -> u128 {
    fastest_of(async || worked(work()).await).await.0
}

/// The same, and how much of it is work, as that says which does it.
async fn fastest_of(work: impl AsyncFn() -> Duration) -> (u128, u128) {
    let mut fastest = (u128::MAX, 0);
    for _ in 0..ROUNDS {
        let (started, mut worked) = (Instant::now(), Duration::ZERO);
        for _ in 0..TIMES {
            worked += work().await;
        }
        let each = |all: Duration| all.as_micros() / u128::from(TIMES);
        fastest = fastest.min((each(started.elapsed()), each(worked)));
    }
    fastest
}

/// A page from its request to its last byte, the API's answers given at once, beside the floor: its answer of fifty rows read as
/// JSON and nothing else done with it.
#[tokio::test]
#[ignore = "a measurement: cargo xtask bench console"]
async fn a_page_of_fifty_rows() {
    let console = console();
    let answer = json!({"transactions": fifty()}).to_string();
    let page = fastest(async || drop(console.get("/transactions", Role::Admin).await)).await;
    let floor = fastest(async || drop(serde_json::from_str::<Value>(&answer))).await;
    let seen = console.get("/transactions", Role::Admin).await;
    console.made();
    console.get("/transactions", Role::Admin).await;
    println!("a page of 50 rows: {page} µs; its largest answer read as JSON: {floor} µs");
    println!("requests of the API: {}", console.made().len());
    println!("bytes, plain and compressed: {} and {}", seen.text.len(), weight(&seen.text));
    println!(
        "once a year: style {}, script {}, icon {}",
        weight(STYLE.text),
        weight(SCRIPT.text),
        weight(ICON.text)
    );
}

/// How much of a page is waiting for the API, which answers at once but over HTTP, and how much the console's own; beside the floor:
/// the same requests made at once, and nothing done with their answers.
#[tokio::test]
#[ignore = "a measurement: cargo xtask bench console"]
async fn a_page_over_the_network() {
    let (console, network) = console().over_the_network();
    console.get("/transactions", Role::Admin).await.is(200);
    let requests = network.requests();
    let (page, own) = fastest_of(async || worked(console.get("/transactions", Role::Admin)).await).await;
    let ask = async || drop(future::join_all(requests.iter().map(|one| network.send(one.clone()))).await);
    let floor = fastest(ask).await;
    let waiting = page.saturating_sub(own);
    println!("the same page, the API over HTTP on this machine and answering at once: {page} µs");
    println!("waiting for the API: {waiting} µs, {} %; the console's own: {own} µs", waiting * 100 / page);
    println!("its {} requests at once and nothing else: {floor} µs", requests.len());
}
