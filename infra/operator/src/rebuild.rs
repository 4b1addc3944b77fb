//! What follows from records, put right.

use paywarden_domain::id::MerchantId;
use paywarden_domain::time::Day;
use paywarden_payments::rebuild::{Rebuilder, View};

use crate::options;
use crate::stage::Stage;

/// Rebuilds, and says what was wrong.
pub async fn run(
    stage: &Stage,
    view: options::View,
    merchant: &MerchantId,
    days: (Day, Day),
) -> anyhow::Result<()> {
    let merchant = stage.merchant(merchant).await?;
    let view = match view {
        options::View::Totals => View::Totals,
        options::View::Ledger => View::Ledger,
        options::View::Timeline => View::Timeline,
    };
    let rebuilder = Rebuilder::of(&stage.stores_with_queues().await?)?;
    let rebuilt = rebuilder.rebuild(view, &merchant, days).await?;
    println!("{} records looked at, {} put right", rebuilt.looked_at, rebuilt.mended);
    Ok(())
}
