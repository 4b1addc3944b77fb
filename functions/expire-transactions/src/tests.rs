//! The sample, through the door; the step itself is tested in `shared/payments`.

use paywarden_testing::{TestStage, events};

use super::*;

#[tokio::test]
async fn the_sample_is_a_schedules_event() {
    let stage = TestStage::start().await;
    let step = Expirer::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
    for _ in events::parsed::<serde_json::Value>(env!("CARGO_PKG_NAME")) {
        step.run().await.unwrap();
    }
}
