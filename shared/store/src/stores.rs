//! The hall: what a process works with, made once from its environment. Every variable's name stands here or in its
//! [`Surroundings`] and nowhere else, and whoever wires a function or a step asks here, tests included.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::Clock;

use crate::audit::{AuditReader, AuditTrail};
use crate::clients::Clients;
use crate::dynamo::Dynamo;
use crate::env::Env;
use crate::failures::Failures;
use crate::health::Health;
use crate::kept_answers::KeptAnswers;
use crate::keys::KeySource;
use crate::ledger::LedgerTable;
use crate::merchants::Merchants;
use crate::objects::Objects;
use crate::providers::Providers;
use crate::put_aside::Putter;
use crate::queue::Queue;
use crate::reconciliation::Reconciliation;
use crate::report_keys::ReportKeys;
use crate::services::{Aws, Services};
use crate::sessions::Sessions;
use crate::surroundings::Surroundings;
use crate::timeline::{Timeline, TimelineReader};
use crate::totals::TotalsTable;
use crate::transactions::{ProviderReferences, Transactions, TransactionsBinder, TransactionsWriter};
use crate::vault::{Opener, Vault};
use crate::webhooks::{Deliveries, Endpoints, Healths, Replays};

pub use crate::env::InvalidVariable;

type Found<T> = Result<T, InvalidVariable>;

/// Tables, queues, files, secrets and, by its surroundings, settings, by what they hold. Each method fails when the process was not given
/// what it needs; nothing is reached over the network before it is used.
pub struct Stores {
    around: Surroundings,
    services: Arc<dyn Services>,
    dynamo: OnceLock<Dynamo>,
}

impl Stores {
    /// Those of this process: AWS as its environment names it, the clock on the wall, the system's randomness.
    #[must_use]
    pub fn of_process() -> Self {
        Self::within(Surroundings::of_process(), Arc::new(Aws::default()))
    }

    /// Those that `env` names, reached through `services`.
    #[must_use]
    pub fn new(
        env: Env,
        services: Arc<dyn Services>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self::within(Surroundings::new(env, clock, entropy), services)
    }

    fn within(around: Surroundings, services: Arc<dyn Services>) -> Self {
        Self { around, services, dynamo: OnceLock::new() }
    }

    /// The client of all tables, for whoever asks what was consumed.
    #[must_use]
    pub fn dynamo(&self) -> &Dynamo {
        self.dynamo.get_or_init(|| self.services.dynamo())
    }
}

/// A hall has surroundings, too.
impl Deref for Stores {
    type Target = Surroundings;

    fn deref(&self) -> &Surroundings {
        &self.around
    }
}

/// Tables. A function asks for no more than it may do: a reader where it only reads. Each method fails when the table's
/// variable is not set.
impl Stores {
    /// Merchants; what is read is believed for a minute.
    pub fn merchants(&self) -> Found<Merchants> {
        Ok(Merchants::new(self.dynamo(), self.env.required("MERCHANTS_TABLE")?, self.clock()))
    }

    /// Who may ask for tokens.
    pub fn clients(&self) -> Found<Clients> {
        Ok(Clients::new(self.dynamo(), self.env.required("CLIENTS_TABLE")?))
    }

    /// Their failed attempts to get a token.
    pub fn failures(&self) -> Found<Failures> {
        Ok(Failures::new(self.dynamo(), self.env.required("CLIENTS_TABLE")?, self.clock()))
    }

    /// Who signed in and goes on without their secret.
    pub fn sessions(&self) -> Found<Sessions> {
        Ok(Sessions::new(self.dynamo(), self.env.required("SESSIONS_TABLE")?))
    }

    /// Who changed what, to write down.
    pub fn audit_trail(&self) -> Found<AuditTrail> {
        Ok(AuditTrail::new(self.dynamo(), self.env.required("AUDIT_TABLE")?))
    }

    /// Who changed what, to read.
    pub fn audit_reader(&self) -> Found<AuditReader> {
        Ok(AuditReader::new(self.dynamo(), self.env.required("AUDIT_TABLE")?))
    }

    /// Answers kept for whoever asks again.
    pub fn kept_answers(&self) -> Found<KeptAnswers> {
        let table = self.env.required("IDEMPOTENCY_TABLE")?;
        Ok(KeptAnswers::new(self.dynamo(), table, self.vault()?, self.clock(), self.entropy()))
    }

    /// Records, for somebody.
    pub fn transactions(&self) -> Found<Transactions> {
        Ok(Transactions::new(self.dynamo(), self.env.required("TRANSACTIONS_TABLE")?))
    }

    /// Records, for workers, who also write them.
    pub fn transactions_writer(&self) -> Found<TransactionsWriter> {
        Ok(TransactionsWriter::new(self.transactions()?))
    }

    /// Records with the providers' ids that they are found by.
    pub fn transactions_binder(&self) -> Found<TransactionsBinder> {
        Ok(TransactionsBinder::new(self.transactions_writer()?, self.provider_references()?))
    }

    /// Where providers' ids lead to, to read.
    pub fn provider_references(&self) -> Found<ProviderReferences> {
        Ok(ProviderReferences::new(self.dynamo(), self.env.required("PROVIDER_REFERENCES_TABLE")?))
    }

    /// Reports that wait, and account numbers.
    pub fn report_keys(&self) -> Found<ReportKeys> {
        Ok(ReportKeys::new(self.dynamo(), self.env.required("REPORT_KEYS_TABLE")?))
    }

