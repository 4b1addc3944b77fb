//! What the steps of a reconciliation run take, with tables and files in this process: seconds by step, beside copying the
//! shards' files once, which is the least that a step can do.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark speaks to people, times itself, and fails loudly"
)]

use std::fmt::Write;
use std::time::{Duration, Instant};

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
use paywarden_domain::vocabulary::Status;
use paywarden_reconciliation::finish::Finisher;
use paywarden_reconciliation::intake::Intake;
use paywarden_reconciliation::partition::Partitioner;
use paywarden_reconciliation::shard::Matcher;
use paywarden_reconciliation::start::{Starter, ids};
use paywarden_reconciliation::work::Work;
use paywarden_testing::{TestStage, builders};
use serde_json::Value;

/// Payments; three rows each on each side.
const PAYMENTS: u32 = 333_334;

/// Rows of both sides in a shard, as the template has it.
const SHARD_ROWS: u32 = 400_000;

const PAID_AT: &str = "2026-11-20T03:00:00Z";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let payments = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(PAYMENTS);
    let folder = std::env::temp_dir().join(format!("paywarden-bench-runs-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let stage = TestStage::in_file(&folder.join("tables.sqlite")).await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    let provider = builders::charging(builders::provider(&merchant, ProviderType::Xendit));
    fill_ledger(&stage, &merchant, &provider, payments).await;
    println!("{} rows a side", payments * 3);
    let statement = take_statement(&stage, &provider, payments, &folder).await;
    let run = start(&stage, &statement).await;
    reconcile(&stage, &run).await;
    std::fs::remove_dir_all(&folder).unwrap();
}

async fn fill_ledger(stage: &TestStage, merchant: &Merchant, provider: &Provider, payments: u32) {
    let change = |number: u32| {
        let reference = format!("INV{number:09}");
        let draft = builders::draft(&reference);
        let recorded = draft.into_transaction(merchant, builders::at(PAID_AT), "corr");
        let report = builders::report(&reference, Status::Paid, PAID_AT);
        let paid = apply(&recorded, &report, &builders::origin(provider, PAID_AT)).next.unwrap();
        (Vec::new(), rows(&paid))
    };
    for first in (0..payments).step_by(1_000) {
        let changes: Vec<_> = (first..payments.min(first + 1_000)).map(change).collect();
        stage.ledger().project(&changes).await.unwrap();
    }
}

async fn take_statement(
    stage: &TestStage,
    provider: &Provider,
    payments: u32,
    folder: &std::path::Path,
) -> Statement {
    let mut text = String::from(
        "reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status\n",
    );
    for number in 0..payments {
        for (kind, side, amount) in
            [("Transfer", "credit", 10_000), ("Fee", "debit", 4_500), ("Tax", "debit", 495)]
        {
            writeln!(text, "INV{number:09},,{kind},{side},{amount},IDR,{PAID_AT},,SETTLED").unwrap();
        }
    }
    let path = folder.join("statement.csv");
    std::fs::write(&path, text).unwrap();
    let intake = Intake::of(&stage.stores()).unwrap();
    let of = (provider.merchant_id.clone(), provider.id.clone());
    let id = StatementId::derived("bench", &[b"statement"]);
    let statement = Statement::announced(id, of, None, Actor::Operator, stage.clock.now());
    let started = Instant::now();
    let taken = intake.take(&statement, &path).await.unwrap();
    say("taking the statement in", started.elapsed());
    taken
}

async fn start(stage: &TestStage, statement: &Statement) -> Run {
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
    let starter = Starter::of(&stage.stores()).unwrap();
    starter.start(scope, &[statement], Trigger::Manual, Actor::Operator).await.unwrap().into_run()
}

async fn reconcile(stage: &TestStage, run: &Run) {
    let stores = stage.stores_with(None, &[("RECONCILIATION_SHARD_ROWS", &SHARD_ROWS.to_string())]);
    let partitioner = Partitioner::of(&stores).unwrap();
    let started = Instant::now();
    partitioner.handle(Work::on(run)).await.unwrap();
    say("partitioning, reading the ledger included", started.elapsed());
    let matcher = Matcher::of(&stores).unwrap();
    let shards = stage.reconciliation_queues[1].take();
    let mut longest = Duration::ZERO;
    let all = Instant::now();
    for message in &shards {
        let started = Instant::now();
        matcher.handle(serde_json::from_str(&message.body).unwrap()).await.unwrap();
        longest = longest.max(started.elapsed());
    }
    say(&format!("matching {} shards one after the other", shards.len()), all.elapsed());
    say("the longest shard", longest);
    let finisher = Finisher::of(&stores).unwrap();
    let started = Instant::now();
    finisher.handle(Work::on(run)).await.unwrap();
    say("finishing", started.elapsed());
    let done = stage.reconciliation().run(&run.id).await.unwrap().unwrap();
    let summary: Value = serde_json::from_str(&done.summary.unwrap()).unwrap();
    println!("outcomes: {}", summary["outcomes"]);
    say("the floor: copying every file of the run once", floor(stage));
}

/// What reading and writing the run's files takes by itself.
fn floor(stage: &TestStage) -> Duration {
    let keys = stage.objects.keys();
    let copy = std::env::temp_dir().join(format!("paywarden-bench-floor-{}", std::process::id()));
    let started = Instant::now();
    for key in keys.iter().filter(|key| key.starts_with("work/") || key.starts_with("reports/")) {
        std::fs::write(&copy, stage.objects.text(key).unwrap_or_default()).unwrap();
    }
    std::fs::remove_file(copy).unwrap();
    started.elapsed()
}

fn say(what: &str, took: Duration) {
    println!("{what:<48} {:>4}.{:03} s", took.as_secs(), took.subsec_millis());
}
