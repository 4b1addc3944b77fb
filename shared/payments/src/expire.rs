//! The sweep that ends open payments whose time has run out.

use std::sync::Arc;

use futures::StreamExt;
use paywarden_domain::id::TransactionId;
use paywarden_domain::time::Clock;
use paywarden_domain::transaction::apply::expire;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::transactions::TransactionsWriter;
use paywarden_store::transactions::keys::EXPIRY_SHARDS;
use paywarden_store::{StoreError, passing_over};

/// Payments of one shard that one run ends. Four shards of them are done within seconds.
const BATCH: i32 = 500;

/// Payments that are ended at the same time.
const CONCURRENCY: usize = 16;

/// Ends payments.
pub struct Expirer {
    transactions: TransactionsWriter,
    clock: Arc<dyn Clock>,
}

impl Expirer {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { transactions: stores.transactions_writer()?, clock: stores.clock() })
    }

    /// Ends what is due in every shard. What cannot be ended keeps nobody else from it.
    ///
    /// # Errors
    /// The first [`StoreError`], behind all of them; what was not ended is due at the next run too.
    pub async fn run(&self) -> Result<(), StoreError> {
        let (mut due, mut expired, mut failure): (usize, usize, _) = (0, 0, None);
        for shard in 0..EXPIRY_SHARDS {
            let ids = self.transactions.due_to_expire(shard, self.clock.now(), BATCH).await?;
            due = due.saturating_add(ids.len());
            let endings = futures::stream::iter(ids).map(|id| self.end(id)).buffer_unordered(CONCURRENCY);
            for ended in endings.collect::<Vec<_>>().await {
                match passing_over(ended) {
                    Ok(ended) => expired = expired.saturating_add(usize::from(ended)),
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
        }
        tracing::info!(due, expired, "expired transactions ended");
        failure.map_or(Ok(()), Err)
    }

    /// Ends one payment, unless it was paid since the index was read. Somebody who writes at the same time knows better;
    /// if the payment is still open then, the next run finds it.
    async fn end(&self, id: TransactionId) -> Result<bool, StoreError> {
        let Some(current) = self.transactions.find(&id).await? else {
            return Ok(false);
        };
        let Some(next) = expire(&current, self.clock.now()) else {
            return Ok(false);
        };
        match self.transactions.replace(&next).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
