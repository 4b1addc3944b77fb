//! The first step of a run: the rows of both sides are read once and put into shards by their reference.
//!
//! The ledger goes on changing while this happens and may be another when it is done again. So it is read in parts that are
//! never read again (`parts`), the files are named by a hash of what is in them, and it is the manifest that makes them
//! count: it is written with the run, on condition that nobody has written one.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::reconciliation::keys::RunKeys;
use paywarden_domain::reconciliation::row::wide_hash;
use paywarden_domain::reconciliation::run::{Manifest, Run, RunState};
use paywarden_domain::statement::{ParseReport, Statement};
use paywarden_domain::time::Clock;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::merchants::Merchants;
use paywarden_store::objects::Objects;
use paywarden_store::queue::Queue;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};

use crate::StepError;
use crate::desk::Desk;
use crate::files::{RowReader, RowWriter};
use crate::intake::{Bytes, parsed_key};
use crate::parts::RunLedger;
use crate::rows::{ReadRow, WorkRow};
use crate::spool::{Spool, Spooled};
use crate::work::{Tries, Work, settle};

/// Most shards of a run.
const MAX_SHARDS: u32 = 256;

/// Rows of the ledger that are committed together: a second of reading or two.
pub const PART_ROWS: u32 = 100_000;

/// Characters of the hash that a folder is named by.
const HASH_CHARACTERS: usize = 16;

/// Partitions runs.
pub struct Partitioner {
    pub table: Reconciliation,
    pub objects: Arc<dyn Objects>,
    /// The merchants, for their zone.
    pub merchants: Merchants,
    pub ledger: LedgerTable,
    /// The queue of shards.
    pub shards: Arc<dyn Queue>,
    pub clock: Arc<dyn Clock>,
    /// Rows that a shard should hold, both sides together.
    pub shard_rows: u32,
    /// Rows of the ledger that are read for good together.
    pub part_rows: u32,
}

impl Partitioner {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            table: stores.reconciliation()?,
            objects: stores.reconciliation_files()?,
            merchants: stores.merchants()?,
            ledger: stores.ledger()?,
            shards: stores.reconciliation_shards()?,
            clock: stores.clock(),
            shard_rows: stores.reconciliation_shard_rows()?,
            part_rows: PART_ROWS,
        })
    }

    /// Does the step.
    ///
    /// # Errors
    /// [`StepError`]: to be tried again.
    pub async fn handle(&self, work: Work) -> Result<(), StepError> {
        let mut tries = Tries::default();
        let outcome = loop {
            let outcome = self.partition(&work).await;
            if tries.are_over(&outcome) {
                break outcome;
            }
        };
        settle(&self.table, self.clock.as_ref(), &work, outcome).await
    }

    async fn partition(&self, work: &Work) -> Result<(), StepError> {
        let Some(run) = work.run(&self.table).await? else {
            return Ok(());
        };
        let run = match run.state {
            RunState::Queued => {
                let begun = run.begin(self.clock.now())?;
                self.table.replace_run(&begun).await?;
                begun
            }
            RunState::Partitioning => run,
            // It was cut off before all shards were queued.
            RunState::Matching => return self.queue_shards(&run).await,
            RunState::Reducing
            | RunState::Completed
            | RunState::CompletedWithRejects
            | RunState::Failed
            | RunState::Cancelled
            | RunState::Superseded => return Ok(()),
        };
        let matching = run.begin_matching(self.split(&run).await?, self.clock.now())?;
        self.table.replace_run(&matching).await?;
        self.queue_shards(&matching).await
    }

    async fn queue_shards(&self, run: &Run) -> Result<(), StepError> {
        let shards = run.manifest.as_ref().map_or(0, |manifest| manifest.shards);
        for shard in 0..shards {
            Work::on_shard(run, shard).send(&self.shards, run).await?;
        }
        Ok(())
    }

    /// Reads both sides and writes the shards' files.
    async fn split(&self, run: &Run) -> Result<Manifest, StepError> {
        let desk = Desk::of("partition")?;
        let merchant = self.merchants.get(&run.scope.merchant_id).await?;
        let mut ours = self.ledger_of(run, &merchant).spool(&desk).await?;
        let path = desk.file("statements.csv");
        let mut theirs = Spooled::default().next_file(&path)?;
        let has_rejects = self.spool_statements(run, &merchant, &desk, &mut theirs).await?;
        let last_day = theirs.last_second.map(|second| run.scope.rules.day_of(second));
        let as_of = run.scope.as_of.map(|day| day.number()).or(last_day);
        let (ledger_rows, statement_rows) = (ours.rows, theirs.count());
        ours.take(path, statement_rows, &theirs.finish()?);
        let (both, mut keys) = (ours, RunKeys::for_rows(ledger_rows, statement_rows));
        let prefix = prefix(run, &both.files)?;
        let shards = both.rows.div_ceil(self.shard_rows.max(1)).clamp(1, MAX_SHARDS);
        let files = deal(&both.files, shards, &mut keys, &desk)?;
        self.keep(&prefix, &keys, &files, &desk).await?;
        tracing::info!(run_id = run.id.as_str(), shards, prefix, "run partitioned");
        Ok(Manifest {
            prefix,
            shards: u16::try_from(shards).unwrap_or(u16::MAX),
            has_rejects,
            as_of: as_of.unwrap_or_else(|| run.scope.until.number()),
            inputs: both.totals,
        })
    }

    fn ledger_of<'a>(&'a self, run: &'a Run, merchant: &'a Merchant) -> RunLedger<'a> {
        RunLedger {
            run,
            merchant,
            table: &self.table,
            objects: self.objects.as_ref(),
            ledger: &self.ledger,
            part_rows: self.part_rows.max(1),
        }
    }

    /// Answers whether anything in the statements is to be rejected.
    async fn spool_statements(
        &self,
        run: &Run,
        merchant: &Merchant,
        desk: &Desk,
        spool: &mut Spool,
    ) -> Result<bool, StepError> {
        let mut has_rejects = false;
        for id in &run.scope.statement_ids {
            let statement = self.table.statement(&merchant.id, id).await?;
            let usable = statement.filter(Statement::is_usable);
            let gone = || StepError::Impossible(format!("the statement {id} cannot be used any more"));
            let statement = usable.ok_or_else(gone)?;
            has_rejects |= !statement.report.as_ref().is_some_and(ParseReport::is_clean);
            let path = desk.file("parsed.csv");
            if !self.objects.fetch(&parsed_key(&statement), &path).await? {
                return Err(StepError::Impossible(format!("the rows of the statement {id} are gone")));
            }
            spool.push_statement(run, merchant, &statement, &path)?;
            std::fs::remove_file(path)?;
        }
        Ok(has_rejects)
    }

    /// Keeps what was dealt out, each file's room on the disk free again when it is kept.
    async fn keep(
        &self,
        prefix: &str,
        keys: &RunKeys,
        shards: &[PathBuf],
        desk: &Desk,
    ) -> Result<(), StepError> {
        let path = desk.file("keys");
        let mut file = BufWriter::new(File::create(&path)?);
        keys.to_bytes().try_for_each(|bytes| file.write_all(&bytes))?;
        file.flush()?;
        self.objects.keep(&keys_key(prefix), &path).await?;
        for (shard, path) in (0_u16..).zip(shards) {
            self.objects.keep(&shard_key(prefix, shard), path).await?;
            std::fs::remove_file(path)?;
        }
        Ok(())
    }
}

