//! What is queued between the steps, and giving a run up.

use std::sync::Arc;

use paywarden_domain::id::RunId;
use paywarden_domain::reconciliation::run::Run;
use paywarden_domain::time::Clock;
use paywarden_store::StoreError;
use paywarden_store::queue::{Message, Queue};
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};
use serde::{Deserialize, Serialize};

use crate::StepError;

/// Work on a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    pub run_id: RunId,
    /// Which attempt; work of one that was given up is not done.
    pub attempt: u32,
    /// Which shard, of work on one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shard: Option<u16>,
}

impl Work {
    /// Work on the whole of a run.
    #[must_use]
    pub fn on(run: &Run) -> Self {
        Self { run_id: run.id.clone(), attempt: run.attempt, shard: None }
    }

    /// Work on a shard of a run.
    #[must_use]
    pub fn on_shard(run: &Run, shard: u16) -> Self {
        Self { shard: Some(shard), ..Self::on(run) }
    }

    /// Queues it. Merchants share a queue fairly.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn send(&self, queue: &Arc<dyn Queue>, run: &Run) -> Result<(), StoreError> {
        let body = serde_json::to_string(self).unwrap_or_default();
        let group = Some(run.scope.merchant_id.to_string());
        queue.send(Message { body, delay_seconds: 0, group, correlation_id: Some(run.id.to_string()) }).await
    }

    /// The run, if this is work on its present attempt.
    ///
    /// # Errors
    /// As [`Reconciliation::run`].
    pub async fn run(&self, table: &Reconciliation) -> Result<Option<Run>, StoreError> {
        Ok(table.run(&self.run_id).await?.filter(|run| run.attempt == self.attempt))
    }
}

/// Gives a run up for a reason that people can read, unless it has ended.
///
/// # Errors
/// [`StoreError`].
pub async fn give_up(
    table: &Reconciliation,
    clock: &dyn Clock,
    work: &Work,
    reason: &str,
) -> Result<(), StoreError> {
    let Some(run) = work.run(table).await? else {
        return Ok(());
    };
    let Ok(failed) = run.fail(reason, clock.now()) else {
        return Ok(());
    };
    tracing::error!(
        merchant_id = run.scope.merchant_id.as_str(),
        run_id = run.id.as_str(),
        reason,
        metric = "reconciliation_failed",
        "reconciliation given up"
    );
    table.replace_run(&failed).await
}

/// What the merchant is told of a run that was given up because its work failed for good. The log has the failures.
const FAILED_FOR_GOOD: &str = "a step failed each time it was tried; start the run again";

/// Gives runs up whose work failed for good, so that nobody waits for them.
pub struct Abandoner {
    table: Reconciliation,
    clock: Arc<dyn Clock>,
}

impl Abandoner {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { table: stores.reconciliation()?, clock: stores.clock() })
    }

    /// Gives up the run of this work.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn abandon(&self, work: Work) -> Result<(), StoreError> {
        give_up(&self.table, self.clock.as_ref(), &work, FAILED_FOR_GOOD).await
    }
}

/// Times a step is tried before its message goes back to the queue, where it waits for as long as the step may take.
const TRIES: usize = 3;

/// The tries of a step.
#[derive(Default)]
pub(crate) struct Tries(usize);

impl Tries {
    /// Counts a try; answers whether it was the last: it worked, cannot work, or has failed often enough.
    pub(crate) fn are_over(&mut self, outcome: &Result<(), StepError>) -> bool {
        self.0 = self.0.saturating_add(1);
        match outcome {
            Ok(()) | Err(StepError::Impossible(_)) => true,
            Err(_) if self.0 >= TRIES => true,
            Err(error) => {
                tracing::warn!(error_detail = error.to_string(), "a step is tried again");
                false
            }
        }
    }
}

/// Gives a run up if the step before found that it cannot be done; any other failure is handed on, to be tried again.
///
/// # Errors
/// [`StepError`], except for what cannot be done.
pub async fn settle(
    table: &Reconciliation,
    clock: &dyn Clock,
    work: &Work,
    outcome: Result<(), StepError>,
) -> Result<(), StepError> {
    match outcome {
        Err(StepError::Impossible(reason)) => Ok(give_up(table, clock, work, &reason).await?),
        other => other,
    }
}
