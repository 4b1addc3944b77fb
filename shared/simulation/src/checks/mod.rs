//! What a world is held to once it has come to rest. Each check answers what is wrong, in words.

mod acceptance;
mod books;
mod isolation;
mod law;
mod secrets;
mod versions;
mod webhooks;

use crate::world::World;

/// All of it.
pub async fn check(world: &World) -> Vec<String> {
    let mut wrong = world.violations.clone();
    wrong.extend(law::check(world).await);
    wrong.extend(versions::check(world));
    wrong.extend(books::check(world).await);
    wrong.extend(webhooks::check(world).await);
    wrong.extend(acceptance::check(world).await);
    wrong.extend(isolation::check(world));
    wrong.extend(secrets::check(world));
    wrong
}
