//! The law: whatever the order, the repetitions and the crashes in which something was said, it looks the same in the end.

use crate::world::{CROOKED, STRAIGHT, World};

pub(super) async fn check(world: &World) -> Vec<String> {
    let crooked = world.views(&world.parties[CROOKED]).await;
    let straight = world.views(&world.parties[STRAIGHT]).await;
    let differing = crooked.iter().filter(|(name, view)| straight.get(*name) != Some(*view));
    differing
        .map(|(name, view)| {
            let other = straight.get(name).cloned().unwrap_or_default();
            format!("the law: {name}\n  in disorder: {view}\n  in order:    {other}")
        })
        .collect()
}
