//! The states of a run, and which may follow which.

use serde::{Deserialize, Serialize};

use crate::vocabulary::words;

words! {
    /// Where a run stands.
    pub enum RunState {
        /// To be begun.
        Queued = "QUEUED",
        /// Its rows are put into shards.
        Partitioning = "PARTITIONING",
        /// Its shards are matched.
        Matching = "MATCHING",
        /// What the shards left is matched, and the report written.
        Reducing = "REDUCING",
        /// Done.
        Completed = "COMPLETED",
        /// Done, with lines that could not be read or a statement that does not add up.
        CompletedWithRejects = "COMPLETED_WITH_REJECTS",
        /// It could not be done.
        Failed = "FAILED",
        /// Somebody stopped it.
        Cancelled = "CANCELLED",
        /// A later run of the same days has taken its place.
        Superseded = "SUPERSEDED",
    }
}

/// A step that a run cannot take from where it stands: somebody else moved it on first, or asks for the impossible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a run that is {from} cannot become {to}")]
pub struct InvalidTransition {
    pub from: RunState,
    /// Where it should go.
    pub to: RunState,
}

impl RunState {
    /// The states that may follow this one. A run that is being reduced writes its findings down, so that it can fail but
    /// not be stopped any more; one that has a result keeps it until another run takes its place.
    const fn followers(self) -> &'static [Self] {
        match self {
            Self::Queued => &[Self::Partitioning, Self::Failed, Self::Cancelled],
            Self::Partitioning => &[Self::Matching, Self::Failed, Self::Cancelled],
            Self::Matching => &[Self::Reducing, Self::Failed, Self::Cancelled],
            Self::Reducing => &[Self::Completed, Self::CompletedWithRejects, Self::Superseded, Self::Failed],
            Self::Completed | Self::CompletedWithRejects => &[Self::Superseded],
            Self::Failed | Self::Cancelled => &[Self::Queued],
            Self::Superseded => &[],
        }
    }

    /// This state's follower.
    pub(super) fn moved_to(self, to: Self) -> Result<Self, InvalidTransition> {
        if self.followers().contains(&to) { Ok(to) } else { Err(InvalidTransition { from: self, to }) }
    }

    /// Whether nothing follows by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Partitioning | Self::Matching | Self::Reducing => false,
            Self::Completed
            | Self::CompletedWithRejects
            | Self::Failed
            | Self::Cancelled
            | Self::Superseded => true,
        }
    }
}
