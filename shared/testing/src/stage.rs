//! The stage: every table in memory behind a loopback port, and the fakes.

use std::collections::BTreeMap;
use std::sync::Arc;

use dynoxide::Database;
use paywarden_domain::time::Clock;
use paywarden_store::aws::config_for_emulator;
use paywarden_store::clients::Clients;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::keys::{FixedKeySource, KeyRing, KeySource};
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::timeline::Timeline;
use paywarden_store::transactions::Transactions;
use paywarden_store::webhooks::{Deliveries, Endpoints};

use crate::fakes::{MemoryQueue, MemoryVault, SeededEntropy, TestClock};
use crate::template;

/// Everything a function talks to, in this process. The clock shows 2026-11-20 08:00 UTC.
pub struct TestStage {
    /// Where DynamoDB listens.
    pub endpoint: String,
    /// The client of its tables; its meter tells what was consumed.
    pub dynamo: Dynamo,
    /// The clock.
    pub clock: Arc<TestClock>,
    /// Randomness.
    pub entropy: Arc<SeededEntropy>,
    /// The queue of provider reports.
    pub transaction_events: Arc<MemoryQueue>,
    /// The queue of first webhook attempts.
    pub webhook_deliveries: Arc<MemoryQueue>,
    /// The queue of webhook retries.
    pub webhook_retries: Arc<MemoryQueue>,
    /// KMS.
    pub vault: Arc<MemoryVault>,
    database: Database,
    server: tokio::task::JoinHandle<()>,
}

impl TestStage {
    /// Starts DynamoDB on a free port and creates the template's tables under their logical ids.
    pub async fn start() -> Self {
        let database = Database::memory().expect("a database in memory opens");
        for table in template::tables().expect("the template's tables can be read") {
            let request =
                serde_json::from_value(table.request).expect("the template's tables are well-formed");
            database.create_table(request).unwrap_or_else(|error| panic!("{}: {error}", table.name));
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let endpoint = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
        let server = tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
        Self {
            dynamo: Dynamo::new(&config_for_emulator(&endpoint)),
            endpoint,
            clock: Arc::new(TestClock::at("2026-11-20T08:00:00Z")),
            entropy: Arc::new(SeededEntropy::new(7)),
            transaction_events: Arc::default(),
            webhook_deliveries: Arc::default(),
            webhook_retries: Arc::default(),
            vault: Arc::default(),
            database,
            server,
        }
    }

    /// The clock, as functions take it.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }

    /// A ring of one key, for tokens and cursors.
    #[must_use]
    pub fn keys(&self) -> Arc<dyn KeySource> {
        let keys =
            BTreeMap::from([("k1".to_owned(), b"a key of the test stage, 32 bytes and more".to_vec())]);
        Arc::new(FixedKeySource(Arc::new(KeyRing::new("k1", keys))))
    }

    /// The transactions and provider-references tables.
    #[must_use]
    pub fn transactions(&self) -> Transactions {
        Transactions::new(&self.dynamo, "TransactionsTable".to_owned(), "ProviderReferencesTable".to_owned())
    }

    /// The timeline table.
    #[must_use]
    pub fn timeline(&self) -> Timeline {
        Timeline::new(&self.dynamo, "TimelineTable".to_owned(), 90)
    }

    /// The merchants table.
    #[must_use]
    pub fn merchants(&self) -> Merchants {
        Merchants::new(&self.dynamo, "MerchantsTable".to_owned(), self.clock())
    }

    /// The clients table.
    #[must_use]
    pub fn clients(&self) -> Clients {
        Clients::new(&self.dynamo, "ClientsTable".to_owned())
    }

    /// The providers table.
    #[must_use]
    pub fn providers(&self) -> Providers {
        Providers::new(&self.dynamo, "ProvidersTable".to_owned(), self.clock())
    }

    /// The endpoints in the webhooks table.
    #[must_use]
    pub fn endpoints(&self) -> Endpoints {
        Endpoints::new(&self.dynamo, "WebhooksTable".to_owned())
    }

    /// The deliveries in the webhooks table.
    #[must_use]
    pub fn deliveries(&self) -> Deliveries {
        Deliveries::new(&self.dynamo, "WebhooksTable".to_owned())
    }

    /// How many items a table (by its logical id) holds.
    #[must_use]
    pub fn count(&self, table: &str) -> usize {
        let request = serde_json::json!({"TableName": table, "Select": "COUNT"});
        let request = serde_json::from_value(request).expect("a scan request");
        let scanned = self.database.scan(request).unwrap_or_else(|error| panic!("{table}: {error}"));
        scanned.count
    }
}

impl Drop for TestStage {
    fn drop(&mut self) {
        self.server.abort();
    }
}
