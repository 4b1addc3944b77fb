//! No key and no secret is in anything that is kept or sent. Whatever is sealed has been through the vault, which hides it.

use crate::party::MARK;
use crate::remains::Remains;
use crate::world::World;

/// What proves one callback, and is as good as a key for that one.
const SIGNATURE: &str = "signature_key";

pub(super) fn check(world: &World, remains: &Remains) -> Vec<String> {
    let items = remains.items.iter().map(|(table, item)| (*table, item.to_string()));
    let posts = remains.posts.iter().map(|post| ("a post", post.body.clone()));
    let steps = world.steps.iter().map(|step| ("the log", step.clone()));
    let files = remains.files.iter().map(|(_, text)| ("a file", text.clone()));
    let open = items
        .chain(posts)
        .chain(files)
        .chain(steps)
        .filter(|(_, text)| text.contains(MARK) || has_signature(text));
    open.map(|(place, text)| format!("{place} shows a secret: {text}")).collect()
}

/// Whether the member is there with a value as long as a signature.
fn has_signature(text: &str) -> bool {
    let is_hash = |word: &str| word.len() > 100 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.contains(SIGNATURE) && text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(is_hash)
}
