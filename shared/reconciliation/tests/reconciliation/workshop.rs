//! All steps over one test stage.

use paywarden_domain::actor::Actor;
use paywarden_domain::id::StatementId;
use paywarden_domain::ledger::{LedgerRow, rows};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::settlement::Settlement;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::reconciliation::Rules;
use paywarden_domain::reconciliation::run::{Run, RunScope, Trigger};
use paywarden_domain::statement::{Reading, Statement};
use paywarden_domain::time::{Clock, Day, Zone};
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::transaction::draft::Draft;
use paywarden_domain::transaction::report::Report;
use paywarden_domain::vocabulary::Status;
use paywarden_reconciliation::StepError;
use paywarden_reconciliation::finish::{Finisher, report_key};
use paywarden_reconciliation::intake::Intake;
use paywarden_reconciliation::partition::Partitioner;
use paywarden_reconciliation::shard::Matcher;
use paywarden_reconciliation::start::Starter;
use paywarden_reconciliation::work::Work;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_testing::{TestStage, builders};
use serde_json::{Value, json};

pub const HEADER: &str =
    "reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status\n";

/// Times a step is done again before a test gives it up.
const PATIENCE: usize = 20;

pub struct Workshop {
    pub stage: TestStage,
    pub merchant: Merchant,
    pub provider: Provider,
    pub shard_rows: u32,
    /// Rows of the ledger that are committed together; usually more than a test has.
    pub part_rows: u32,
}

impl Workshop {
    pub async fn open() -> Self {
        Self::open_for(None).await
    }

    /// For a provider that settles like this.
    pub async fn open_for(settlement: Option<Settlement>) -> Self {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let provider = Provider { settlement, ..builders::provider(&merchant, ProviderType::Xendit) };
        let provider = stage.add_this_provider(provider, &json!({})).await;
        Self { stage, merchant, provider, shard_rows: 4, part_rows: 1_000 }
    }

    pub fn table(&self) -> Reconciliation {
        self.stage.reconciliation()
    }

    pub fn intake(&self) -> Intake {
        Intake::of(&self.stage.stores()).unwrap()
    }

    pub fn starter(&self) -> Starter {
        Starter::of(&self.stage.stores()).unwrap()
    }

    /// Does the work of one queue's message.
    pub async fn step(&self, queue: usize, work: &Work) -> Result<(), StepError> {
        let shard_rows = self.shard_rows.to_string();
        let stores = self.stage.stores_with(None, &[("RECONCILIATION_SHARD_ROWS", &shard_rows)]);
        let work = work.clone();
        match queue {
            0 => {
                let partitioner = Partitioner::of(&stores).unwrap();
                Partitioner { part_rows: self.part_rows, ..partitioner }.handle(work).await
            }
            1 => Matcher::of(&stores).unwrap().handle(work).await,
            _ => Finisher::of(&stores).unwrap().handle(work).await,
        }
    }

    /// Takes one message, oldest queue first.
    pub fn messages(&self) -> Vec<(usize, Work)> {
        let queues = self.stage.reconciliation_queues.iter().enumerate();
        let messages = queues.flat_map(|(index, queue)| {
            queue.take().into_iter().map(move |message| (index, serde_json::from_str(&message.body).unwrap()))
        });
        messages.collect()
    }

    /// Works until no queue has anything left. What fails is done again by a new process.
    pub async fn work(&self) {
        let mut waiting = self.messages();
        let mut patience = PATIENCE;
        while !waiting.is_empty() {
            let (queue, work) = waiting.remove(0);
            if let Err(error) = self.step(queue, &work).await {
                self.stage.faults.restart();
                patience = patience.checked_sub(1).unwrap_or_else(|| panic!("{error}"));
                waiting.push((queue, work));
            }
            waiting.extend(self.messages());
        }
    }

    /// A payment of so much that was paid then, with the provider's charges, in the ledger.
    pub async fn paid(&self, reference: &str, amount: &str, at: &str) {
        self.paid_as(reference, None, amount, at).await;
    }

