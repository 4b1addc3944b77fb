//! All steps over one test stage.

use paywarden_domain::counts::Counts;
use paywarden_domain::id::TransactionId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::time::{Clock, Day};
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::totals::Totals;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::draft::Draft;
use paywarden_domain::transaction::report::{Happening, Report, TrustGrade};
use paywarden_domain::vocabulary::Status;
use paywarden_payments::apply::Applier;
use paywarden_payments::expire::Expirer;
use paywarden_payments::project::Projector;
use paywarden_payments::record::{PaymentOrder, RecordError, Recorded, Recorder};
use paywarden_store::stores::Stores;
use paywarden_store::transactions::keys::EXPIRY_SHARDS;
use paywarden_store::transactions::stream::{RecordChange, changes};
use paywarden_testing::{TestStage, builders};
use serde_json::json;

pub struct Workshop {
    pub stage: TestStage,
    pub stores: Stores,
    pub merchant: Merchant,
    pub provider: Provider,
}

/// What a process is started for.
#[derive(Debug, Clone)]
pub enum Step {
    /// A merchant records a payment.
    Post(Box<PaymentOrder>),
    /// A provider's callback is applied.
    Callback(Box<VerifiedCallback>),
    /// What is overdue is ended.
    Sweep,
    /// All that the stream has told so far is projected as one batch.
    Project,
    /// The same, in batches of one.
    ProjectInPieces,
}

/// What a step answered: in words, so that tests can list what they expect.
pub type Answer = Result<&'static str, String>;

impl Workshop {
    pub async fn open() -> Self {
        Self::over(TestStage::start().await).await
    }

    /// With tables in the process, which refuse what they are told to.
    pub async fn open_in_process() -> Self {
        Self::over(TestStage::in_process()).await
    }

    async fn over(stage: TestStage) -> Self {
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let provider = builders::charging(builders::provider(&merchant, ProviderType::Xendit));
        let provider = stage.add_this_provider(provider, &json!({})).await;
        Self { stores: stage.stores(), stage, merchant, provider }
    }

    /// Does a step in a process of its own.
    pub async fn attempt(&self, step: &Step) -> Answer {
        let stores = &self.stores;
        match step {
            Step::Post(order) => self.post(order.as_ref().clone()).await,
            Step::Callback(callback) => {
                let applied = Applier::of(stores).unwrap().apply(callback.as_ref().clone()).await;
                applied.map(|()| "applied").map_err(|error| error.to_string())
            }
            Step::Sweep => {
                let swept = Expirer::of(stores).unwrap().run().await;
                swept.map(|()| "swept").map_err(|error| error.to_string())
            }
            Step::Project => self.project(vec![self.told()]).await,
            Step::ProjectInPieces => {
                let pieces = self.told().into_iter().map(|change| vec![change]);
                self.project(pieces.collect()).await
            }
        }
    }

    /// Does a step that has to succeed.
    pub async fn done(&self, step: &Step) {
        self.attempt(step).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
    }

    async fn post(&self, order: PaymentOrder) -> Answer {
        let recorded = Recorder::of(&self.stores).unwrap().record(&self.merchant, order, "corr-post").await;
        match recorded {
            Ok(Recorded::Created(_)) => Ok("created"),
            Ok(Recorded::Known(_)) => Ok("known"),
            // What a merchant is told for good. Anything else is a failure.
            Err(RecordError::ReferenceConflict) => Ok("the reference stands for something else"),
            Err(RecordError::ProviderTransactionConflict) => {
                Ok("the provider's id stands for something else")
            }
            Err(error) => Err(error.to_string()),
        }
    }

    async fn project(&self, batches: Vec<Vec<RecordChange>>) -> Answer {
        let projector = Projector::of(&self.stores).unwrap();
        for batch in batches {
            projector.project(batch).await.map_err(|error| error.to_string())?;
        }
        Ok("projected")
    }

    /// Everything that the stream has told so far.
    pub fn told(&self) -> Vec<RecordChange> {
        changes(self.stage.transaction_changes()).unwrap()
    }

