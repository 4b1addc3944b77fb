//! The stage: every table in memory behind a loopback port, and the fakes.

mod transactions;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_lambda_events::event::dynamodb::Event;
use dynoxide::Database;
use paywarden_domain::access::Role;
use paywarden_domain::client::Client;
use paywarden_domain::entropy::Entropy;
use paywarden_domain::id::EndpointId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::change::Change;
use paywarden_domain::provider::{Actor, Provider, ProviderType};
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::run::{Run, RunState};
use paywarden_domain::session::{RefreshToken, Session};
use paywarden_domain::statement::Statement;
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::{Endpoint, EndpointStatus, EventType};
use paywarden_store::aws::{SdkConfig, config_for_emulator};
use paywarden_store::clients::Clients;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::env::Env;
use paywarden_store::health::Health;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::{Providers, StoredProvider};
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::services::Services;
use paywarden_store::sessions::Sessions;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::timeline::{Timeline, TimelineReader};
use paywarden_store::totals::TotalsTable;
use paywarden_store::vault::{Context, Vault};
use paywarden_store::webhooks::{Deliveries, Endpoints, StoredEndpoint};

use serde::de::DeserializeOwned;
use serde_json::json;

use crate::builders;
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

    /// The clock, as functions take it.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }

    /// The hall of one function: what the template gives it, and no more.
    #[must_use]
    pub fn stores_of(&self, function: &str) -> Stores {
        self.stores_with(Some(function), &[])
    }

    /// The hall of all functions together.
    #[must_use]
    pub fn stores(&self) -> Stores {
        self.stores_with(None, &[])
    }

    /// A hall with some variables set to something else.
    #[must_use]
    pub fn stores_with(&self, function: Option<&str>, set: &[(&str, &str)]) -> Stores {
        let mut variables = template::variables(function).expect("the template can be read");
        variables.extend(set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let pairs: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let services = Arc::clone(&self.services) as Arc<dyn Services>;
        Stores::new(Env::of(&pairs), services, self.clock(), Arc::clone(&self.entropy) as Arc<dyn Entropy>)
    }

    /// What a function works with here. It stays until the process of the tests ends, as a function's does.
    pub(crate) fn wire<D>(
        &self,
        function: &str,
        wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
    ) -> &'static D {
        Box::leak(Box::new(wired(wire(&self.stores_of(function)))))
    }

    /// The queue of this logical id in the template.
    #[must_use]
    pub fn queue(&self, id: &str) -> Arc<MemoryQueue> {
        self.services.memory_queue(id)
    }

    /// The timeline table, to be read.
    #[must_use]
    pub fn timeline(&self) -> TimelineReader {
        wired(self.stores().timeline_reader())
    }

    /// The timeline table, to be written.
    #[must_use]
    pub fn timeline_writer(&self) -> Timeline {
        wired(self.stores().timeline())
    }

    /// The totals table.
    #[must_use]
    pub fn totals(&self) -> TotalsTable {
        wired(self.stores().totals())
    }

    /// The ledger table.
    #[must_use]
    pub fn ledger(&self) -> LedgerTable {
        wired(self.stores().ledger())
    }

    /// The reconciliation table.
    #[must_use]
    pub fn reconciliation(&self) -> Reconciliation {
        wired(self.stores().reconciliation())
    }

    /// The merchants table.
    #[must_use]
    pub fn merchants(&self) -> Merchants {
        wired(self.stores().merchants())
    }

    /// The clients table.
    #[must_use]
    pub fn clients(&self) -> Clients {
        wired(self.stores().clients())
    }

    /// The sessions table.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        wired(self.stores().sessions())
    }

    /// The providers table.
    #[must_use]
    pub fn providers(&self) -> Providers {
        wired(self.stores().providers())
    }

    /// The provider-health table.
    #[must_use]
    pub fn health(&self) -> Health {
        wired(self.stores().health())
    }

    /// The endpoints in the webhooks table.
    #[must_use]
    pub fn endpoints(&self) -> Endpoints {
        wired(self.stores().endpoints())
    }

    /// The deliveries in the webhooks table.
    #[must_use]
    pub fn deliveries(&self) -> Deliveries {
        wired(self.stores().deliveries())
    }

    /// Adds a webhook endpoint that wants these events.
    pub async fn add_endpoint(
        &self,
        merchant: &Merchant,
        status: EndpointStatus,
        events: &[EventType],
    ) -> EndpointId {
        let endpoint = Endpoint {
            id: EndpointId::mint(self.clock.now(), self.entropy.as_ref()),
            merchant_id: merchant.id.clone(),
            url: "https://shop.example/hooks".to_owned(),
            events: events.to_vec(),
            description: None,
            status,
            created_at: self.clock.now(),
        };
        let stored = StoredEndpoint { endpoint, sealed_secret: "sealed".to_owned() };
        self.endpoints().create(&stored).await.expect("the endpoint is new");
        stored.endpoint.id
    }

    /// Adds a merchant of this name and answers it.
    pub async fn add_merchant(&self, name: &str) -> Merchant {
        let merchant = builders::merchant(name);
        self.merchants().create(&merchant).await.expect("the merchant is new");
        merchant
    }

    /// Adds the client that [`builders::caller`] makes a caller of, and answers it.
    pub async fn add_client(&self, merchant: &Merchant, role: Role) -> Client {
        let client = builders::client(merchant, role);
        self.clients().create(&client).await.expect("the client is new");
        client
    }

    /// Adds a session of the client that [`builders::caller`] makes a caller of, and answers it with its refresh token. The clock
    /// goes on by a second, so that sessions stand in the order in which they are added.
    pub async fn add_session(&self, merchant: &Merchant, role: Role) -> (Session, RefreshToken) {
        let (client, token) =
            (builders::client(merchant, role), RefreshToken::generate(self.entropy.as_ref()));
        let session = Session::begin(&client, &client.secret_hash, &token, self.clock.now());
        self.sessions().begin(&session).await.expect("the session is new");
        self.clock.advance_seconds(1);
        (session, token)
    }

    /// Adds a provider of this type with credentials, sealed as the store keeps them, and answers it.
    pub async fn add_provider(
        &self,
        merchant: &Merchant,
        provider_type: ProviderType,
        credentials: &serde_json::Value,
    ) -> Provider {
        self.add_this_provider(builders::provider(merchant, provider_type), credentials).await
    }

    /// Adds a provider that was made by hand, and answers it.
    pub async fn add_this_provider(&self, provider: Provider, credentials: &serde_json::Value) -> Provider {
        let context = Context::provider(&provider.merchant_id, &provider.id);
        let sealed = self.vault.seal(&context, &json!({"current": credentials}).to_string()).await;
        let stored = StoredProvider {
            provider: provider.clone(),
            sealed_credentials: sealed.expect("the vault in memory seals"),
        };
        let change = Change::between(None, &provider, Actor::Operator, None);
        self.providers().create(&stored, &change).await.expect("the provider is new");
        provider
    }

    /// Adds what finance works with: a provider, its statement, a run over that, and the run's two exceptions.
    pub async fn add_run(&self, merchant: &Merchant) -> (Provider, Statement, Run) {
        let provider = self.add_provider(merchant, ProviderType::Xendit, &json!({})).await;
        let statement = builders::statement(&provider);
        let run = builders::run(&statement);
        let table = self.reconciliation();
        table.put_statement(&statement).await.expect("a statement can be written");
        table.create_run(&run).await.expect("the run is new");
        let exceptions = [
            builders::exception(&run, 0, Outcome::AmountOver),
            builders::exception(&run, 1, Outcome::MissingInternal),
        ];
        for exception in &exceptions {
            table.put_exception(exception).await.expect("the exception is new");
        }
        let found = exceptions.iter().map(|exception| (exception.outcome, &exception.id));
        table.note_findings(&run.id, found).await.expect("findings can be written");
        (provider, statement, run)
    }

    /// Adds a run that is completed, with its summary.
    pub async fn add_completed_run(&self, merchant: &Merchant) -> Run {
        let (_, _, queued) = self.add_run(merchant).await;
        let summary = json!({"conserved": true}).to_string();
        let completed = builders::run_in(&queued, RunState::Completed, self.clock.now());
        let run = Run { summary: Some(summary), ..completed };
        self.reconciliation().replace_run(&run).await.expect("the run is as it was");
        run
    }

    /// Renames a provider, so that its history grows.
    pub async fn rename_provider(&self, provider: &Provider, name: &str) {
        let stored = self.providers().find_latest(&provider.merchant_id, &provider.id).await;
        let stored = stored.expect("the table answers").expect("the provider is there");
        let version = stored.provider.version;
        let renamed = Provider { name: name.to_owned(), ..stored.provider.clone() };
        let renamed = renamed.changed(self.clock.now());
        let change = Change::between(Some(&stored.provider), &renamed, Actor::Operator, None);
        let next = StoredProvider { provider: renamed, ..stored };
        self.providers().replace(&next, version, &change).await.expect("the provider is as it was");
    }

    /// Everything the providers table's stream has told so far, as Lambda gets it.
    #[must_use]
    pub fn provider_changes(&self) -> Event {
        self.changes("ProvidersTable", None)
    }

    /// Everything the reconciliation table's stream has told so far, as Lambda gets it.
    #[must_use]
    pub fn reconciliation_changes(&self) -> Event {
        self.changes("ReconciliationTable", None)
    }

    fn changes(&self, table: &str, behind: Option<&str>) -> Event {
        let json =
            |value: serde_json::Value| serde_json::from_value(value).expect("the event is well-formed");
        let (arn, shard) = self.stream(table);
        let iterator = match behind {
            Some(number) => json!({"StreamArn": arn, "ShardId": shard,
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": number}),
            None => json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}),
        };
        let iterator = self.database.get_shard_iterator(request(iterator)).expect("an iterator");
        let iterator = serde_json::to_value(iterator).expect("an answer is JSON");
        let records = json!({"ShardIterator": iterator["ShardIterator"]});
        let records = self.database.get_records(request(records)).expect("records");
        json(json!({"Records": serde_json::to_value(records).expect("an answer is JSON")["Records"]}))
    }

    /// A table's stream and its one shard. The emulation counts the whole table to tell them, so they are asked for once.
    fn stream(&self, table: &str) -> (String, String) {
        let mut streams = self.streams.lock().expect("no test panics while it holds the streams");
        let described = || {
            let arn = self.stream_arn(table);
            let stream = self.database.describe_stream(request(json!({"StreamArn": arn}))).expect("a stream");
            let stream = serde_json::to_value(stream).expect("an answer is JSON");
            let shard = stream["StreamDescription"]["Shards"][0]["ShardId"].as_str();
            (arn, shard.unwrap_or_default().to_owned())
        };
        streams.entry(table.to_owned()).or_insert_with(described).clone()
    }

    fn stream_arn(&self, table: &str) -> String {
        let described = self.database.describe_table(request(json!({"TableName": table}))).expect("a table");
        let described = serde_json::to_value(described).expect("an answer is JSON");
        described["Table"]["LatestStreamArn"].as_str().unwrap_or_default().to_owned()
    }

    /// How many items a table (by its logical id) holds.
    #[must_use]
    pub fn count(&self, table: &str) -> usize {
        let scanned = self.database.scan(request(json!({"TableName": table, "Select": "COUNT"})));
        let scanned = scanned.unwrap_or_else(|error| panic!("{table}: {error}"));
        scanned.count
    }

    /// Makes the rows of a table that are meant rows that this code cannot read, as a newer version of it may write them: a
    /// member has a value that is not known yet.
    pub fn spoil(&self, table: &str, member: &str, is_meant: impl Fn(&serde_json::Value) -> bool) {
        for mut item in self.items(table).into_iter().filter(is_meant) {
            item[member] = json!({"S": "A_WORD_OF_THE_NEXT_VERSION"});
            let put = self.database.put_item(request(json!({"TableName": table, "Item": item})));
            put.unwrap_or_else(|error| panic!("{table}: {error}"));
        }
    }

    /// All items of a table (by its logical id) as DynamoDB's JSON, in the order of their text.
    #[must_use]
    pub fn items(&self, table: &str) -> Vec<serde_json::Value> {
        let scanned = self.database.scan(request(json!({"TableName": table})));
        let scanned = scanned.unwrap_or_else(|error| panic!("{table}: {error}"));
        let mut scanned = serde_json::to_value(scanned).expect("an answer is JSON");
        let mut items: Vec<_> = scanned["Items"].as_array_mut().map(std::mem::take).unwrap_or_default();
        items.iter_mut().for_each(serde_json::Value::sort_all_objects);
        items.sort_by_key(ToString::to_string);
        items
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
