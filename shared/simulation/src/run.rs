//! One seed, one run.

use crate::checks;
use crate::outages::Broken;
use crate::world::World;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub seed: u64,
    /// What happened, step by step.
    pub steps: Vec<String>,
    /// What must not be so in the end; nothing if all is well.
    pub violations: Vec<String>,
}

/// Runs the world of a seed from its beginning to its end. The same seed gives the same run.
#[must_use]
pub fn run(seed: u64) -> Run {
    run_while(seed, None)
}

/// The same where something is broken for a while.
#[must_use]
pub fn run_while(seed: u64, broken: Option<Broken>) -> Run {
    // One thread, so that nothing but the seed decides whose turn it is.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(async {
        let mut world = World::open(seed, broken).await;
        world.live().await;
        let violations = checks::check(&world).await;
        Run { seed, steps: world.steps, violations }
    })
}
