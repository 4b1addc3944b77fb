//! Webhooks: every version that is worth telling was planned for every endpoint that wanted to know, once; each was delivered or
//! honestly given up; and the last one tells how things are.

use paywarden_domain::id::DeliveryId;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::webhook::{Delivery, DeliveryStatus};
use paywarden_webhooks::news::News;
use serde_json::{Value, json};

use crate::party::{Address, Party};
use crate::receivers::{Post, Reaction};
use crate::remains::Remains;
use crate::world::World;

/// Attempts that the schedule has, the first included.
const ATTEMPTS: u32 = 3;

pub(super) fn check(world: &World, remains: &Remains) -> Vec<String> {
    let mut wrong: Vec<String> = unbooked(world, remains).into_iter().chain(spared(remains)).collect();
    for party in &world.parties {
        for address in &party.addresses {
            let posts: Vec<&Post> =
                remains.posts.iter().filter(|post| post.endpoint == address.id.as_str()).collect();
            wrong.extend(forged(address, &posts));
            for id in expected(world, party, address) {
                wrong.extend(delivered(remains, address, &id, &posts));
            }
            wrong.extend(last(world, remains, party, address));
        }
    }
    wrong
}

/// Every post is booked, but for those that somebody made who was interrupted.
fn unbooked(world: &World, remains: &Remains) -> Option<String> {
    let attempts = |row: &Value| row["book"].as_array().map_or(0, Vec::len);
    let booked: usize = remains.items_of("WebhooksTable").map(attempts).sum();
    let (posts, excused) = (remains.posts.len(), world.interrupted);
    (posts > booked + excused)
        .then(|| format!("{posts} posts were made, {booked} are booked, {excused} attempts were interrupted"))
}

/// The deliveries that an endpoint was to get.
fn expected(world: &World, party: &Party, address: &Address) -> Vec<DeliveryId> {
    let news = world.told.changes.iter().filter_map(News::news);
    let theirs = news.filter(|news| *news.merchant_id == party.merchant.id);
    let wanted = theirs.filter(|news| address.manner.events.contains(&news.event));
    wanted.map(|news| address.delivery_of(&news)).collect()
}

/// Whoever fails for long is spared until he is well or switched off, and somebody has to come back to him.
fn spared(remains: &Remains) -> Vec<String> {
    let health = |item: &&Value| item["sk"].as_str().is_some_and(|sort| sort.starts_with("health#"));
    let spared = remains.items_of("WebhooksTable").filter(health);
    let spared = spared.filter(|item| !item["open"].is_null() || !item["due_sk"].is_null());
    spared.map(|item| format!("somebody is spared for ever: {item}")).collect()
}

fn delivered(remains: &Remains, address: &Address, id: &DeliveryId, posts: &[&Post]) -> Option<String> {
    let Some(delivery) = remains.delivery(id.as_str()) else {
        // Whoever is gone is planned nothing any more.
        return (!address.manner.is_ever_gone()).then(|| format!("webhook {id} was not planned"));
    };
    let posts: Vec<&Post> = posts.iter().copied().filter(|post| post.id == id.as_str()).collect();
    let other = posts.iter().find(|post| post.body != delivery.body);
    if let Some(post) = other {
        return Some(format!("webhook {id} was planned as {} and sent as {}", delivery.body, post.body));
    }
    let was_taken = posts.iter().any(|post| matches!(post.reaction, Reaction::Answers(200)));
    let is_honest = match delivery.status {
        DeliveryStatus::Delivered => was_taken,
        DeliveryStatus::Failed => address.manner.is_ever_gone() || is_worn_out(delivery),
        DeliveryStatus::Parked => remains.is_disabled(address),
        DeliveryStatus::Pending | DeliveryStatus::Gathering | DeliveryStatus::Gathered => false,
    };
    (!is_honest).then(|| {
        let reactions: Vec<Reaction> = posts.iter().map(|post| post.reaction).collect();
        format!("webhook {id} is {} after {} attempts: {reactions:?}", delivery.status, delivery.attempts)
    })
}

/// Whether all its attempts were made. A probe is none of them.
fn is_worn_out(delivery: &Delivery) -> bool {
    delivery.attempts.saturating_sub(delivery.attempts_before) == ATTEMPTS
}

/// Everything that came was signed with the endpoint's own secret.
fn forged(address: &Address, posts: &[&Post]) -> Vec<String> {
    let signed = |post: &&&Post| {
        address.secret.verifies(&post.id, post.timestamp, post.body.as_bytes(), &post.signature)
    };
    posts
        .iter()
        .filter(|post| !signed(post))
        .map(|post| format!("webhook {} is not signed", post.id))
        .collect()
}

/// What an endpoint that hears everything was told last is how things are.
fn last(world: &World, remains: &Remains, party: &Party, address: &Address) -> Vec<String> {
    let mut wrong = Vec::new();
    if address.manner.is_ever_gone() || address.manner.events.len() < 2 {
        return wrong;
    }
    for record in remains.records(party) {
        let told = remains.last_told(world, address, record);
        let told = told.map(|body| as_seen(&body["transactions"][0]));
        let is = as_seen(&json!(TransactionRecord::new(record, &party.merchant.zone)));
        if told.as_ref() != Some(&is) {
            wrong.push(format!("the last webhook of {} tells {told:?}\n  and it is {is}", record.id));
        }
    }
    wrong
}

/// Without what a write changes that nobody is told of.
fn as_seen(record: &Value) -> Value {
    let mut record = record.clone();
    if let Some(members) = record.as_object_mut() {
        members.remove("version");
        members.remove("updated_at");
    }
    record
}
