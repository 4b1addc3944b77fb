//! What each step of a reconciliation run holds in memory at most, beside what the template gives its function. Each is a
//! process of its own, over tables that this one serves and files in a folder; one that takes more than it would be given
//! fails the benchmark.
//!
//! The rows are those that cost most: the statement names no references, as a bank's, so that no shard decides anything, and
//! all rows of both sides are matched together at the end. One pair in five hundred differs and becomes an exception.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark speaks to people and fails loudly"
)]

mod front;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;

use async_trait::async_trait;
use paywarden_domain::actor::Actor;
use paywarden_domain::id::StatementId;
use paywarden_domain::ledger::rows;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::reconciliation::Rules;
use paywarden_domain::reconciliation::run::{Run, RunScope, Trigger};
use paywarden_domain::statement::Statement;
use paywarden_domain::time::{Clock, Day};
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::transaction::report::Report;
use paywarden_domain::vocabulary::Status;
use paywarden_reconciliation::finish::Finisher;
use paywarden_reconciliation::intake::Intake;
use paywarden_reconciliation::partition::Partitioner;
use paywarden_reconciliation::shard::Matcher;
use paywarden_reconciliation::start::ids;
use paywarden_reconciliation::work::Work;
use paywarden_store::StoreError;
use paywarden_store::aws::config_for_emulator;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::merchants::Merchants;
use paywarden_store::objects::Objects;
use paywarden_store::queue::{Message, Queue};
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::system::SystemClock;
use paywarden_testing::{TestStage, builders};

use front::{Ledger, NUMBER};

/// Payments; three rows each on each side make five million a side.
const PAYMENTS: u32 = 1_666_667;

/// Of so many pairs, one differs.
const PAIRS_A_DIFFERENCE: u32 = 500;

/// Rows of both sides in a shard, as the template has it.
const SHARD_ROWS: u32 = 400_000;

const PAID_AT: &str = "2026-11-20T03:00:00Z";

/// The steps in their order, and the functions they run in.
const STEPS: [(&str, &str); 4] = [
    ("intake", "ParseStatementFunction"),
    ("partition", "PartitionReconciliationFunction"),
    ("shard", "ReconcileShardFunction"),
    ("finish", "FinishReconciliationFunction"),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match arguments.iter().position(|argument| argument == "--step") {
        Some(place) => {
            let [step, endpoint, folder] = [1, 2, 3].map(|more| arguments[place + more].clone());
            runtime.block_on(Process::new(&endpoint, Path::new(&folder)).step(&step));
            println!("{}", peak_kilobytes());
            ExitCode::SUCCESS
        }
        None => {
            let payments = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(PAYMENTS);
            runtime.block_on(measure(payments))
        }
    }
}

