//! The ledger of a run, read in parts. Reading it is what takes long, and whoever is cut off goes on behind the last part that
//! was committed: a part is a file whose name says what is in it, and counts once its place in the run's row of parts is
//! taken. So of two who read the same ledger, each goes on behind the other.

use std::path::Path;

use paywarden_domain::merchant::Merchant;
use paywarden_domain::reconciliation::run::{LedgerPart, Run};
use paywarden_store::StoreError;
use paywarden_store::ledger::{LedgerFilters, LedgerQuery, LedgerTable, LedgerWalk};
use paywarden_store::objects::Objects;
use paywarden_store::reconciliation::Reconciliation;

use crate::StepError;
use crate::desk::Desk;
use crate::intake::Bytes;
use crate::rows::{Place, WorkRow};
use crate::shard::fetch;
use crate::spool::Spooled;

/// Rows of the ledger's table that are read from a partition at a time.
const PAGE: usize = 1_000;

/// Characters of the hash that a part is named by.
const HASH_CHARACTERS: usize = 16;

/// The ledger of a run, to be read.
pub(crate) struct RunLedger<'a> {
    pub run: &'a Run,
    pub merchant: &'a Merchant,
    pub table: &'a Reconciliation,
    pub objects: &'a dyn Objects,
    pub ledger: &'a LedgerTable,
    /// Rows of a part, about.
    pub part_rows: u32,
}

/// What reading came to.
enum Reading {
    /// A part was committed, and there may be more.
    Committed,
    /// Somebody else has committed the same part; theirs counts.
    Overtaken,
    /// That was the end. What was read last is no part: the run's manifest is about to be written.
    Ended,
}

impl RunLedger<'_> {
    /// Reads what nobody has read, and fetches the rest.
    pub async fn spool(&self, desk: &Desk) -> Result<Spooled, StepError> {
        let filters = LedgerFilters {
            providers: [self.run.scope.provider_id.clone()].into(),
            ..LedgerFilters::default()
        };
        let (from, until) = self.run.scope.ledger_days();
        let (mut side, mut after) = (Spooled::default(), None);
        loop {
            self.fetch_parts(&mut side, &mut after, desk).await?;
            let mut walk = self.ledger.walk(LedgerQuery {
                merchant: &self.merchant.id,
                shard_count: self.merchant.shard_count,
                from,
                until,
                filters: &filters,
                limit: PAGE,
                after: after.as_deref(),
            });
            loop {
                match self.read_part(&mut walk, &mut side, desk).await? {
                    Reading::Committed => {}
                    Reading::Overtaken => break,
                    Reading::Ended => return Ok(side),
                }
            }
        }
    }

    /// Fetches the parts behind those that are here, and notes where the last one ends.
    async fn fetch_parts(
        &self,
        side: &mut Spooled,
        after: &mut Option<String>,
        desk: &Desk,
    ) -> Result<(), StepError> {
        while let Some(part) = self.table.ledger_part(self.run, side.files.len()).await? {
            let path = desk.file(&format!("ledger-{}.csv", side.files.len()));
            fetch(self.objects, &part.key, &path).await?;
            side.take(path, part.rows, &part.totals);
            *after = Some(part.after);
        }
        Ok(())
    }

    async fn read_part(
        &self,
        walk: &mut LedgerWalk<'_>,
        side: &mut Spooled,
        desk: &Desk,
    ) -> Result<Reading, StepError> {
        let number = side.files.len();
        let path = desk.file(&format!("ledger-{number}.csv"));
        let mut spool = side.next_file(&path)?;
        let mut end = None;
        while spool.count() < self.part_rows {
            let Some(row) = walk.next().await? else {
                let rows = spool.count();
                side.take(path, rows, &spool.finish()?);
                return Ok(Reading::Ended);
            };
            for movement in &row.movements {
                let ordinal = spool.next;
                let judged = self.run.scope.contains(row.day);
                let place = Place { ordinal, judged, statement: None, line: ordinal, day: Some(row.day) };
                spool.push(WorkRow::of_ledger(place, &row, movement, &self.run.scope.rules))?;
            }
            end = Some(LedgerWalk::position(&row));
        }
        let rows = spool.count();
        let totals = spool.finish()?;
        let after = end.unwrap_or_default();
        let part = LedgerPart { key: self.key(number, &path)?, rows, totals, after };
        self.objects.keep(&part.key, &path).await?;
        match self.table.commit_ledger_part(self.run, number, &part).await {
            Ok(()) => {
                side.take(path, rows, &part.totals);
                Ok(Reading::Committed)
            }
            Err(StoreError::Conflict) => Ok(Reading::Overtaken),
            Err(error) => Err(error.into()),
        }
    }

    fn key(&self, number: usize, path: &Path) -> Result<String, StepError> {
        let hash = Bytes::of(path)?.hex();
        let hash = hash.get(..HASH_CHARACTERS).unwrap_or(&hash);
        Ok(format!("work/{}/{}-ledger/{number:05}-{hash}.csv", self.run.id, self.run.attempt))
    }
}
