//! What can go wrong in a step.

use paywarden_domain::reconciliation::run::InvalidTransition;
use paywarden_store::{Retryable, StoreError};

/// A step that did not get done.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// A table, a queue or the files failed, or somebody else was first; the step can be done again.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The run was moved on while it was worked on; the step can be done again, on the run as it is then.
    #[error(transparent)]
    Moved(#[from] InvalidTransition),
    /// A working file could not be written or read; the step can be done again.
    #[error("a working file failed: {0}")]
    File(#[from] std::io::Error),
    /// A working file is not what a step before wrote.
    #[error("a working file is malformed: {0}")]
    Malformed(#[from] csv::Error),
    /// The run cannot be done; the text says why, for people.
    #[error("{0}")]
    Impossible(String),
}

/// Whatever goes wrong in a step may go right another time: the run is given up by whoever counts the times.
impl Retryable for StepError {
    fn is_retryable(&self) -> bool {
        true
    }
}
