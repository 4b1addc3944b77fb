//! The second step: the rows of one shard are matched by their references. What was decided and what is open go to files of
//! their own; then the shard is committed, and whoever commits the last one queues the last step.

use std::path::Path;
use std::sync::Arc;

use paywarden_domain::reconciliation::keys::RunKeys;
use paywarden_domain::reconciliation::matching::match_references;
use paywarden_domain::reconciliation::run::{Manifest, Run, RunState, ShardResult};
use paywarden_domain::reconciliation::{BookSide, Row};
use paywarden_domain::time::Clock;
use paywarden_store::objects::Objects;
use paywarden_store::queue::Queue;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};

use crate::StepError;
use crate::decisions::Decisions;
use crate::desk::Desk;
use crate::files::RowWriter;
use crate::held::HeldRows;
use crate::partition::{keys_key, shard_key};
use crate::rows::ReadRow;
use crate::work::{Tries, Work, settle};

/// Matches shards.
pub struct Matcher {
    pub table: Reconciliation,
    pub objects: Arc<dyn Objects>,
    /// The queue of runs to finish.
    pub finishes: Arc<dyn Queue>,
    pub clock: Arc<dyn Clock>,
}

impl Matcher {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            table: stores.reconciliation()?,
            objects: stores.reconciliation_files()?,
            finishes: stores.reconciliation_finishes()?,
            clock: stores.clock(),
        })
    }

    /// Does the step.
    ///
    /// # Errors
    /// [`StepError`]: to be tried again.
    pub async fn handle(&self, work: Work) -> Result<(), StepError> {
        let mut tries = Tries::default();
        let outcome = loop {
            let outcome = self.match_shard(&work).await;
            if tries.are_over(&outcome) {
                break outcome;
            }
        };
        settle(&self.table, self.clock.as_ref(), &work, outcome).await
    }

    async fn match_shard(&self, work: &Work) -> Result<(), StepError> {
        let run = work.run(&self.table).await?.filter(|run| run.state == RunState::Matching);
        let Some((run, shard)) = run.zip(work.shard) else {
            return Ok(());
        };
        let Some(manifest) = run.manifest.clone() else {
            return Err(StepError::Impossible("the run has no shards".to_owned()));
        };
        if !self.table.is_shard_done(&run, shard).await? {
            let result = self.settle_rows(&run, &manifest, shard).await?;
            self.table.commit_shard(&run, shard, &result).await?;
        }
        if self.table.shards_done(&run).await? >= usize::from(manifest.shards) {
            Work::on(&run).send(&self.finishes, &run).await?;
        }
        Ok(())
    }

    async fn settle_rows(
        &self,
        run: &Run,
        manifest: &Manifest,
        shard: u16,
    ) -> Result<ShardResult, StepError> {
        let desk = Desk::of("shard")?;
        let files = [desk.file("rows.csv")];
        let [decided, open] = ["decided.csv", "open.csv"].map(|name| desk.file(name));
        fetch(self.objects.as_ref(), &shard_key(&manifest.prefix, shard), &files[0]).await?;
        let mut rows = HeldRows::default();
        let places = rows.read(&files, &desk.file("places"))?;
        let claims = match_references(&mut rows.ledger, &mut rows.statement, &run.scope.rules);
        drop(rows);
        let (reconciled, ours, theirs) = claims.into_parts();
        let lonely = self.lonely(manifest, &desk, [ours, theirs]).await?;
        let places = places.load()?;
        let mut decisions = Decisions::none(places.counts());
        decisions.take(reconciled);
        let mut left = Left::create(&open, lonely)?;
        let mut writer = RowWriter::create(&decided)?;
        decisions.write(&files, &places, &mut writer, |number, row| left.take(number, &row))?;
        writer.finish()?;
        self.objects.keep(&decided_key(&manifest.prefix, shard), &decided).await?;
        let result = left.finish()?;
        self.objects.keep(&open_key(&manifest.prefix, shard), &open).await?;
        Ok(result)
    }

    /// The numbers of the open rows of either side that can meet nobody in any other shard. A run that was partitioned before
    /// there were keys has none.
    async fn lonely(
        &self,
        manifest: &Manifest,
        desk: &Desk,
        [mut ours, mut theirs]: [Vec<Row>; 2],
    ) -> Result<[Vec<u32>; 2], StepError> {
        let path = desk.file("keys");
        if !self.objects.fetch(&keys_key(&manifest.prefix), &path).await? {
            return Ok([Vec::new(), Vec::new()]);
        }
        let malformed = || StepError::File(std::io::Error::other("the keys of a run are none"));
        let keys = RunKeys::of_bytes(&std::fs::read(&path)?).ok_or_else(malformed)?;
        let mut lonely =
            [keys.lonely(BookSide::Ledger, &mut ours), keys.lonely(BookSide::Statement, &mut theirs)];
        lonely.iter_mut().for_each(|numbers| numbers.sort_unstable());
        Ok(lonely)
    }
}

/// What a shard leaves open. A row of another day that can meet nobody is only counted: whatever comes of it, the run would
/// leave it out.
struct Left {
    writer: RowWriter,
    lonely: [Vec<u32>; 2],
    result: ShardResult,
}

impl Left {
    fn create(path: &Path, lonely: [Vec<u32>; 2]) -> Result<Self, StepError> {
        Ok(Self { writer: RowWriter::create(path)?, lonely, result: ShardResult::default() })
    }

    fn take(&mut self, number: u32, row: &ReadRow) -> Result<(), StepError> {
        let ([ledger, statement], side) = (&self.lonely, row.work.side());
        let (lonely, open) = match side {
            BookSide::Ledger => (ledger, &mut self.result.open_ledger),
            BookSide::Statement => (statement, &mut self.result.open_statement),
        };
        if !row.work.is_judged() && lonely.binary_search(&number).is_ok() {
            self.result.outside.add(side, row.row.as_ref().ok());
            return Ok(());
        }
        *open = open.saturating_add(1);
        self.writer.push(&row.work)
    }

    fn finish(self) -> Result<ShardResult, StepError> {
        self.writer.finish()?;
        Ok(self.result)
    }
}

/// Fetches a working file, which has to be there.
pub(crate) async fn fetch(objects: &dyn Objects, key: &str, to: &Path) -> Result<(), StepError> {
    if objects.fetch(key, to).await? {
        Ok(())
    } else {
        Err(StepError::Impossible("a working file is gone; start the run again".to_owned()))
    }
}

/// Where the decided rows of a shard are.
pub(crate) fn decided_key(prefix: &str, shard: u16) -> String {
    format!("{prefix}/decided-{shard:05}.csv")
}

/// Where the open rows of a shard are.
pub(crate) fn open_key(prefix: &str, shard: u16) -> String {
    format!("{prefix}/open-{shard:05}.csv")
}
