//! The sample, through the door; what is written when is tested in `shared/reconciliation`.

use paywarden_testing::{TestStage, events};

use super::*;

#[tokio::test]
async fn the_sample_is_a_schedules_event() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    stage.add_run(&merchant).await;
    let exporter = Exporter::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
    assert_ne!(events::parsed::<serde_json::Value>(env!("CARGO_PKG_NAME")).len(), 0);
    exporter.run().await.unwrap();
}
