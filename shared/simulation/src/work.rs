//! The work that processes are started for, each over the steps of the wings as a function would wire them.

use std::sync::Arc;

use paywarden_domain::id::{EntryId, MerchantId, TransactionId};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::draft::Draft;
use paywarden_payments::apply::Applier;
use paywarden_payments::decide::{DecideError, HeldDecider};
use paywarden_payments::expire::Expirer;
use paywarden_payments::project::Projector;
use paywarden_payments::rebuild::Rebuilder;
use paywarden_payments::receive::{ReceiveError, Receiver};
use paywarden_payments::record::{PaymentOrder, RecordError, Recorder};
use paywarden_payments::replay::{ReplayError, Replayer};
use paywarden_providers::Callback;
use paywarden_store::StoreError;
use paywarden_store::providers::StoredProvider;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::transactions::stream::RecordChange;
use paywarden_testing::builders;
use paywarden_webhooks::errand::{Courier, Errand};
use paywarden_webhooks::plan::Planner;
use paywarden_webhooks::sweep::Sweeper;
use tracing::Span;

use crate::bodies::Sent;
use crate::office::OfficeWork;
use crate::outages::Kind;
use crate::people::{self, Decree};
use crate::words::Posting;

/// Something to be done by one process.
pub enum Work {
    /// A merchant posts.
    Post { merchant: Merchant, order: Box<PaymentOrder>, correlation_id: String },
    /// A provider calls back.
    Receive { provider: Box<StoredProvider>, sent: Sent, correlation_id: String },
    /// Callbacks of one lane are applied.
    Apply(Vec<String>),
    /// What is overdue is ended.
    Expire,
    /// A batch of changes is projected.
    Project(Vec<RecordChange>),
    /// A batch that was put aside is projected, as somebody does who replays it.
    ProjectLate(Vec<RecordChange>),
    /// Webhooks of a batch of changes are planned.
    Plan(Vec<RecordChange>),
    /// An attempt at a webhook is made, or what else stands in the queues of webhooks is done.
    Deliver(String),
    /// Webhooks that are due again are queued.
    Sweep,
    /// Somebody decides about what is held.
    Decide { merchant: MerchantId, transaction: TransactionId, decree: Decree },
    /// Something is done in the office.
    Office(OfficeWork),
    /// Somebody has a kept callback read and applied again.
    Replay { merchant: MerchantId, transaction: TransactionId, entry: EntryId },
}

impl Work {
    /// Its kind, if nobody waits for it to be done.
    #[must_use]
    pub const fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Apply(_) => Kind::Apply,
            Self::Expire => Kind::Expire,
            Self::Project(_) => Kind::Project,
            Self::Plan(_) => Kind::Plan,
            Self::Deliver(_) => Kind::Deliver,
            Self::Sweep => Kind::Sweep,
            Self::Office(work) if work.is_routine() => Kind::Office,
            Self::Office(_) => return None,
            Self::Post { .. }
            | Self::Receive { .. }
            | Self::ProjectLate(_)
            | Self::Decide { .. }
            | Self::Replay { .. } => return None,
        })
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is done, and whoever asked for it was told so.
    Done,
    /// It failed and has to be done again.
    Failed(String),
    /// It was refused for good.
    Refused(String),
}

/// The wings over one hall. What they keep in memory lasts from seed to seed no longer than a process's life.
pub struct Wings {
    stores: Stores,
    /// It has a client that is dear to make, and remembers nothing else but some counts.
    courier: Courier,
}

impl Wings {
    /// Over this hall.
    #[must_use]
    pub fn over(stores: Stores) -> Arc<Self> {
        let courier = wired(Courier::of(&stores));
        Arc::new(Self { stores, courier })
    }

    /// The hall.
    #[must_use]
    pub fn stores(&self) -> &Stores {
        &self.stores
    }

