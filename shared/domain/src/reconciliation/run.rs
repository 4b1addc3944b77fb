//! Runs: one comparison of the ledger with the statements of a provider, from start to end.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::id::{MerchantId, ProviderId, RunId, StatementId};
use crate::provider::Actor;
use crate::reconciliation::Rules;
use crate::reconciliation::tally::Totals;
use crate::time::{Day, Timestamp, Zone};
use crate::vocabulary::words;

/// The version of the engine's rules. Raised with every change that can give a row another outcome, so that a run under new
/// rules is a new run.
const RULES_VERSION: u32 = 1;

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

words! {
    /// What started a run.
    pub enum Trigger {
        /// Somebody.
        Manual = "MANUAL",
        /// The provider's settlement time.
        Schedule = "SCHEDULE",
    }
}

impl RunState {
    /// Whether nothing follows by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Partitioning | Self::Matching | Self::Reducing)
    }

    /// Whether it can still be stopped: once its findings are being written, it is finished.
    #[must_use]
    pub const fn can_be_cancelled(self) -> bool {
        matches!(self, Self::Queued | Self::Partitioning | Self::Matching)
    }

    /// Whether it came to a result.
    #[must_use]
    pub const fn is_completed(self) -> bool {
        matches!(self, Self::Completed | Self::CompletedWithRejects)
    }

    /// Whether asking for it again begins it anew.
    #[must_use]
    pub const fn can_be_begun_again(self) -> bool {
        matches!(self, Self::Failed | Self::Cancelled)
    }
}

/// What a run compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Whose books.
    pub merchant_id: MerchantId,
    /// Which provider's statements.
    pub provider_id: ProviderId,
    /// The first business day.
    pub from: Day,
    /// The last business day.
    pub until: Day,
    /// The day by which the statements are complete; without it, that of their last row.
    pub as_of: Option<Day>,
    /// The statements, in the order of their ids.
    pub statement_ids: Vec<StatementId>,
    /// What counts as equal.
    pub rules: Rules,
    /// Whether it leaves no trace but its report.
    pub dry_run: bool,
}

impl Scope {
    /// Days before the window in which a row of the statement may have its counterpart, besides the settlement lag.
    const MARGIN_DAYS: u32 = 7;
    /// Days that one run may span.
    pub const MAX_DAYS: i32 = 92;
    /// Statements that one run may take.
    pub const MAX_STATEMENTS: usize = 100;

    /// The id of the run that compares this. `contents` tells each statement's bytes and reading.
    #[must_use]
    pub fn run_id(&self, contents: &[String]) -> RunId {
        let mut contents: Vec<&str> = contents.iter().map(String::as_str).collect();
        contents.sort_unstable();
        let as_of = self.as_of.map(|day| day.to_string()).unwrap_or_default();
        let rules = serde_json::to_string(&self.rules).unwrap_or_default();
        let parts = [
            self.merchant_id.to_string(),
            self.provider_id.to_string(),
            self.from.to_string(),
            self.until.to_string(),
            as_of,
            rules,
            RULES_VERSION.to_string(),
            self.dry_run.to_string(),
        ];
        let parts: Vec<&[u8]> =
            parts.iter().map(String::as_bytes).chain(contents.iter().map(|text| text.as_bytes())).collect();
        RunId::derived("run/1", &parts)
    }

    /// Whether a business day is one of those that are judged. Rows of the days around them are counterparts only.
    #[must_use]
    pub fn contains(&self, day: Day) -> bool {
        (self.from..=self.until).contains(&day)
    }

    /// The business days of the ledger that are looked through for counterparts: settlement takes its time, and a
    /// provider's clocks may be a day ahead.
    #[must_use]
    pub fn ledger_days(&self) -> (Day, Day) {
        let margin = self.rules.lag_days.saturating_mul(2).saturating_add(Self::MARGIN_DAYS);
        (self.from.plus_days(0_i32.saturating_sub_unsigned(margin)), self.until.plus_days(1))
    }
}

