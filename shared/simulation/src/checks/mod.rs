//! What a world is held to once it has come to rest. Each check answers what is wrong, in words.

mod acceptance;
mod books;
mod isolation;
mod law;
mod office;
mod secrets;
mod versions;
mod webhooks;

use crate::remains::Remains;
use crate::world::World;

/// All of it.
pub async fn check(world: &World) -> Vec<String> {
    let remains = Remains::of(world).await;
    let mut wrong = world.violations.clone();
    wrong.extend(law::check(world, &remains));
    wrong.extend(versions::check(world));
    wrong.extend(books::check(world, &remains));
    wrong.extend(webhooks::check(world, &remains));
    wrong.extend(acceptance::check(world, &remains));
    wrong.extend(office::check(world, &remains));
    wrong.extend(isolation::check(world, &remains));
    wrong.extend(secrets::check(world, &remains));
    wrong
}
