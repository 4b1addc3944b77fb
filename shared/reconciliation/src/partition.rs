//! The first step of a run: the rows of both sides are read once and put into shards by their reference.
//!
//! The ledger goes on changing while this happens and may be another when it is done again. So the files are named by a hash
//! of what is in them, and it is the manifest that makes them count: it is written with the run, on condition that
//! nobody has written one.

use std::path::Path;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::reconciliation::row::wide_hash;
use paywarden_domain::reconciliation::run::{Manifest, Run, RunState};
use paywarden_domain::statement::{ParseReport, Statement};
use paywarden_domain::time::Clock;
use paywarden_store::ledger::{LedgerFilters, LedgerQuery, LedgerTable};
use paywarden_store::merchants::Merchants;
use paywarden_store::objects::Objects;
use paywarden_store::queue::Queue;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};
use tempfile::TempDir;

use crate::StepError;
use crate::files::{RowReader, RowWriter};
use crate::intake::{Bytes, parsed_key};
use crate::rows::{Place, WorkRow};
use crate::spool::Spool;
use crate::work::{Tries, Work, settle};

/// Most shards of a run.
const MAX_SHARDS: u32 = 256;

/// Rows of the ledger that are read at a time.
const PAGE: usize = 1_000;

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
        let folder = TempDir::new()?;
        let [ledger, statements] = ["ledger.csv", "statements.csv"].map(|name| folder.path().join(name));
        let merchant = self.merchants.get(&run.scope.merchant_id).await?;
        let mut ours = Spool::create(&ledger)?;
        self.spool_ledger(run, &merchant, &mut ours).await?;
        let mut theirs = Spool::create(&statements)?;
        let has_rejects = self.spool_statements(run, &merchant, folder.path(), &mut theirs).await?;
        let last_day = theirs.last_second.map(|second| run.scope.rules.day_of(second));
        let rows = ours.count().saturating_add(theirs.count());
        let mut inputs = ours.finish()?;
        inputs.merge(&theirs.finish()?);
        let as_of = run.scope.as_of.map(|day| day.number()).or(last_day);
        let prefix = self.prefix(run, &[&ledger, &statements])?;
        let shards = rows.div_ceil(self.shard_rows.max(1)).clamp(1, MAX_SHARDS);
        self.write_shards(&prefix, shards, &[&ledger, &statements], folder.path()).await?;
        tracing::info!(run_id = run.id.as_str(), shards, prefix, "run partitioned");
        Ok(Manifest {
            prefix,
            shards: u16::try_from(shards).unwrap_or(u16::MAX),
            has_rejects,
            as_of: as_of.unwrap_or_else(|| run.scope.until.number()),
            inputs,
        })
    }

    async fn spool_ledger(&self, run: &Run, merchant: &Merchant, spool: &mut Spool) -> Result<(), StepError> {
        let filters =
            LedgerFilters { providers: [run.scope.provider_id.clone()].into(), ..LedgerFilters::default() };
        let (from, until) = run.scope.ledger_days();
        let mut after = None;
        loop {
            let query = LedgerQuery {
                merchant: &merchant.id,
                shard_count: merchant.shard_count,
                from,
                until,
                filters: &filters,
                limit: PAGE,
                after: after.as_deref(),
            };
            let page = self.ledger.list(&query).await?;
            for (row, movement) in &page.lines {
                let place = Place {
                    ordinal: spool.next,
                    judged: run.scope.contains(row.day),
                    statement: None,
                    line: spool.next,
                };
                spool.push(WorkRow::of_ledger(place, row, movement, &run.scope.rules))?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Answers whether anything in the statements is to be rejected.
    async fn spool_statements(
        &self,
        run: &Run,
        merchant: &Merchant,
        folder: &Path,
        spool: &mut Spool,
    ) -> Result<bool, StepError> {
        let mut has_rejects = false;
        for id in &run.scope.statement_ids {
            let statement = self.table.statement(&merchant.id, id).await?;
            let usable = statement.filter(Statement::is_usable);
            let gone = || StepError::Impossible(format!("the statement {id} cannot be used any more"));
            let statement = usable.ok_or_else(gone)?;
            has_rejects |= !statement.report.as_ref().is_some_and(ParseReport::is_clean);
            let path = folder.join("parsed.csv");
            if !self.objects.fetch(&parsed_key(&statement), &path).await? {
                return Err(StepError::Impossible(format!("the rows of the statement {id} are gone")));
            }
            spool.push_statement(run, merchant, &statement, &path)?;
        }
        Ok(has_rejects)
    }

    fn prefix(&self, run: &Run, files: &[&Path]) -> Result<String, StepError> {
        let mut hashes = Vec::new();
        for file in files {
            hashes.extend(Bytes::of(file)?.sha256);
        }
        let [high, low] = wide_hash(&HEXLOWER.encode(&hashes));
        let hash = format!("{high:016x}{low:016x}");
        let hash = hash.get(..HASH_CHARACTERS).unwrap_or(&hash);
        Ok(format!("work/{}/{}-{hash}", run.id, run.attempt))
    }

    /// Deals the rows out to shards.
    async fn write_shards(
        &self,
        prefix: &str,
        shards: u32,
        sides: &[&Path],
        folder: &Path,
    ) -> Result<(), StepError> {
        let paths: Vec<_> = (0..shards).map(|shard| folder.join(format!("shard-{shard}.csv"))).collect();
        let mut writers = paths.iter().map(|path| RowWriter::create(path)).collect::<Result<Vec<_>, _>>()?;
        for side in sides {
            let mut reader = RowReader::open(side)?;
            while let Some(row) = reader.next()? {
                let shard = usize::try_from(shard_of(&row, shards)).unwrap_or_default();
                if let Some(writer) = writers.get_mut(shard) {
                    writer.push(&row)?;
                }
            }
        }
        writers.into_iter().try_for_each(RowWriter::finish)?;
        for (shard, path) in (0_u16..).zip(&paths) {
            self.objects.keep(&shard_key(prefix, shard), path).await?;
        }
        Ok(())
    }
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