    /// Does a piece of work to its end.
    pub async fn perform(&self, work: Work) -> Answer {
        let stores = &self.stores;
        match work {
            Work::Post { merchant, order, correlation_id } => {
                let recorder = wired(Recorder::of(stores));
                recorded(recorder.record(&merchant, *order, &correlation_id).await.map(drop))
            }
            Work::Receive { provider, sent, correlation_id } => {
                self.receive(&provider, &sent, &correlation_id).await
            }
            Work::Apply(bodies) => {
                let read = bodies.iter().map(|body| serde_json::from_str::<VerifiedCallback>(body));
                match read.collect::<Result<Vec<_>, _>>() {
                    Ok(callbacks) => done(self.apply(callbacks).await),
                    Err(error) => Answer::Refused(error.to_string()),
                }
            }
            Work::Expire => done(wired(Expirer::of(stores)).run().await),
            Work::Project(changes) => done(wired(Projector::of(stores)).project(changes).await),
            Work::ProjectLate(changes) => done(wired(Rebuilder::of(stores)).project_late(changes).await),
            Work::Plan(changes) => done(wired(Planner::of(stores)).plan(changes).await),
            Work::Deliver(body) => match serde_json::from_str::<Errand>(&body) {
                Ok(errand) => done(self.courier.run(errand).await),
                Err(error) => Answer::Refused(error.to_string()),
            },
            Work::Office(work) => work.perform(stores).await,
            Work::Sweep => done(wired(Sweeper::of(stores)).run().await),
            Work::Decide { merchant, transaction, decree } => {
                let decider = wired(HeldDecider::of(stores));
                decided(decider.decide(&merchant, &transaction, &people::decision(&decree)).await.map(drop))
            }
            Work::Replay { merchant, transaction, entry } => {
                self.replay(&merchant, &transaction, &entry).await
            }
        }
    }

    /// Of a batch the queue is told what failed. Here all of it comes again then, which it has to bear.
    async fn apply(&self, callbacks: Vec<VerifiedCallback>) -> Result<(), StoreError> {
        let lane = callbacks.into_iter().map(|callback| (callback, Span::none())).collect();
        wired(Applier::of(&self.stores)).apply_lane(lane).await.into_iter().collect()
    }

    async fn receive(&self, provider: &StoredProvider, sent: &Sent, correlation_id: &str) -> Answer {
        let receiver = wired(Receiver::of(&self.stores));
        let callback = Callback {
            headers: &sent.headers,
            path: "",
            path_token: None,
            body: &sent.body,
            received_at: receiver.clock().now(),
        };
        match receiver.receive(provider, &callback, correlation_id).await {
            Ok(_) => Answer::Done,
            Err(ReceiveError::Store(error)) => Answer::Failed(error.to_string()),
            Err(error) => Answer::Refused(error.to_string()),
        }
    }

    async fn replay(&self, merchant: &MerchantId, transaction: &TransactionId, entry: &EntryId) -> Answer {
        let replayer = wired(Replayer::of(&self.stores));
        let applied = match replayer.read(merchant, transaction, entry).await {
            Ok(replay) => replayer.apply(&replay, &format!("replay-{entry}")).await,
            Err(error) => Err(error),
        };
        match applied {
            Ok(()) | Err(ReplayError::ReportsNothing) => Answer::Done,
            Err(ReplayError::Store(error)) => Answer::Failed(error.to_string()),
            Err(error) => Answer::Refused(error.to_string()),
        }
    }
}

pub(crate) fn wired<T>(made: Result<T, InvalidVariable>) -> T {
    made.expect("the template gives its functions what they need")
}

/// A table that does not answer, and another writer who was first too often, are reasons to try again. What cannot be read is
/// none.
pub(crate) fn done(result: Result<(), StoreError>) -> Answer {
    match result {
        Ok(()) => Answer::Done,
        Err(error @ StoreError::Corrupt { .. }) => Answer::Refused(error.to_string()),
        Err(error) => Answer::Failed(error.to_string()),
    }
}

/// Somebody who finds nothing held, as yet, looks again later.
fn decided(result: Result<(), DecideError>) -> Answer {
    match result {
        Err(DecideError::Store(error)) => done(Err(error)),
        Err(error @ (DecideError::NotThere | DecideError::NotDecided(_))) => {
            Answer::Failed(error.to_string())
        }
        Err(error @ DecideError::PaymentOfAnother) => Answer::Refused(error.to_string()),
        Ok(()) => Answer::Done,
    }
}

fn recorded(result: Result<(), RecordError>) -> Answer {
    match result {
        Err(RecordError::Busy) => Answer::Failed(RecordError::Busy.to_string()),
        Err(RecordError::Store(error)) => done(Err(error)),
        Err(refusal) => Answer::Refused(refusal.to_string()),
        Ok(()) => Answer::Done,
    }
}

/// What a merchant posts, as the route hands it over.
#[must_use]
pub fn draft(posting: &Posting) -> Draft {
    let mut draft = Draft {
        occurrence: posting.occurrence,
        method: posting.method,
        money: builders::money(&posting.amount.to_string(), "IDR"),
        provider_transaction_id: posting.payment.clone(),
        expired_at: posting.expires,
        ..builders::draft(&posting.reference)
    };
    draft.merchant_fields.customers_id = Some(format!("cus-{}", posting.reference));
    draft.merchant_fields.metadata = builders::object(serde_json::json!({"order": posting.reference}));
    draft
}
