//! Starting runs: by hand, and on the providers' schedule.

use std::sync::Arc;

use paywarden_domain::actor::Actor;
use paywarden_domain::id::StatementId;
use paywarden_domain::reconciliation::run::{Run, RunScope, RunState, Trigger};
use paywarden_domain::statement::{Reading, Statement};
use paywarden_domain::time::{Clock, Zone};
use paywarden_store::StoreError;
use paywarden_store::queue::Queue;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};

use crate::work::Work;

/// Times it is looked again what is there, because somebody else wrote at the same time.
const ATTEMPTS: usize = 4;

/// Starts runs.
pub struct Starter {
    /// Where they are written down.
    pub table: Reconciliation,
    /// The queue of runs to begin.
    pub queue: Arc<dyn Queue>,
    pub clock: Arc<dyn Clock>,
}

/// What asking for a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// It was not there, or had failed or been stopped, and begins now.
    Begun(Run),
    /// It was there already.
    Known(Run),
}

impl Started {
    /// The run.
    #[must_use]
    pub fn into_run(self) -> Run {
        match self {
            Self::Begun(run) | Self::Known(run) => run,
        }
    }
}

impl Starter {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            table: stores.reconciliation()?,
            queue: stores.reconciliation_runs()?,
            clock: stores.clock(),
        })
    }

    /// Asks for the run that compares `scope` with these statements. Asking for the same again answers the same run; only
    /// somebody, not the schedule, begins one again that failed or was stopped.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn start(
        &self,
        scope: RunScope,
        statements: &[&Statement],
        trigger: Trigger,
        by: Actor,
    ) -> Result<Started, StoreError> {
        let id = scope.run_id(&statements.iter().map(|statement| content(statement)).collect::<Vec<_>>());
        let fresh = Run::queued(id, scope, trigger, by, self.clock.now());
        for _ in 0..ATTEMPTS {
            match self.try_once(&fresh).await {
                // Somebody asked for the same at the same moment: that is the same run.
                Err(StoreError::Conflict) => {}
                outcome => return outcome,
            }
        }
        Err(StoreError::Conflict)
    }

    async fn try_once(&self, fresh: &Run) -> Result<Started, StoreError> {
        let run = match self.table.run(&fresh.id).await? {
            Some(run) => match run.begin_again(self.clock.now()) {
                Ok(again) if fresh.trigger == Trigger::Manual => {
                    self.table.replace_run(&again).await?;
                    again
                }
                _ => return self.known(run).await,
            },
            None => {
                self.table.create_run(fresh).await?;
                fresh.clone()
            }
        };
        Work::on(&run).send(&self.queue, &run).await?;
        tracing::info!(
            merchant_id = run.scope.merchant_id.as_str(),
            provider_id = run.scope.provider_id.as_str(),
            run_id = run.id.as_str(),
            trigger = run.trigger.as_str(),
            attempt = run.attempt,
            "reconciliation queued"
        );
        Ok(Started::Begun(run))
    }

    /// A run that is there already. Whoever wrote it down may have been cut off before it was queued.
    async fn known(&self, run: Run) -> Result<Started, StoreError> {
        if run.state == RunState::Queued {
            Work::on(&run).send(&self.queue, &run).await?;
        }
        Ok(Started::Known(run))
    }
}

/// What tells one statement's content from another's: its bytes, how they are to be read, and by which readers they were. What
/// the first version read keeps the runs that it has.
fn content(statement: &Statement) -> String {
    let reading = statement.reading.as_ref().map(Reading::fingerprint).unwrap_or_default();
    let version = statement.report.as_ref().map_or(1, |report| report.version);
    let version = if version == 1 { String::new() } else { format!(" {version}") };
    format!("{} {reading}{version}", statement.sha256.as_deref().unwrap_or_default())
}

/// Whether a statement has bookings on the business days of a scope.
#[must_use]
pub fn covers(statement: &Statement, scope: &RunScope, zone: &Zone) -> bool {
    let report = statement.report.as_ref().filter(|_| statement.is_usable());
    let booked = report.and_then(|report| Some((report.first_booked_at?, report.last_booked_at?)));
    statement.provider_id == scope.provider_id
        && booked
            .is_some_and(|(first, last)| zone.day_of(first) <= scope.until && zone.day_of(last) >= scope.from)
}

/// The ids of statements, in their order.
#[must_use]
pub fn ids(statements: &[&Statement]) -> Vec<StatementId> {
    let mut ids: Vec<StatementId> = statements.iter().map(|statement| statement.id.clone()).collect();
    ids.sort();
    ids
}
