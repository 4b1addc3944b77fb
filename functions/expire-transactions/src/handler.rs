//! The sweep.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use paywarden_domain::id::TransactionId;
use paywarden_domain::time::Clock;
use paywarden_domain::transaction::apply::expire;
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_store::StoreError;
use paywarden_store::transactions::keys::EXPIRY_SHARDS;
use paywarden_store::transactions::{Expected, Transactions, Write};

/// Payments of one shard that one run ends. Four shards of them are done within seconds.
const BATCH: i32 = 500;

/// Payments that are ended at the same time.
const CONCURRENCY: usize = 16;

/// What the function works with.
pub struct Deps {
    pub transactions: Transactions,
    pub clock: Arc<dyn Clock>,
}

/// Ends what is due in every shard.
pub async fn handle(deps: &Deps) -> Result<(), WorkerError> {
    let (mut due, mut expired): (usize, usize) = (0, 0);
    for shard in 0..EXPIRY_SHARDS {
        let ids = deps.transactions.due_to_expire(shard, deps.clock.now(), BATCH).await?;
        due = due.saturating_add(ids.len());
        let endings = futures::stream::iter(ids).map(|id| end(deps, id)).buffer_unordered(CONCURRENCY);
        let ended: Vec<bool> = endings.try_collect().await?;
        expired = expired.saturating_add(ended.into_iter().filter(|ended| *ended).count());
    }
    tracing::info!(due, expired, "expired transactions ended");
    Ok(())
}

/// Ends one payment, unless it was paid since the index was read. Somebody who writes at the same time knows better;
/// if the payment is still open then, the next run finds it.
async fn end(deps: &Deps, id: TransactionId) -> Result<bool, StoreError> {
    let Some(current) = deps.transactions.find(&id).await? else {
        return Ok(false);
    };
    let Some(next) = expire(&current, deps.clock.now()) else {
        return Ok(false);
    };
    let expected = Expected::Version(current.version);
    let write = Write { transaction: &next, expected, bind: None, first_occurrence: None };
    match deps.transactions.write(write).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