    /// A callback that came just now.
    pub fn callback(&self, reports: &[Report]) -> VerifiedCallback {
        VerifiedCallback {
            merchant_id: self.merchant.id.clone(),
            provider: self.provider.binding(),
            grade: TrustGrade::Signed,
            received_at: self.stage.clock.now(),
            correlation_id: "corr-1".to_owned(),
            reports: reports.to_vec(),
            raw_body: "{\"raw\": true}".to_owned(),
            waits: false,
            put_off: 0,
        }
    }

    pub async fn report(&self, reports: &[Report]) {
        self.done(&Step::Callback(Box::new(self.callback(reports)))).await;
        self.drain().await;
    }

    /// The callbacks that steps have queued since, as somebody takes them.
    pub fn queued(&self) -> Vec<Step> {
        let messages = self.stage.transaction_events.take().into_iter();
        let callbacks = messages.map(|message| serde_json::from_str(&message.body).unwrap());
        callbacks.map(|callback| Step::Callback(Box::new(callback))).collect()
    }

    /// Does what steps have queued, until there is nothing left.
    pub async fn drain(&self) {
        loop {
            let queued = self.queued();
            if queued.is_empty() {
                return;
            }
            for step in &queued {
                self.done(step).await;
            }
        }
    }

    /// Records what was posted.
    pub async fn add(&self, draft: Draft) -> Transaction {
        self.stage.add_transaction(&self.merchant, draft).await
    }

    pub async fn find(&self, reference: &str, occurrence: u32) -> Option<Transaction> {
        let id = TransactionId::of(&self.merchant.id, reference, occurrence);
        self.stores.transactions_writer().unwrap().find(&id).await.unwrap()
    }

    /// The first payment under INV0045.
    pub async fn record(&self) -> Transaction {
        self.find("INV0045", 1).await.unwrap()
    }

    pub async fn timeline(&self, subject: &Subject) -> Vec<Entry> {
        self.stores.timeline_reader().unwrap().list(subject, 100, None).await.unwrap().entries
    }

    pub async fn entries_of(&self, transaction: &Transaction) -> Vec<(EntryKind, String)> {
        let entries = self.timeline(&Subject::Transaction(transaction.id.clone())).await;
        entries.into_iter().map(|entry| (entry.kind, entry.summary)).collect()
    }

    pub async fn totals(&self) -> Totals {
        let day = |text| Day::parse(text).unwrap();
        let (from, until) = (day("2026-01-01"), day("2026-12-31"));
        self.stores.totals().unwrap().list(&self.merchant.id, 1, from, until).await.unwrap()
    }

    pub async fn counts(&self) -> Counts {
        let day = |text| Day::parse(text).unwrap();
        let (from, until) = (day("2026-01-01"), day("2026-12-31"));
        self.stores.totals().unwrap().counts(&self.merchant.id, 1, from, until).await.unwrap()
    }

    /// How many payments the sweep would find, looking at so many of each shard.
    pub async fn due(&self, limit: i32) -> Vec<usize> {
        let (transactions, now) = (self.stores.transactions_writer().unwrap(), self.stage.clock.now());
        let mut due = Vec::new();
        for shard in 0..EXPIRY_SHARDS {
            due.push(transactions.due_to_expire(shard, now, limit).await.unwrap().len());
        }
        due
    }
}

/// The payment under INV0045 was paid.
pub fn paid() -> Report {
    builders::report("INV0045", Status::Paid, "2026-11-20T07:55:00Z")
}

/// The payment under INV0045 that the provider calls `id` was paid.
pub fn of_payment(id: &str) -> Report {
    Report { provider_transaction_id: Some(id.to_owned()), ..paid() }
}

/// A report that names its payment by nothing but the provider's id.
pub fn reversal_by_id(id: &str) -> Report {
    Report {
        reference: None,
        money: None,
        method: None,
        happening: Happening::Status { status: Status::Reversed },
        ..of_payment(id)
    }
}
