//! What people decide about exceptions.

use std::sync::Arc;

use paywarden_domain::actor::Actor;
use paywarden_domain::id::{ExceptionId, MerchantId};
use paywarden_domain::reconciliation::exception::{Action, Exception};
use paywarden_domain::time::Clock;
use paywarden_store::StoreError;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};

/// Times a decision is made anew because somebody else was first.
const ATTEMPTS: usize = 4;

/// Carries decisions out.
pub struct Decider {
    table: Reconciliation,
    clock: Arc<dyn Clock>,
}

/// Something to be done about an exception.
pub struct Decision {
    pub id: ExceptionId,
    pub action: Action,
    pub reason: String,
    /// Who is to look into it, when it is assigned.
    pub assignee: Option<String>,
}

/// Why a decision was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// The merchant has no such exception.
    #[error("no such exception")]
    NoSuchException,
    /// It is closed.
    #[error("{0}")]
    Closed(String),
    /// A table failed, or the exception kept changing.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Decider {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { table: stores.reconciliation()?, clock: stores.clock() })
    }

    /// Carries a decision out, on the exception as it is; the answer is what it is then.
    ///
    /// # Errors
    /// [`DecideError`].
    pub async fn decide(
        &self,
        merchant: &MerchantId,
        decision: &Decision,
        by: &Actor,
    ) -> Result<Exception, DecideError> {
        for _ in 0..ATTEMPTS {
            let exception = self.table.exception(merchant, &decision.id).await?;
            let exception = exception.ok_or(DecideError::NoSuchException)?;
            let (reason, assignee) = (&decision.reason, decision.assignee.as_deref());
            let next = exception
                .after(decision.action, by, reason, assignee, self.clock.now())
                .map_err(|refused| DecideError::Closed(refused.to_string()))?;
            match self.table.put_exception(&next).await {
                Ok(()) => return Ok(next),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }
}