/// Runs each step by itself and holds it against its function.
async fn measure(payments: u32) -> ExitCode {
    let folder = std::env::temp_dir().join(format!("paywarden-bench-memory-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let stage = TestStage::without_streams().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    let provider = builders::charging(builders::provider(&merchant, ProviderType::Xendit));
    let provider = stage.add_this_provider(provider, &serde_json::json!({})).await;
    let item = one_item(&stage, &merchant, &provider).await;
    let endpoint = front::open(&stage.endpoint, Ledger { item, rows: payments as usize }).await;
    write_statement(&folder.join("statement.csv"), payments);
    std::fs::write(folder.join("provider.json"), serde_json::to_string(&provider).unwrap()).unwrap();
    println!("{} rows a side\n{:<12}{:>10}{:>14}", payments * 3, "", "peak MB", "MemorySize");
    let mut fits = true;
    for (step, function) in STEPS {
        let (peak, given) = (peak_of(step, &endpoint, &folder).await, memory_of(function));
        let verdict = if peak <= given { "" } else { "  too much" };
        println!("{step:<12}{peak:>10}{given:>14}{verdict}");
        fits &= peak <= given;
    }
    std::fs::remove_dir_all(&folder).unwrap();
    if fits { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The most megabytes that a step's process had at once.
async fn peak_of(step: &str, endpoint: &str, folder: &Path) -> u64 {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--step", step, endpoint]).arg(folder);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{step}: {}", String::from_utf8_lossy(&output.stderr));
    let kilobytes: u64 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
    kilobytes.div_ceil(1024)
}

/// The most memory this process had at once.
fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

/// The megabytes that the template gives a function.
fn memory_of(function: &str) -> u64 {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/template.yaml");
    let template: serde_norway::Value =
        serde_norway::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    template["Resources"][function]["Properties"]["MemorySize"].as_u64().unwrap()
}

/// Puts one payment into the ledger, and answers the item of its row.
async fn one_item(stage: &TestStage, merchant: &Merchant, provider: &Provider) -> String {
    let reference = format!("INV{NUMBER}");
    let recorded = builders::draft(&reference).into_transaction(merchant, builders::at(PAID_AT), "corr");
    let report = Report {
        provider_transaction_id: Some(format!("id{NUMBER}")),
        ..builders::report(&reference, Status::Paid, PAID_AT)
    };
    let paid = apply(&recorded, &report, &builders::origin(provider, PAID_AT)).next.unwrap();
    stage.ledger().project(&[(Vec::new(), rows(&paid))]).await.unwrap();
    let items = stage.items("LedgerTable");
    serde_json::to_string(&items[0]).unwrap()
}

fn write_statement(path: &Path, payments: u32) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    writeln!(
        file,
        "reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status"
    )
    .unwrap();
    for number in 0..payments {
        let paid = if number % PAIRS_A_DIFFERENCE == 0 { 9_000 } else { 10_000 };
        for (kind, side, amount) in
            [("Transfer", "credit", paid), ("Fee", "debit", 4_500), ("Tax", "debit", 495)]
        {
            writeln!(file, ",id{number:09},{kind},{side},{amount},IDR,{PAID_AT},,SETTLED").unwrap();
        }
    }
    file.flush().unwrap();
}

/// A process that does one step.
struct Process {
    dynamo: Dynamo,
    objects: Arc<FolderObjects>,
    folder: PathBuf,
}

impl Process {
    fn new(endpoint: &str, folder: &Path) -> Self {
        Self {
            dynamo: Dynamo::new(&config_for_emulator(endpoint)),
            objects: Arc::new(FolderObjects(folder.join("objects"))),
            folder: folder.to_owned(),
        }
    }

    async fn step(&self, step: &str) {
        match step {
            "intake" => self.intake().await,
            "partition" => self.partition().await,
            "shard" => self.shards().await,
            "finish" => self.finish().await,
            other => panic!("{other} is no step"),
        }
    }

    fn table(&self) -> Reconciliation {
        Reconciliation::new(&self.dynamo, "ReconciliationTable".to_owned())
    }

    fn queue(&self, name: &str) -> Arc<dyn Queue> {
        Arc::new(FileQueue(self.folder.join(name)))
    }

    fn waiting(&self, name: &str) -> Vec<Work> {
        let text = std::fs::read_to_string(self.folder.join(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Takes the statement in, and starts the run.
    async fn intake(&self) {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let intake = Intake { table: self.table(), objects: self.objects.clone(), clock: clock.clone() };
        let provider = std::fs::read_to_string(self.folder.join("provider.json")).unwrap();
        let provider: Provider = serde_json::from_str(&provider).unwrap();
        let of = (provider.merchant_id.clone(), provider.id.clone());
        let id = StatementId::derived("bench", &[b"statement"]);
        let statement = Statement::announced(id, of, None, Actor::Operator, clock.now());
        let taken = intake.take(&statement, &self.folder.join("statement.csv")).await.unwrap();
        let run = run(&taken, clock.as_ref());
        self.table().create_run(&run).await.unwrap();
        Work::on(&run).send(&self.queue("runs"), &run).await.unwrap();
    }

    async fn partition(&self) {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let partitioner = Partitioner {
            table: self.table(),
            objects: self.objects.clone(),
            merchants: Merchants::new(&self.dynamo, "MerchantsTable".to_owned(), clock.clone()),
            ledger: LedgerTable::new(&self.dynamo, "LedgerTable".to_owned()),
            shards: self.queue("shards"),
            clock,
            shard_rows: SHARD_ROWS,
            part_rows: paywarden_reconciliation::partition::PART_ROWS,
        };
        for work in self.waiting("runs") {
            partitioner.handle(work).await.unwrap();
        }
    }

    /// All shards, one after the other: the most that any of them took counts.
    async fn shards(&self) {
        let matcher = Matcher {
            table: self.table(),
            objects: self.objects.clone(),
            finishes: self.queue("finishes"),
            clock: Arc::new(SystemClock),
        };
        for work in self.waiting("shards") {
            matcher.handle(work).await.unwrap();
        }
    }

    async fn finish(&self) {
        let finisher =
            Finisher { table: self.table(), objects: self.objects.clone(), clock: Arc::new(SystemClock) };
        for work in self.waiting("finishes") {
            finisher.handle(work.clone()).await.unwrap();
            let run = self.table().run(&work.run_id).await.unwrap().unwrap();
            assert!(run.summary.is_some(), "{:?} {:?}", run.state, run.failure);
        }
    }
}

fn run(statement: &Statement, clock: &dyn Clock) -> Run {
    let day = Day::parse("2026-11-20").unwrap();
    let scope = RunScope {
        merchant_id: statement.merchant_id.clone(),
        provider_id: statement.provider_id.clone(),
        from: day,
        until: day,
        as_of: None,
        statement_ids: ids(&[statement]),
        rules: Rules::default(),
        dry_run: false,
    };
    let id = scope.run_id(&["bench".to_owned()]);
    Run::queued(id, scope, Trigger::Manual, Actor::Operator, clock.now())
}

/// Objects as files.
struct FolderObjects(PathBuf);

impl FolderObjects {
    fn copy(from: &Path, to: &Path, operation: &'static str) -> Result<(), StoreError> {
        let failed = |error: std::io::Error| StoreError::Unavailable { operation, detail: error.to_string() };
        std::fs::create_dir_all(to.parent().unwrap()).map_err(failed)?;
        std::fs::copy(from, to).map(|_| ()).map_err(failed)
    }
}

#[async_trait]
impl Objects for FolderObjects {
    async fn fetch(&self, key: &str, to: &Path) -> Result<bool, StoreError> {
        let from = self.0.join(key);
        if !from.exists() {
            return Ok(false);
        }
        Self::copy(&from, to, "GetObject").map(|()| true)
    }

    async fn keep(&self, key: &str, from: &Path) -> Result<(), StoreError> {
        Self::copy(from, &self.0.join(key), "PutObject")
    }

    async fn keep_text(&self, key: &str, _: String) -> Result<(), StoreError> {
        panic!("no run keeps a text under {key}")
    }

    async fn upload_url(&self, key: &str, _: u32) -> Result<String, StoreError> {
        panic!("nobody asks for the address of {key}")
    }

    async fn download_url(&self, key: &str, _: &str, _: u32) -> Result<String, StoreError> {
        panic!("nobody asks for the address of {key}")
    }
}

/// Messages as lines of a file.
struct FileQueue(PathBuf);

#[async_trait]
impl Queue for FileQueue {
    async fn send(&self, message: Message) -> Result<(), StoreError> {
        let mut file = File::options().create(true).append(true).open(&self.0).unwrap();
        writeln!(file, "{}", message.body).unwrap();
        Ok(())
    }

    async fn send_batch(&self, messages: Vec<Message>) -> Result<Vec<usize>, StoreError> {
        for message in messages {
            self.send(message).await?;
        }
        Ok(Vec::new())
    }
}
