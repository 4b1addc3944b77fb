//! The stage: every table in memory behind a loopback port, and the fakes.

mod items;
mod merchants;
mod providers;
mod reconciliation;
mod stores;
mod streams;
mod transactions;
mod webhooks;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use dynoxide::Database;
use paywarden_store::aws::{SdkConfig, config_for_emulator};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::stores::InvalidVariable;
use serde::de::DeserializeOwned;

use crate::fakes::{MemoryObjects, MemoryQueue, MemoryVault, SeededEntropy, TestClock};
use crate::faults::Faults;
use crate::services::TestServices;
use crate::template;
use crate::wire::Wire;

/// In the order of the steps that take from them.
const RECONCILIATION_QUEUES: [&str; 3] =
    ["ReconciliationRunsQueue", "ReconciliationShardsQueue", "ReconciliationFinishesQueue"];

/// Everything a function talks to, in this process. The clock shows 2026-11-20 08:00 UTC.
pub struct TestStage {
    /// Where its tables are served; empty where they are not.
    pub endpoint: String,
    /// The client of its tables; its meter tells what was consumed.
    pub dynamo: Dynamo,
    pub clock: Arc<TestClock>,
    pub entropy: Arc<SeededEntropy>,
    /// The queue of provider reports.
    pub transaction_events: Arc<MemoryQueue>,
    /// The queue of first webhook attempts.
    pub webhook_deliveries: Arc<MemoryQueue>,
    /// The queue of webhook retries.
    pub webhook_retries: Arc<MemoryQueue>,
    /// The queues between the steps of reconciliation: runs to begin, shards to match, runs to finish.
    pub reconciliation_queues: [Arc<MemoryQueue>; 3],
    /// S3.
    pub objects: Arc<MemoryObjects>,
    /// What kills the process that talks to all this.
    pub faults: Arc<Faults>,
    pub vault: Arc<MemoryVault>,
    services: Arc<TestServices>,
    /// What is known of the tables' streams.
    streams: Mutex<BTreeMap<String, (String, String)>>,
    database: Database,
    server: Option<tokio::task::JoinHandle<()>>,
}

impl TestStage {
    /// Starts DynamoDB on a free port and creates the template's tables under their logical ids.
    pub async fn start() -> Self {
        Self::with(Database::memory().expect("a database in memory opens"), true).await
    }

    /// The same without streams. The emulation numbers a stream's records by looking at all of them, so that a table
    /// with a stream takes a hundred thousand rows in the square of the time.
    pub async fn without_streams() -> Self {
        Self::with(Database::memory().expect("a database in memory opens"), false).await
    }

    /// The same without streams, in a file: for more rows than memory should hold.
    pub async fn in_file(path: &std::path::Path) -> Self {
        let path = path.to_str().expect("the path is text");
        let database = Database::new(path).expect("a database in a file opens");
        database.enable_bulk_loading().expect("a database can be told that its loss does not matter");
        Self::with(database, false).await
    }

    /// The same with streams and without a port: each operation is done where it is asked for, when its turn has come (see
    /// [`Turns`](crate::Turns)).
    #[must_use]
    pub fn in_process() -> Self {
        Self::wired(true)
    }

    /// The same without streams, for many writes.
    #[must_use]
    pub fn in_process_without_streams() -> Self {
        Self::wired(false)
    }

    fn wired(streams: bool) -> Self {
        let database = Database::memory().expect("a database in memory opens");
        create_tables(&database, streams);
        let faults = Arc::new(Faults::default());
        let config = Wire::new(&database, &faults).config();
        Self::over(database, String::new(), &config, faults, None)
    }

    async fn with(database: Database, streams: bool) -> Self {
        create_tables(&database, streams);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let endpoint = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
        let server = tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
        let config = config_for_emulator(&endpoint);
        Self::over(database, endpoint, &config, Arc::default(), Some(server))
    }

    fn over(
        database: Database,
        endpoint: String,
        config: &SdkConfig,
        faults: Arc<Faults>,
        server: Option<tokio::task::JoinHandle<()>>,
    ) -> Self {
        let dynamo = Dynamo::intercepted(config, faults.interceptor());
        let services = Arc::new(TestServices::new(dynamo.clone(), &faults));
        let queue = |id| services.memory_queue(id);
        Self {
            transaction_events: queue("TransactionEventsQueue"),
            webhook_deliveries: queue("WebhookDeliveriesQueue"),
            webhook_retries: queue("WebhookRetriesQueue"),
            reconciliation_queues: RECONCILIATION_QUEUES.map(queue),
            objects: Arc::clone(&services.objects),
            vault: Arc::clone(&services.vault),
            dynamo,
            faults,
            endpoint,
            clock: Arc::new(TestClock::at("2026-11-20T08:00:00Z")),
            entropy: Arc::new(SeededEntropy::new(7)),
            services,
            streams: Mutex::default(),
            database,
            server,
        }
    }
}

fn create_tables(database: &Database, streams: bool) {
    for mut table in template::tables().expect("the template's tables can be read") {
        if let (false, Some(members)) = (streams, table.request.as_object_mut()) {
            members.remove("StreamSpecification");
        }
        database
            .create_table(request(table.request))
            .unwrap_or_else(|error| panic!("{}: {error}", table.name));
    }
}

fn wired<T>(made: Result<T, InvalidVariable>) -> T {
    made.unwrap_or_else(|error| panic!("the template gives no function that: {error}"))
}

fn request<T: DeserializeOwned>(members: serde_json::Value) -> T {
    serde_json::from_value(members).expect("a request is well-formed")
}

impl Drop for TestStage {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}
