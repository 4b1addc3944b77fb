//! Exceptions: what a run found that somebody has to look at, and what became of it.
//!
//! An exception is about rows, not about a run: its id follows from what the rows say. So a later run that finds the same
//! again finds what was decided about it, and one whose rows have changed finds something new.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::fields::NAMES;
use super::{BookSide, Outcome, RowFields};
use crate::actor::Actor;
use crate::id::{ExceptionId, MerchantId, ProviderId, RunId, StatementId};
use crate::time::{Timestamp, Zone};
use crate::vocabulary::{Method, words};

words! {
    /// Where an exception stands.
    pub enum ExceptionStatus {
        /// Nobody has looked at it.
        Open = "OPEN",
        /// Somebody looks at it.
        Assigned = "ASSIGNED",
        /// It is dealt with.
        Resolved = "RESOLVED",
        /// It was none.
        Void = "VOID",
        /// A later run did not find it any more.
        AutoCleared = "AUTO_CLEARED",
    }
}

words! {
    /// What somebody does about an exception.
    pub enum Action {
        /// Gives it to somebody.
        Assign = "assign",
        /// Has dealt with it.
        Resolve = "resolve",
        /// Says that it is none.
        Void = "void",
    }
}

impl ExceptionStatus {
    /// Whether there is something left to do.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Open | Self::Assigned => true,
            Self::Resolved | Self::Void | Self::AutoCleared => false,
        }
    }
}

/// A row that an exception is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExceptionRow {
    /// The statement, of a statement's row.
    pub statement_id: Option<StatementId>,
    /// Its line: in the statement's file, or in the run's copy of the ledger.
    pub line: u32,
    #[serde(flatten)]
    pub fields: RowFields<String>,
    /// The line itself, where it cannot be read.
    pub text: String,
    /// How the payment is paid, of a ledger's row. It is no part of what tells exceptions apart.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub method: Option<Method>,
}

impl ExceptionRow {
    /// Everything it says, places aside.
    pub fn content(&self) -> impl Iterator<Item = &str> {
        self.fields.borrowed().into_texts().into_iter().chain([self.text.as_str()])
    }

    fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("statement_id".to_owned(), json!(self.statement_id));
        members.insert("line".to_owned(), json!(self.line));
        members.insert("method".to_owned(), json!(self.method));
        for (name, text) in NAMES.into_iter().chain(["text"]).zip(self.content()) {
            members.insert(name.to_owned(), json!((!text.is_empty()).then_some(text)));
        }
        Value::Object(members)
    }
}

/// What a run found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub outcome: Outcome,
    /// The ledger's row, if it is about one.
    pub ledger: Option<ExceptionRow>,
    /// The statement's row, if it is about one.
    pub statement: Option<ExceptionRow>,
    /// What was expected, or by how much the sides differ.
    pub detail: String,
}

impl Finding {
    /// The id of the exception: of the `repeat`-th (from 0) finding that says all the same.
    #[must_use]
    pub fn id(&self, merchant: &MerchantId, provider: &ProviderId, repeat: u32) -> ExceptionId {
        id_of((merchant, provider), self.outcome, [self.ledger.as_ref(), self.statement.as_ref()], repeat)
    }
}

fn id_of(
    (merchant, provider): (&MerchantId, &ProviderId),
    outcome: Outcome,
    [ledger, statement]: [Option<&ExceptionRow>; 2],
    repeat: u32,
) -> ExceptionId {
    let repeat = repeat.to_be_bytes();
    let mut parts: Vec<&[u8]> = vec![
        merchant.as_str().as_bytes(),
        provider.as_str().as_bytes(),
        outcome.as_str().as_bytes(),
        &repeat,
    ];
    for (origin, row) in [(BookSide::Ledger, ledger), (BookSide::Statement, statement)] {
        if let Some(row) = row {
            parts.push(origin.as_str().as_bytes());
            parts.extend(row.content().map(str::as_bytes));
        }
    }
    ExceptionId::derived("exception/1", &parts)
}

/// One line of an exception's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub at: Timestamp,
    pub by: Actor,
    /// What it led to.
    pub status: ExceptionStatus,
    pub reason: String,
    /// Who looks at it now.
    pub assignee: Option<String>,
}

/// An exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Derived from what it is about, see [`Finding::id`].
    pub id: ExceptionId,
    pub merchant_id: MerchantId,
    pub provider_id: ProviderId,
    /// The run that found it first.
    pub run_id: RunId,
    pub outcome: Outcome,
    pub ledger: Option<ExceptionRow>,
    pub statement: Option<ExceptionRow>,
    /// What was expected, or by how much the sides differ.
    pub detail: String,
    pub status: ExceptionStatus,
    /// Who looks at it.
    pub assignee: Option<String>,
    /// When it was found first.
    pub created_at: Timestamp,
    /// What became of it, oldest first.
    pub history: Vec<Event>,
    pub version: u64,
}