/// How the rows of a run were put into shards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Where its files are: what their names begin with.
    pub prefix: String,
    /// How many shards.
    pub shards: u16,
    /// Whether a line could not be read, or a statement does not add up.
    pub has_rejects: bool,
    /// The day by which the statements are complete, as days since 1970.
    pub as_of: i32,
    /// Everything that went in.
    pub inputs: Totals,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Derived from all that decides the result, see [`Scope::run_id`].
    pub id: RunId,
    /// What it compares.
    #[serde(flatten)]
    pub scope: Scope,
    /// What started it.
    pub trigger: Trigger,
    /// Who.
    pub by: Actor,
    /// Where it stands.
    pub state: RunState,
    /// Which attempt it is, from 1: a run that failed or was stopped can be begun again.
    pub attempt: u32,
    /// Its shards, once there are any.
    pub manifest: Option<Manifest>,
    /// What it came to. JSON text.
    pub summary: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
    /// The run whose place it took.
    pub supersedes: Option<RunId>,
    /// The run that took its place.
    pub superseded_by: Option<RunId>,
    /// When it was first asked for.
    pub created_at: Timestamp,
    /// When this attempt began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Counts the changes.
    pub version: u64,
}

impl Run {
    /// A run to be begun.
    #[must_use]
    pub fn queued(id: RunId, scope: Scope, trigger: Trigger, by: Actor, now: Timestamp) -> Self {
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

    /// The same run in another state.
    #[must_use]
    pub fn moved_to(&self, state: RunState, now: Timestamp) -> Self {
        let mut next = Self { state, version: self.version.saturating_add(1), ..self.clone() };
        if state == RunState::Partitioning {
            next.started_at = Some(now);
        }
        if state.is_final() && next.finished_at.is_none() {
            next.finished_at = Some(now);
        }
        next
    }

    /// The same run from its beginning.
    #[must_use]
    pub fn begun_again(&self, now: Timestamp) -> Self {
        Self {
            attempt: self.attempt.saturating_add(1),
            manifest: None,
            failure: None,
            started_at: None,
            finished_at: None,
            ..self.moved_to(RunState::Queued, now)
        }
    }

    /// The same run, failed for a reason that people can read.
    #[must_use]
    pub fn failed(&self, reason: &str, now: Timestamp) -> Self {
        Self { failure: Some(reason.to_owned()), ..self.moved_to(RunState::Failed, now) }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope {
            merchant_id: MerchantId::derived("test", &[b"merchant"]),
            provider_id: ProviderId::derived("test", &[b"provider"]),
            from: Day::parse("2026-11-18").unwrap(),
            until: Day::parse("2026-11-20").unwrap(),
            as_of: None,
            statement_ids: vec![StatementId::derived("test", &[b"statement"])],
            rules: Rules::default(),
            dry_run: false,
        }
    }

    #[test]
    fn all_that_decides_the_result_decides_the_id_and_the_order_of_statements_does_not() {
        let contents = ["a".to_owned(), "b".to_owned()];
        let id = scope().run_id(&contents);
        assert_eq!(scope().run_id(&["b".to_owned(), "a".to_owned()]), id);
        let day = Day::parse("2026-11-21").unwrap();
        let others = [
            Scope { until: day, ..scope() },
            Scope { from: day, ..scope() },
            Scope { as_of: Some(day), ..scope() },
            Scope { dry_run: true, ..scope() },
            Scope { rules: Rules { tolerance_minor: 1, ..Rules::default() }, ..scope() },
            Scope { provider_id: ProviderId::derived("test", &[b"other"]), ..scope() },
            Scope { merchant_id: MerchantId::derived("test", &[b"other"]), ..scope() },
        ];
        for other in others {
            assert_ne!(other.run_id(&contents), id, "{other:?}");
        }
        assert_ne!(scope().run_id(&["a".to_owned()]), id);
        let same_statement_by_another_name =
            Scope { statement_ids: vec![StatementId::derived("test", &[b"copy"])], ..scope() };
        assert_eq!(same_statement_by_another_name.run_id(&contents), id);
    }

    #[test]
    fn counterparts_are_looked_for_around_the_window() {
        let (first, last) = scope().ledger_days();
        assert_eq!((first.to_string(), last.to_string()), ("2026-11-07".to_owned(), "2026-11-21".to_owned()));
    }
}
