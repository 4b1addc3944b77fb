//! Stopping a run.

use std::sync::Arc;

use paywarden_domain::id::{MerchantId, RunId};
use paywarden_domain::reconciliation::run::{Run, RunState};
use paywarden_domain::time::Clock;
use paywarden_store::StoreError;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};

/// Times it is decided anew because a step moved the run on.
const ATTEMPTS: usize = 4;

/// Stops runs.
pub struct Canceller {
    table: Reconciliation,
    clock: Arc<dyn Clock>,
}

/// Why a run was not stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CancelError {
    /// The merchant has no such run.
    #[error("no such run")]
    NoSuchRun,
    /// It has ended, or is about to.
    #[error("the run is {0}, and cannot be stopped any more")]
    TooLate(RunState),
    /// A table failed, or the run kept moving.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Canceller {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { table: stores.reconciliation()?, clock: stores.clock() })
    }

    /// Stops the merchant's run, if it still can be; stopping it again changes nothing.
    ///
    /// # Errors
    /// [`CancelError`].
    pub async fn cancel(&self, merchant: &MerchantId, id: &RunId) -> Result<Run, CancelError> {
        for _ in 0..ATTEMPTS {
            let run = self.table.run_of(merchant, id).await?.ok_or(CancelError::NoSuchRun)?;
            if run.state == RunState::Cancelled {
                return Ok(run);
            }
            let stopped =
                run.cancel(self.clock.now()).map_err(|refused| CancelError::TooLate(refused.from))?;
            match self.table.replace_run(&stopped).await {
                Ok(()) => return Ok(stopped),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }
}
