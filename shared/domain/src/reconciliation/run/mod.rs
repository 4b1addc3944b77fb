//! Runs: one comparison of the ledger with the statements of a provider, from start to end.

mod progress;
mod scope;
mod state;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::id::RunId;
use crate::reconciliation::tally::RowTotals;
use crate::time::{Timestamp, Zone};
use crate::vocabulary::words;

pub use progress::Progress;
pub use scope::RunScope;
pub use state::{InvalidTransition, RunState};

words! {
    /// What started a run.
    pub enum Trigger {
        /// Somebody.
        Manual = "MANUAL",
        /// The provider's settlement time.
        Schedule = "SCHEDULE",
    }
}

/// How the rows of a run were put into shards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Where its files are: what their names begin with.
    pub prefix: String,
    pub shards: u16,
    /// Whether a line could not be read, or a statement does not add up.
    pub has_rejects: bool,
    /// The day by which the statements are complete, as days since 1970.
    pub as_of: i32,
    /// Everything that went in.
    pub inputs: RowTotals,
}

/// A part of the ledger as it was read, once and for all, for an attempt of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerPart {
    /// Where its rows are.
    pub key: String,
    /// How many there are.
    pub rows: u32,
    pub totals: RowTotals,
    /// Behind which position of the ledger the next part begins.
    pub after: String,
}

/// What a shard came to besides its files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShardResult {
    /// Rows of the ledger that are open.
    pub open_ledger: u32,
    /// Rows of the statements that are open.
    pub open_statement: u32,
    /// Rows of days that the run does not judge and that can meet nobody: they end here.
    pub outside: RowTotals,
}

impl ShardResult {
    /// What shards came to together.
    #[must_use]
    pub fn of_all<'a>(results: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        results.into_iter().for_each(|one| all.merge(one));
        all
    }

    /// Adds what another shard came to.
    fn merge(&mut self, other: &Self) {
        self.open_ledger = self.open_ledger.saturating_add(other.open_ledger);
        self.open_statement = self.open_statement.saturating_add(other.open_statement);
        self.outside.merge(&other.outside);
    }
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Derived from all that decides the result, see [`RunScope::run_id`].
    pub id: RunId,
    #[serde(flatten)]
    pub scope: RunScope,
    pub trigger: Trigger,
    pub by: Actor,
    pub state: RunState,
    /// Which attempt it is, from 1: a run that failed or was stopped can be begun again.
    pub attempt: u32,
    /// Its shards, once there are any.
    pub manifest: Option<Manifest>,
    /// What it came to. JSON text.
    pub summary: Option<String>,
    pub failure: Option<String>,
    /// The run whose place it took.
    pub supersedes: Option<RunId>,
    /// The run that took its place.
    pub superseded_by: Option<RunId>,
    /// When it was first asked for.
    pub created_at: Timestamp,
    /// When this attempt began.
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub version: u64,
}

impl Run {
    /// A run to be begun.
    #[must_use]
    pub fn queued(id: RunId, scope: RunScope, trigger: Trigger, by: Actor, now: Timestamp) -> Self {
        Self {
            id,
            scope,
            trigger,
            by,
            state: RunState::Queued,
            attempt: 1,
            manifest: None,
            summary: None,
            failure: None,
            supersedes: None,
            superseded_by: None,
            created_at: now,
            started_at: None,
            finished_at: None,
            version: 1,
        }
    }

    /// The same run in a state that may follow its own.
    fn moved_to(&self, state: RunState, now: Timestamp) -> Result<Self, InvalidTransition> {
        let state = self.state.moved_to(state)?;
        // A run that loses its place has ended before.
        let finished_at = self.finished_at.or_else(|| state.is_final().then_some(now));
        Ok(Self { state, finished_at, version: self.version.saturating_add(1), ..self.clone() })
    }

    /// The run as its rows are read.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless it is queued.
    pub fn begin(&self, now: Timestamp) -> Result<Self, InvalidTransition> {
        Ok(Self { started_at: Some(now), ..self.moved_to(RunState::Partitioning, now)? })
    }

    /// The run with its rows in shards, which are matched now.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless its rows were being read.
    pub fn begin_matching(&self, manifest: Manifest, now: Timestamp) -> Result<Self, InvalidTransition> {
        Ok(Self { manifest: Some(manifest), ..self.moved_to(RunState::Matching, now)? })
    }

    /// The run with all of its shards matched, as its report is written.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless its shards were being matched.
    pub fn begin_reducing(&self, now: Timestamp) -> Result<Self, InvalidTransition> {
        self.moved_to(RunState::Reducing, now)
    }

    /// The run with its result, in the place of another if one counted so far.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless its report was being written.
    pub fn complete(
        &self,
        summary: &Value,
        supersedes: Option<&RunId>,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let has_rejects = self.manifest.as_ref().is_some_and(|manifest| manifest.has_rejects);
        let state = if has_rejects { RunState::CompletedWithRejects } else { RunState::Completed };
        let summary = Some(summary.to_string());
        Ok(Self { summary, supersedes: supersedes.cloned(), ..self.moved_to(state, now)? })
    }

    /// The run with another in its place: one that counted so far, or one that began before the other and ends after it.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless it has a result or is about to.
    pub fn supersede(&self, by: &RunId, now: Timestamp) -> Result<Self, InvalidTransition> {
        Ok(Self { superseded_by: Some(by.clone()), ..self.moved_to(RunState::Superseded, now)? })
    }

    /// The run, given up for a reason that people can read.
    ///
    /// # Errors
    /// [`InvalidTransition`] when it has ended.
    pub fn fail(&self, reason: &str, now: Timestamp) -> Result<Self, InvalidTransition> {
        Ok(Self { failure: Some(reason.to_owned()), ..self.moved_to(RunState::Failed, now)? })
    }

    /// The run, stopped by somebody.
    ///
    /// # Errors
    /// [`InvalidTransition`] once its findings are being written, or when it has ended.
    pub fn cancel(&self, now: Timestamp) -> Result<Self, InvalidTransition> {
        self.moved_to(RunState::Cancelled, now)
    }

    /// The run from its beginning.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless it failed or was stopped.
    pub fn begin_again(&self, now: Timestamp) -> Result<Self, InvalidTransition> {
        Ok(Self {
            attempt: self.attempt.saturating_add(1),
            manifest: None,
            failure: None,
            started_at: None,
            finished_at: None,
            ..self.moved_to(RunState::Queued, now)?
        })
    }

    /// The run as the API shows it.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        let moment = |moment: Option<Timestamp>| moment.map(|at| zone.offset_text(at));
        let summary = self.summary.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
        json!({
            "id": self.id,
            "provider_id": self.scope.provider_id,
            "start_date": self.scope.from,
            "end_date": self.scope.until,
            "as_of": self.scope.as_of,
            "statement_ids": self.scope.statement_ids,
            "rules": self.scope.rules,
            "dry_run": self.scope.dry_run,
            "trigger": self.trigger,
            "state": self.state,
            "attempt": self.attempt,
            "shards": self.manifest.as_ref().map(|manifest| manifest.shards),
            "summary": summary,
            "failure": self.failure,
            "supersedes": self.supersedes,
            "superseded_by": self.superseded_by,
            "created_by": self.by,
            "created_at": zone.offset_text(self.created_at),
            "started_at": moment(self.started_at),
            "finished_at": moment(self.finished_at),
            "version": self.version,
        })
    }

    /// The body of the webhook that announces its end.
    #[must_use]
    pub fn announcement(&self, zone: &Zone) -> Value {
        json!({"event": "reconciliation.completed", "run": self.to_json(zone)})
    }
}