    /// Timelines, to write; entries live as long as the stage keeps them.
    pub fn timeline(&self) -> Found<Timeline> {
        let retention_days = self.env.parsed("TIMELINE_RETENTION_DAYS")?;
        Ok(Timeline::new(self.dynamo(), self.timeline_table()?, retention_days))
    }

    /// Timelines, to read.
    pub fn timeline_reader(&self) -> Found<TimelineReader> {
        Ok(TimelineReader::new(self.dynamo(), self.timeline_table()?))
    }

    fn timeline_table(&self) -> Found<String> {
        self.env.required("TIMELINE_TABLE")
    }

    /// Running totals.
    pub fn totals(&self) -> Found<TotalsTable> {
        Ok(TotalsTable::new(self.dynamo(), self.env.required("TOTALS_TABLE")?, self.entropy().as_ref()))
    }

    /// What moved, by business day.
    pub fn ledger(&self) -> Found<LedgerTable> {
        Ok(LedgerTable::new(self.dynamo(), self.env.required("LEDGER_TABLE")?))
    }

    /// Providers; what is read is believed for half a minute, unless it is asked for as it is now.
    pub fn providers(&self) -> Found<Providers> {
        Ok(Providers::new(self.dynamo(), self.env.required("PROVIDERS_TABLE")?, self.clock()))
    }

    /// What was observed of providers.
    pub fn health(&self) -> Found<Health> {
        let table = self.env.required("PROVIDER_HEALTH_TABLE")?;
        Ok(Health::new(self.dynamo(), table, self.clock(), self.entropy().as_ref()))
    }

    /// Webhook endpoints.
    pub fn endpoints(&self) -> Found<Endpoints> {
        Ok(Endpoints::new(self.dynamo(), self.webhooks_table()?))
    }

    /// Webhook deliveries and attempts.
    pub fn deliveries(&self) -> Found<Deliveries> {
        Ok(Deliveries::new(self.dynamo(), self.webhooks_table()?))
    }

    /// How webhook endpoints do.
    pub fn endpoint_healths(&self) -> Found<Healths> {
        Ok(Healths::new(self.dynamo(), self.webhooks_table()?))
    }

    /// Replays of webhook deliveries.
    pub fn webhook_replays(&self) -> Found<Replays> {
        Ok(Replays::new(self.dynamo(), self.webhooks_table()?))
    }

    fn webhooks_table(&self) -> Found<String> {
        self.env.required("WEBHOOKS_TABLE")
    }

    /// Statements, runs and exceptions.
    pub fn reconciliation(&self) -> Found<Reconciliation> {
        Ok(Reconciliation::new(self.dynamo(), self.env.required("RECONCILIATION_TABLE")?))
    }
}

/// Queues, files, secrets. Each method fails when its variable is not set.
impl Stores {
    /// The queue of callbacks to be applied.
    pub fn transaction_events(&self) -> Found<Arc<dyn Queue>> {
        self.queue("TRANSACTION_EVENTS_QUEUE_URL")
    }

    /// The queue of first attempts.
    pub fn webhook_deliveries(&self) -> Found<Arc<dyn Queue>> {
        self.queue("WEBHOOK_DELIVERIES_QUEUE_URL")
    }

    /// The queue of further attempts.
    pub fn webhook_retries(&self) -> Found<Arc<dyn Queue>> {
        self.queue("WEBHOOK_RETRIES_QUEUE_URL")
    }

    /// The queue of runs to begin.
    pub fn reconciliation_runs(&self) -> Found<Arc<dyn Queue>> {
        self.queue("RECONCILIATION_RUNS_QUEUE_URL")
    }

    /// The queue of shards to match.
    pub fn reconciliation_shards(&self) -> Found<Arc<dyn Queue>> {
        self.queue("RECONCILIATION_SHARDS_QUEUE_URL")
    }

    /// The queue of runs to finish.
    pub fn reconciliation_finishes(&self) -> Found<Arc<dyn Queue>> {
        self.queue("RECONCILIATION_FINISHES_QUEUE_URL")
    }

    fn queue(&self, variable: &'static str) -> Found<Arc<dyn Queue>> {
        Ok(self.services.queue(self.env.required(variable)?))
    }

    /// Statements, working files and reports.
    pub fn reconciliation_files(&self) -> Found<Arc<dyn Objects>> {
        Ok(self.services.objects(self.env.required("RECONCILIATION_BUCKET")?))
    }

    /// The bucket of what streams could not bring on.
    pub fn put_aside(&self) -> Found<Putter> {
        Ok(Putter::new(self.services.objects(self.env.required("STREAM_FAILURES_BUCKET")?), self.clock()))
    }

    /// Opens secrets. Which key sealed one stands in the ciphertext, so this needs no variable.
    #[must_use]
    pub fn opener(&self) -> Arc<dyn Opener> {
        self.services.opener()
    }

    /// Seals secrets, and opens them.
    pub fn vault(&self) -> Found<Arc<dyn Vault>> {
        Ok(self.services.vault(self.env.required("KMS_KEY_ID")?))
    }

    /// The keys that sign access tokens.
    pub fn signing_keys(&self) -> Found<Arc<dyn KeySource>> {
        Ok(self.services.keys(self.env.required("SIGNING_KEYS_SECRET_ID")?, self.clock()))
    }

    /// The keys that seal cursors.
    pub fn cursor_keys(&self) -> Found<Arc<dyn KeySource>> {
        Ok(self.services.keys(self.env.required("CURSOR_KEYS_SECRET_ID")?, self.clock()))
    }
}
