//! The work of the office, each piece over the steps of the wings as a function would wire them.

use paywarden_domain::actor::Actor;
use paywarden_domain::id::{MerchantId, ProviderId, RunId};
use paywarden_domain::provider::Standing;
use paywarden_reconciliation::StepError;
use paywarden_reconciliation::arrival::Arrivals;
use paywarden_reconciliation::cancel::{CancelError, Canceller};
use paywarden_reconciliation::decide::{DecideError, Decider, Decision};
use paywarden_reconciliation::finish::Finisher;
use paywarden_reconciliation::partition::Partitioner;
use paywarden_reconciliation::schedule::Scheduler;
use paywarden_reconciliation::shard::Matcher;
use paywarden_reconciliation::work::Abandoner;
use paywarden_roster::keeper::Keeper;
use paywarden_roster::monitor::Monitor;
use paywarden_store::StoreError;
use paywarden_store::stores::Stores;

use crate::work::{Answer, done, wired};

/// Something to be done in the office by one process.
pub enum OfficeWork {
    /// A file came under this key.
    Arrive(String),
    /// The runs that are due are begun.
    Schedule,
    /// A message of a queue between the steps of runs is dealt with.
    Step(Step, String),
    /// The run of a message that nobody could deal with is given up.
    GiveUp(String),
    /// Somebody says something of what a run has found.
    Decide(MerchantId, Decision),
    /// Somebody stops a run.
    Stop(MerchantId, RunId),
    /// Providers are watched.
    Monitor,
    /// Somebody decides about a provider.
    Pin(MerchantId, ProviderId, Standing),
}

/// The steps of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Partition,
    Match,
    Finish,
}

impl Step {
    /// All of them, in the order of their queues.
    pub const ALL: [Self; 3] = [Self::Partition, Self::Match, Self::Finish];
}

impl OfficeWork {
    /// Whether nobody waits for it to be done.
    pub(crate) const fn is_routine(&self) -> bool {
        match self {
            Self::Arrive(_) | Self::Schedule | Self::Step(..) | Self::Monitor => true,
            Self::GiveUp(_) | Self::Decide(..) | Self::Stop(..) | Self::Pin(..) => false,
        }
    }

    /// Does it to its end.
    pub(crate) async fn perform(self, stores: &Stores) -> Answer {
        match self {
            Self::Arrive(key) => stepped(wired(Arrivals::of(stores)).arrived(&key).await),
            Self::Schedule => done(wired(Scheduler::of(stores)).run().await),
            Self::Step(step, body) => match serde_json::from_str(&body) {
                Ok(work) => stepped(take(step, work, stores).await),
                Err(error) => Answer::Refused(error.to_string()),
            },
            Self::GiveUp(body) => match serde_json::from_str(&body) {
                Ok(work) => done(wired(Abandoner::of(stores)).abandon(work).await),
                Err(error) => Answer::Refused(error.to_string()),
            },
            Self::Decide(merchant, decision) => {
                let decided = wired(Decider::of(stores)).decide(&merchant, &decision, &Actor::Operator).await;
                match decided {
                    Err(DecideError::Store(error)) => done(Err(error)),
                    // Whoever is late has nothing left to say.
                    Ok(_) | Err(DecideError::NoSuchException | DecideError::Closed(_)) => Answer::Done,
                }
            }
            Self::Stop(merchant, run) => match wired(Canceller::of(stores)).cancel(&merchant, &run).await {
                Err(CancelError::Store(error)) => done(Err(error)),
                Ok(_) | Err(CancelError::NoSuchRun | CancelError::TooLate(_)) => Answer::Done,
            },
            Self::Monitor => done(wired(Monitor::of(stores)).run().await),
            Self::Pin(merchant, provider, standing) => {
                done(pin(stores, &merchant, &provider, standing).await)
            }
        }
    }
}

async fn take(
    step: Step,
    work: paywarden_reconciliation::work::Work,
    stores: &Stores,
) -> Result<(), StepError> {
    match step {
        Step::Partition => wired(Partitioner::of(stores)).handle(work).await,
        Step::Match => wired(Matcher::of(stores)).handle(work).await,
        Step::Finish => wired(Finisher::of(stores)).handle(work).await,
    }
}

async fn pin(
    stores: &Stores,
    merchant: &MerchantId,
    provider: &ProviderId,
    standing: Standing,
) -> Result<(), StoreError> {
    let keeper = wired(Keeper::of(stores));
    match keeper.find(merchant, provider).await? {
        Some(stored) => keeper.set_standing(stored, standing, None).await.map(drop),
        None => Err(StoreError::Conflict),
    }
}

/// What cannot be done for good the wing tells of on the run; everything else can be done again.
fn stepped(result: Result<(), StepError>) -> Answer {
    match result {
        Err(StepError::Store(error)) => done(Err(error)),
        Err(error) => Answer::Failed(error.to_string()),
        Ok(()) => Answer::Done,
    }
}
