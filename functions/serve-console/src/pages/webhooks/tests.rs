//! The pages of webhooks, before an API that answers what each test says.

mod adding;
mod changing;
mod delivery;
mod endpoint;
mod events;
mod list;
mod replay;
pub mod samples;

use http::Method;
use paywarden_domain::access::Role;

use crate::testing::Console;
use samples::{DELIVERY, ENDPOINT, REPLAY};

fn at(rest: &str) -> String {
    format!("/developers/webhooks/{ENDPOINT}{rest}")
}

fn pages() -> [String; 8] {
    [
        "/developers/webhooks".to_owned(),
        "/developers/webhooks/new".to_owned(),
        "/developers/webhooks/events".to_owned(),
        at(""),
        at("/edit"),
        at("/replay?from=2026-11-20"),
        at(&format!("/deliveries/{DELIVERY}")),
        at(&format!("/replays/{REPLAY}")),
    ]
}

fn forms() -> [String; 8] {
    [
        "/developers/webhooks/new".to_owned(),
        at("/edit"),
        at("/status"),
        at("/test"),
        at("/rotate"),
        at("/delete"),
        at("/replay"),
        at(&format!("/deliveries/{DELIVERY}/replay")),
    ]
}

#[tokio::test]
async fn who_may_not_is_shown_nothing_of_it() {
    let console = Console::open();
    for role in [Role::Operations, Role::Finance] {
        for page in pages() {
            console.get(&page, role).await.is(403);
        }
        for form in forms() {
            console.post(&form, role, &[("url", "https://a.example")]).await.is(403);
        }
    }
    console.get(&at("/other"), Role::Admin).await.is(404);
    console.post("/developers/webhooks", Role::Admin, &[]).await.is(404);
    assert_eq!(console.made_lines(), [""; 0]);
}

#[tokio::test]
async fn engineers_admins_and_merchants_may() {
    let console = samples::console();
    for role in [Role::Engineering, Role::Admin, Role::Merchant] {
        for page in pages() {
            console.get(&page, role).await.is(200);
        }
    }
}

/// Where a form of a page stands, somebody who signed in again lands with a GET.
#[tokio::test]
async fn the_address_of_a_form_leads_to_its_page() {
    let console = Console::open();
    for form in ["/status", "/test", "/rotate", "/delete"] {
        assert_eq!(console.get(&at(form), Role::Admin).await.location(), at(""));
    }
    let delivery = at(&format!("/deliveries/{DELIVERY}"));
    assert_eq!(console.get(&format!("{delivery}/replay"), Role::Admin).await.location(), delivery);
}

#[tokio::test]
async fn text_from_outside_is_text() {
    let console = samples::hostile_console();
    for page in pages() {
        console.get(&page, Role::Admin).await.is(200).lacks("<script>");
    }
    for page in ["/developers/webhooks", &at(""), &at("/edit"), &at(&format!("/deliveries/{DELIVERY}"))] {
        console.get(page, Role::Merchant).await.has(crate::testing::samples::HOSTILE_SHOWN);
    }
    let filters = at("?transaction_id=%3Cscript%3E&event=%22%3E%3Cscript%3E");
    console.get(&filters, Role::Merchant).await.is(200).lacks("<script>");
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_no_answer_is_said() {
    let console = samples::console();
    let delivery = at(&format!("/deliveries/{DELIVERY}"));
    let replay = at(&format!("/replays/{REPLAY}"));
    let read = [
        ("/webhook-endpoints/{id}", at("")),
        ("/webhook-endpoints/{id}", at("/edit")),
        ("/webhook-endpoints/{id}/deliveries/{delivery_id}", delivery),
        ("/webhook-endpoints/{id}/replays/{replay_id}", replay),
    ];
    for (route, page) in read {
        for (status, shown) in [(404, 404), (400, 404), (429, 503), (503, 503)] {
            console.refuses(Method::GET, route, status, None);
            console.get(&page, Role::Admin).await.is(shown);
        }
    }
}
