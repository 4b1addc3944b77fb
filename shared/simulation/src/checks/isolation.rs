//! Nothing of one merchant is anywhere with another one: no item of a table and no post holds ids of both.

use std::collections::BTreeMap;

use paywarden_domain::id::{ID_BODY_LENGTH, TransactionId};
use paywarden_store::transactions::stream::RecordChange;
use paywarden_webhooks::news::News;

use crate::remains::Remains;
use crate::world::World;

const PREFIXES: [&str; 5] = ["mer_", "prv_", "whe_", "tra_", "whd_"];

/// Whose an id is.
type Owners = BTreeMap<String, &'static str>;

pub(super) fn check(world: &World, remains: &Remains) -> Vec<String> {
    let owners = owners(world);
    let items = remains.items.iter().filter_map(|(table, item)| shared(&owners, table, &item.to_string()));
    let posts = remains.posts.iter().filter_map(|post| {
        shared(&owners, "a post", &format!("{} {} {}", post.endpoint, post.id, post.body))
    });
    let files = remains.files.iter().filter_map(|(key, text)| shared(&owners, key, &format!("{key} {text}")));
    items.chain(posts).chain(files).collect()
}

fn owners(world: &World) -> Owners {
    let mut owners = Owners::new();
    for party in &world.parties {
        owners.extend(party.ids().map(|id| (id, party.name)));
    }
    for change in &world.told.changes {
        let (RecordChange::Created(new) | RecordChange::Changed { new, .. } | RecordChange::Removed(new)) =
            change;
        let party = world.parties.iter().find(|party| party.merchant.id == new.merchant_id);
        let Some(party) = party else { continue };
        for occurrence in 1..=new.occurrences {
            let id = TransactionId::of(&new.merchant_id, &new.reference, occurrence);
            owners.insert(id.to_string(), party.name);
        }
        let news = change.news().into_iter();
        let told = news.flat_map(|news| party.addresses.iter().map(move |to| to.delivery_of(&news)));
        owners.extend(told.map(|id| (id.to_string(), party.name)));
    }
    owners
}

fn shared(owners: &Owners, place: &str, text: &str) -> Option<String> {
    let mut found: Option<&str> = None;
    for id in ids(text) {
        match (owners.get(id), found) {
            (None, _) => return Some(format!("{place} names {id}, which is nobody's: {text}")),
            (Some(owner), Some(other)) if *owner != other => {
                return Some(format!("{place} is of {other} and of {owner}: {text}"));
            }
            (Some(owner), _) => found = Some(owner),
        }
    }
    None
}

/// The ids in a text.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    let starts = PREFIXES.iter().flat_map(|prefix| text.match_indices(prefix));
    starts.filter_map(|(start, prefix)| text.get(start..start + prefix.len() + ID_BODY_LENGTH))
}
