//! One decision about every exception that a filter covers.
//!
//! Whoever decides about many says first how many: the decision is refused when it would be about more or fewer by now. It is
//! carried out on a thousand at a time, so that each request ends within its time; what is left is told, and decided by asking again.
//! Nothing is decided twice: what was decided is not covered any more.

use std::sync::Arc;

use paywarden_domain::actor::Actor;
use paywarden_domain::id::{MerchantId, RunId};
use paywarden_domain::reconciliation::exception::{Action, Exception};
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_store::StoreError;
use paywarden_store::providers::Providers;
use paywarden_store::reconciliation::{FindingsPage, Reconciliation};
use paywarden_store::stores::{InvalidVariable, Stores};

use crate::search::{self, Among, Wanted};

/// Exceptions that one request decides about.
pub const MAX_DECIDED: usize = 1_000;

/// Exceptions that one request looks at: as many as a run lists.
pub const MAX_LOOKED_AT: usize = 50_000;

/// Exceptions that are read at a time.
const PAGE: u16 = 500;

/// What is to be done about all of them.
#[derive(Debug, Clone)]
pub struct BulkDecision {
    pub action: Action,
    pub reason: String,
    /// Who is to look into them, when they are assigned.
    pub assignee: Option<String>,
    /// How many it is about, as whoever decides was told; nothing is decided without.
    pub expected: Option<usize>,
}

/// How far it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// How many it was about when it began.
    pub covered: usize,
    /// On how many of them it was carried out.
    pub decided: usize,
}

/// Why it was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BulkError {
    /// The merchant has no such run.
    #[error("there is no such run")]
    NoSuchRun,
    /// There are others by now.
    #[error("expected {expected} exceptions, and {now} are covered now")]
    Otherwise { expected: usize, now: usize },
    /// More have to be looked at than a request has time for.
    #[error(
        "expected a filter for which at most {MAX_LOOKED_AT} exceptions are looked at: narrow it to a run or a provider"
    )]
    TooMany,
    /// A table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Carries them out.
pub struct BulkDecider {
    table: Reconciliation,
    providers: Providers,
    clock: Arc<dyn Clock>,
}

/// What is covered: the first of them as they are once it is carried out, and how many there are.
#[derive(Default)]
struct Covered {
    first: Vec<Exception>,
    count: usize,
}

impl BulkDecider {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { table: stores.reconciliation()?, providers: stores.providers()?, clock: stores.clock() })
    }

    /// Counts what is covered among what is open, or among what a run found, and carries the decision out if it is about as many as
    /// expected.
    ///
    /// # Errors
    /// [`BulkError`]. What was decided before a table failed stays so.
    pub async fn decide(
        &self,
        merchant: &MerchantId,
        (run, wanted): (Option<&RunId>, &Wanted),
        decision: &BulkDecision,
        by: &Actor,
    ) -> Result<Decided, BulkError> {
        let now = self.clock.now();
        let covered =
            self.cover(merchant, run, wanted, |exception| after(exception, decision, by, now)).await?;
        let Some(expected) = decision.expected else {
            return Ok(Decided { covered: covered.count, decided: 0 });
        };
        if expected != covered.count {
            return Err(BulkError::Otherwise { expected, now: covered.count });
        }
        // Whoever was quicker has decided: what that was stays, and is counted anew by the next request.
        let decided = self.table.put_exceptions(&covered.first).await?;
        Ok(Decided { covered: covered.count, decided })
    }

    async fn cover(
        &self,
        merchant: &MerchantId,
        run: Option<&RunId>,
        wanted: &Wanted,
        after: impl Fn(&Exception) -> Option<Exception>,
    ) -> Result<Covered, BulkError> {
        let providers = match run {
            Some(run) => {
                self.table.run_of(merchant, run).await?.ok_or(BulkError::NoSuchRun)?;
                Vec::new()
            }
            None => search::providers(&self.providers, merchant, wanted).await?,
        };
        let among = run.map_or(Among::Open(merchant, &providers), Among::Run);
        let (mut covered, mut looked_at, mut position) = (Covered::default(), 0_usize, None);
        loop {
            let FindingsPage { exceptions, next } =
                search::page(&self.table, among, wanted, position.as_deref(), PAGE).await?;
            looked_at = looked_at.saturating_add(exceptions.len());
            if looked_at > MAX_LOOKED_AT {
                return Err(BulkError::TooMany);
            }
            let own = exceptions.iter().filter(|exception| wanted.matches(exception));
            for next in own.filter_map(&after) {
                covered.count = covered.count.saturating_add(1);
                if covered.first.len() < MAX_DECIDED {
                    covered.first.push(next);
                }
            }
            position = next;
            if position.is_none() {
                return Ok(covered);
            }
        }
    }
}

/// What an exception is afterwards; nothing if that cannot be done about it, or is what it is already.
fn after(exception: &Exception, decision: &BulkDecision, by: &Actor, now: Timestamp) -> Option<Exception> {
    let assignee = decision.assignee.as_deref();
    let next = exception.after(decision.action, by, &decision.reason, assignee, now).ok()?;
    let is_same = next.status == exception.status && next.assignee == exception.assignee;
    (!is_same).then_some(next)
}