    /// The same, under this id of the provider.
    pub async fn paid_as(&self, reference: &str, id: Option<&str>, amount: &str, at: &str) {
        let report = Report {
            money: Some(builders::money(amount, "IDR")),
            provider_transaction_id: id.map(str::to_owned),
            ..builders::report(reference, Status::Paid, at)
        };
        self.told(reference, report).await;
    }

    /// A payment that was recorded and then reported as this, in the ledger.
    pub async fn told(&self, reference: &str, report: Report) {
        self.stage.ledger().project(&[(Vec::new(), self.rows_of(reference, report))]).await.unwrap();
    }

    /// A payment that is in the ledger no more.
    pub async fn gone(&self, reference: &str, amount: &str, at: &str) {
        let report = Report {
            money: Some(builders::money(amount, "IDR")),
            ..builders::report(reference, Status::Paid, at)
        };
        self.stage.ledger().project(&[(self.rows_of(reference, report), Vec::new())]).await.unwrap();
    }

    fn rows_of(&self, reference: &str, report: Report) -> Vec<LedgerRow> {
        let money = report.money.unwrap_or_else(|| builders::money("10000", "IDR"));
        let at = &report.occurred_at.to_string();
        let draft = Draft { money, ..builders::draft(reference) };
        let recorded = draft.into_transaction(&self.merchant, builders::at(at), "corr");
        rows(&apply(&recorded, &report, &builders::origin(&self.provider, at)).next.unwrap())
    }

    pub fn announced(&self, name: &str) -> Statement {
        let id = StatementId::derived("test", &[name.as_bytes()]);
        let of = (self.merchant.id.clone(), self.provider.id.clone());
        Statement::announced(id, of, None, Actor::Operator, self.stage.clock.now())
    }

    /// Takes in a statement of this text.
    pub async fn statement(&self, name: &str, text: &str) -> Statement {
        self.statement_as(name, text, None).await
    }

    pub async fn statement_as(&self, name: &str, text: &str, reading: Option<Reading>) -> Statement {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let statement = Statement { reading, ..self.announced(name) };
        self.intake().take(&statement, file.path()).await.unwrap()
    }

    pub fn scope(&self, from: &str, until: &str, statements: &[&Statement]) -> RunScope {
        RunScope {
            merchant_id: self.merchant.id.clone(),
            provider_id: self.provider.id.clone(),
            from: Day::parse(from).unwrap(),
            until: Day::parse(until).unwrap(),
            as_of: None,
            statement_ids: paywarden_reconciliation::start::ids(statements),
            rules: Rules { zone: Zone::UTC, ..Rules::usual(&self.provider, &self.merchant) },
            dry_run: false,
        }
    }

    /// Starts a run and works until it has ended.
    pub async fn reconcile(&self, scope: RunScope, statements: &[&Statement]) -> Run {
        let started = self.start(scope, statements).await;
        self.work().await;
        self.table().run(&started.id).await.unwrap().unwrap()
    }

    pub async fn start(&self, scope: RunScope, statements: &[&Statement]) -> Run {
        let started = self.starter().start(scope, statements, Trigger::Manual, Actor::Operator).await;
        started.unwrap().into_run()
    }

    pub fn report(&self, run: &Run) -> String {
        self.stage.objects.text(&report_key(run)).unwrap()
    }

    /// Outcome, side, line, counterpart's line and reference of each row of a report.
    pub fn outcomes(&self, run: &Run) -> Vec<String> {
        let report = self.report(run);
        let mut reader = csv::Reader::from_reader(report.as_bytes());
        let rows = reader.records().map(|row| {
            let row = row.unwrap();
            format!("{} {} {} {} {}", &row[0], &row[1], &row[2], &row[3], &row[4])
        });
        rows.collect()
    }
}

pub fn summary(run: &Run) -> Value {
    serde_json::from_str(run.summary.as_deref().unwrap_or("null")).unwrap()
}

/// A line of a canonical statement: a transfer that came in.
pub fn line(reference: &str, amount: &str, at: &str) -> String {
    format!("{reference},,Transfer,credit,{amount},IDR,{at},,SETTLED\n")
}