/// What the names of the files of these rows begin with.
fn prefix(run: &Run, files: &[PathBuf]) -> Result<String, StepError> {
    let mut hashes = Vec::new();
    for file in files {
        hashes.extend(Bytes::of(file)?.sha256);
    }
    let [high, low] = wide_hash(&HEXLOWER.encode(&hashes));
    let hash = format!("{high:016x}{low:016x}");
    let hash = hash.get(..HASH_CHARACTERS).unwrap_or(&hash);
    Ok(format!("work/{}/{}-{hash}", run.id, run.attempt))
}

/// Deals the rows of files out to shards, and notes their keys. The files are gone then.
fn deal(files: &[PathBuf], shards: u32, keys: &mut RunKeys, desk: &Desk) -> Result<Vec<PathBuf>, StepError> {
    let paths: Vec<_> = (0..shards).map(|shard| desk.file(&format!("shard-{shard}.csv"))).collect();
    let mut writers = paths.iter().map(|path| RowWriter::create(path)).collect::<Result<Vec<_>, _>>()?;
    for file in files {
        let mut reader = RowReader::open(file)?;
        while let Some(row) = reader.next()? {
            let ReadRow { work, row } = row.into();
            row.iter().for_each(|row| keys.add(work.side(), row));
            let shard = usize::try_from(shard_of(&work, shards)).unwrap_or_default();
            if let Some(writer) = writers.get_mut(shard) {
                writer.push(&work)?;
            }
        }
        std::fs::remove_file(file)?;
    }
    writers.into_iter().try_for_each(RowWriter::finish)?;
    Ok(paths)
}

/// Rows of one reference are in one shard; rows without one meet nobody there and are spread.
fn shard_of(row: &WorkRow, shards: u32) -> u32 {
    let reference = row.fields().reference;
    if reference.is_empty() {
        return row.ordinal().checked_rem(shards).unwrap_or_default();
    }
    let [hash, _] = wide_hash(reference);
    u32::try_from(hash.checked_rem(u64::from(shards)).unwrap_or_default()).unwrap_or_default()
}

/// Where the rows of a shard are.
pub(crate) fn shard_key(prefix: &str, shard: u16) -> String {
    format!("{prefix}/rows-{shard:05}.csv")
}

/// Where the keys of all rows are.
pub(crate) fn keys_key(prefix: &str) -> String {
    format!("{prefix}/keys")
}
