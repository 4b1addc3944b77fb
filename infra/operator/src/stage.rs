//! A stage, reached with the credentials of the account.

use std::sync::Arc;

use anyhow::Context;
use paywarden_domain::id::MerchantId;
use paywarden_domain::merchant::Merchant;
use paywarden_store::aws::SdkConfig;
use paywarden_store::clients::Clients;
use paywarden_store::env::Env;
use paywarden_store::keys::SecretKeyWriter;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::merchants::Merchants;
use paywarden_store::services::Aws;
use paywarden_store::stores::Stores;
use paywarden_store::system::{SystemClock, SystemEntropy};
use paywarden_store::totals::TotalsTable;
use paywarden_store::transactions::Transactions;

/// Where the running local stack's emulator answers; `cargo xtask` sets it.
const LOCAL_ENDPOINT: &str = "PAYWARDEN_LOCAL_ENDPOINT";

/// The tables that a stage's functions find in their environment, and what each is called behind the stage's name.
const TABLES: [(&str, &str); 11] = [
    ("MERCHANTS_TABLE", "merchants"),
    ("CLIENTS_TABLE", "clients"),
    ("PROVIDERS_TABLE", "providers"),
    ("PROVIDER_HEALTH_TABLE", "provider-health"),
    ("TRANSACTIONS_TABLE", "transactions"),
    ("REPORT_KEYS_TABLE", "report-keys"),
    ("TIMELINE_TABLE", "timeline"),
    ("TOTALS_TABLE", "totals"),
    ("LEDGER_TABLE", "ledger"),
    ("WEBHOOKS_TABLE", "webhooks"),
    ("AUDIT_TABLE", "audit"),
];

/// The queues that projecting and planning send to.
const QUEUES: [(&str, &str); 2] = [
    ("TRANSACTION_EVENTS_QUEUE_URL", "transaction-events"),
    ("WEBHOOK_DELIVERIES_QUEUE_URL", "webhook-deliveries"),
];

/// How long what is written onto a timeline is kept, as the template has it by default.
const TIMELINE_RETENTION: (&str, &str) = ("TIMELINE_RETENTION_DAYS", "400");

/// A stage's tables and keys.
pub struct Stage {
    /// What it is called.
    pub name: String,
    /// How AWS is reached.
    pub config: SdkConfig,
    /// All that its functions have; what operators do as functions do takes from here.
    pub stores: Stores,
    /// Its merchants.
    pub merchants: Merchants,
    /// Their API clients.
    pub clients: Clients,
    /// Rings of signing and cursor keys.
    pub keys: SecretKeyWriter,
    /// Its records.
    pub transactions: Transactions,
    /// Its running totals.
    pub totals: TotalsTable,
    /// Its ledger.
    pub ledger: LedgerTable,
}

impl Stage {
    /// Opens the stage of this name.
    pub fn open(name: &str) -> anyhow::Result<Self> {
        let config = if name == "local" {
            #[expect(clippy::disallowed_methods, reason = "the one variable of this command line")]
            let endpoint = std::env::var(LOCAL_ENDPOINT).context("no local stack is up: cargo xtask up")?;
            paywarden_store::aws::config_for_emulator(&endpoint)
        } else {
            paywarden_store::aws::config_from_environment()
        };
        let services = Arc::new(Aws::with(config.clone()));
        let stores =
            Stores::new(environment(name, &[]), services, Arc::new(SystemClock), Arc::new(SystemEntropy));
        Ok(Self {
            name: name.to_owned(),
            config: config.clone(),
            merchants: stores.merchants()?,
            clients: stores.clients()?,
            keys: SecretKeyWriter::new(&config),
            transactions: stores.transactions()?,
            totals: stores.totals()?,
            ledger: stores.ledger()?,
            stores,
        })
    }

    /// All that functions have, queues included.
    pub async fn stores_with_queues(&self) -> anyhow::Result<Stores> {
        let sqs = aws_sdk_sqs::Client::new(&self.config);
        let mut queues = vec![(TIMELINE_RETENTION.0, TIMELINE_RETENTION.1.to_owned())];
        for (variable, queue) in QUEUES {
            queues.push((variable, queue_url(&sqs, &self.name, queue).await?));
        }
        let services = Arc::new(Aws::with(self.config.clone()));
        let environment = environment(&self.name, &queues);
        Ok(Stores::new(environment, services, Arc::new(SystemClock), Arc::new(SystemEntropy)))
    }

    /// Its files. An emulator has no name per bucket.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let is_local = self.config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(is_local);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// The merchant.
    pub async fn merchant(&self, id: &MerchantId) -> anyhow::Result<Merchant> {
        self.merchants.find(id).await?.with_context(|| format!("there is no merchant {id}"))
    }
}

/// Where a queue of a stage is.
pub async fn queue_url(sqs: &aws_sdk_sqs::Client, stage: &str, queue: &str) -> anyhow::Result<String> {
    let name = format!("paywarden-{stage}-{queue}");
    let found = sqs.get_queue_url().queue_name(&name).send().await;
    let found = found.with_context(|| format!("there is no queue {name}"))?;
    found.queue_url.with_context(|| format!("{name} has no address"))
}

/// What the template gives functions, by the names that it derives from the stage's, and more.
fn environment(stage: &str, more: &[(&str, String)]) -> Env {
    let tables = TABLES.map(|(variable, table)| (variable, format!("paywarden-{stage}-{table}")));
    let key = ("KMS_KEY_ID", format!("alias/paywarden-{stage}"));
    let variables: Vec<_> = tables.into_iter().chain([key]).chain(more.iter().cloned()).collect();
    let pairs: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Env::of(&pairs)
}
