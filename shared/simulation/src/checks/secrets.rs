//! No key and no secret is in anything that is kept or sent. Whatever is sealed has been through the vault, which hides it.

use crate::checks::isolation::TABLES;
use crate::party::MARK;
use crate::world::World;

/// What proves one callback, and is as good as a key for that one.
const SIGNATURE: &str = "signature_key";

pub(super) fn check(world: &World) -> Vec<String> {
    let items = TABLES.iter().flat_map(|table| {
        world.stage.items(table).into_iter().map(move |item| ((*table).to_owned(), item.to_string()))
    });
    let posts = world.receivers.posts().into_iter().map(|post| ("a post".to_owned(), post.body));
    let steps = world.steps.iter().map(|step| ("the log".to_owned(), step.clone()));
    let open = items.chain(posts).chain(steps).filter(|(_, text)| text.contains(MARK) || has_signature(text));
    open.map(|(place, text)| format!("{place} shows a secret: {text}")).collect()
}

fn has_signature(text: &str) -> bool {
    text.split(SIGNATURE).skip(1).any(|rest| {
        rest.bytes().filter(u8::is_ascii_hexdigit).count() > 100
            && rest
                .split('"')
                .any(|part| part.len() > 100 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
    })
}
