//! Index partitions of a merchant.

use anyhow::Context;
use paywarden_domain::id::MerchantId;
use paywarden_domain::merchant::MAX_SHARDS;
use paywarden_domain::time::Clock;
use paywarden_store::system::SystemClock;

use crate::stage::Stage;

/// Raises their number.
pub async fn raise(stage: &Stage, id: &MerchantId, count: u16) -> anyhow::Result<()> {
    let merchant =
        stage.merchants.find_latest(id).await?.with_context(|| format!("there is no merchant {id}"))?;
    let raised = merchant
        .with_shards(count, SystemClock.now())
        .with_context(|| format!("expected {} to {MAX_SHARDS}", merchant.shard_count.saturating_add(1)))?;
    stage.merchants.replace(&raised, merchant.version).await?;
    let raise = raised.raise.context("a raise was noted")?;
    println!(
        "lists read {count} partitions from now on, new transactions use them from {}",
        raise.effective_at
    );
    Ok(())
}
