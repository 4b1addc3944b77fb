//! The sample, through the door; the sweep itself is tested in `shared/webhooks`.

use paywarden_testing::{TestStage, events};

use super::*;

#[tokio::test]
async fn the_sample_is_a_schedules_event() {
    let stage = TestStage::start().await;
    let sweeper = Sweeper::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
    assert_ne!(events::parsed::<serde_json::Value>(env!("CARGO_PKG_NAME")).len(), 0);
    sweeper.run().await.unwrap();
}