/// Why something cannot be done about an exception.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing is left to do.
    #[error("it is {0} already")]
    Closed(ExceptionStatus),
    /// Its history is full.
    #[error("it was changed {} times, more are not kept", Exception::MAX_EVENTS)]
    TooManyEvents,
}

impl Exception {
    /// Changes that are kept, and so may be made.
    pub const MAX_EVENTS: usize = 100;
    /// Longest reason, in characters.
    pub const REASON_CHARACTERS: usize = 500;
    /// Longest name of an assignee, in characters.
    pub const ASSIGNEE_CHARACTERS: usize = 64;

    /// What a run found for the first time.
    #[must_use]
    pub fn found(
        id: ExceptionId,
        (merchant_id, provider_id, run_id): (MerchantId, ProviderId, RunId),
        finding: Finding,
        now: Timestamp,
    ) -> Self {
        let event = Event {
            at: now,
            by: Actor::Automation,
            status: ExceptionStatus::Open,
            reason: format!("found by {run_id}"),
            assignee: None,
        };
        Self {
            id,
            merchant_id,
            provider_id,
            run_id,
            outcome: finding.outcome,
            ledger: finding.ledger,
            statement: finding.statement,
            detail: finding.detail,
            status: ExceptionStatus::Open,
            assignee: None,
            created_at: now,
            history: vec![event],
            version: 1,
        }
    }

    /// The id of the first of all that say the same as it: its own, unless there are several.
    #[must_use]
    pub fn first_id(&self) -> ExceptionId {
        let of = (&self.merchant_id, &self.provider_id);
        id_of(of, self.outcome, [self.ledger.as_ref(), self.statement.as_ref()], 0)
    }

    /// What it is after somebody did something about it.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn after(
        &self,
        action: Action,
        by: &Actor,
        reason: &str,
        assignee: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, Refused> {
        if !self.status.is_open() {
            return Err(Refused::Closed(self.status));
        }
        if self.history.len() >= Self::MAX_EVENTS {
            return Err(Refused::TooManyEvents);
        }
        let status = match action {
            Action::Assign => ExceptionStatus::Assigned,
            Action::Resolve => ExceptionStatus::Resolved,
            Action::Void => ExceptionStatus::Void,
        };
        let assignee = assignee.map(str::to_owned).or_else(|| self.assignee.clone());
        Ok(self.with(Event { at: now, by: by.clone(), status, reason: reason.to_owned(), assignee }))
    }

    /// What it is when a run finds it again: one that had cleared itself is open again, all others stay as they are.
    #[must_use]
    pub fn found_again(&self, run: &RunId, now: Timestamp) -> Option<Self> {
        match self.status {
            ExceptionStatus::AutoCleared => {
                Some(self.automatically(ExceptionStatus::Open, format!("found again by {run}"), now))
            }
            ExceptionStatus::Open
            | ExceptionStatus::Assigned
            | ExceptionStatus::Resolved
            | ExceptionStatus::Void => None,
        }
    }

    /// What it is when a run that had to find it does not.
    #[must_use]
    pub fn cleared(&self, reason: String, now: Timestamp) -> Self {
        self.automatically(ExceptionStatus::AutoCleared, reason, now)
    }

    fn automatically(&self, status: ExceptionStatus, reason: String, now: Timestamp) -> Self {
        self.with(Event { at: now, by: Actor::Automation, status, reason, assignee: self.assignee.clone() })
    }

    fn with(&self, event: Event) -> Self {
        let mut next = self.clone();
        (next.status, next.assignee) = (event.status, event.assignee.clone());
        next.version = self.version.saturating_add(1);
        next.history.push(event);
        next
    }

    /// The exception as the API shows it.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        let event = |event: &Event| {
            json!({
                "at": zone.offset_text(event.at),
                "by": event.by,
                "status": event.status,
                "reason": event.reason,
                "assignee": event.assignee,
            })
        };
        json!({
            "id": self.id,
            "provider_id": self.provider_id,
            "run_id": self.run_id,
            "outcome": self.outcome,
            "detail": self.detail,
            "status": self.status,
            "assignee": self.assignee,
            "ledger": self.ledger.as_ref().map(ExceptionRow::to_json),
            "statement": self.statement.as_ref().map(ExceptionRow::to_json),
            "created_at": zone.offset_text(self.created_at),
            "history": self.history.iter().map(event).collect::<Vec<_>>(),
            "version": self.version,
        })
    }
}
