//! The last step: what the shards left open is matched together, the outcomes of all are put into one report in the order of
//! the rows, and what somebody has to look at becomes exceptions. Fees and taxes are counted beside.
//!
//! Everything here can be done again until the run is completed, and then nothing is. The order makes that hold: the report
//! is a file of the same bytes each time; exceptions have ids that follow from their rows, so that writing them again
//! changes nothing; and only then one atomic write completes the run, makes it and what it counted those that count for its days,
//! and retires the one before. Cut off before that write, the run is still being reduced, and all of it is done again.

mod fees;
mod findings;
mod report;
mod shelf;

use std::path::PathBuf;
use std::sync::Arc;

use paywarden_domain::reconciliation::fees::MonthSheet;
use paywarden_domain::reconciliation::matching::settle_open;
use paywarden_domain::reconciliation::run::{Manifest, Run, RunState, ShardResult};
use paywarden_domain::time::Clock;
use paywarden_store::objects::Objects;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};

use self::fees::RunFees;
use self::findings::{Counts, Findings};
use self::report::RunReport;
use self::shelf::Shelf;
use crate::StepError;
use crate::decisions::DecisionsFile;
use crate::desk::Desk;
use crate::files::{OutcomeRow, RowWriter};
use crate::held::HeldRows;
use crate::merge::Merge;
use crate::shard::{decided_key, fetch, open_key};
use crate::work::{Tries, Work, settle};

/// Finishes runs.
pub struct Finisher {
    pub table: Reconciliation,
    pub objects: Arc<dyn Objects>,
    pub clock: Arc<dyn Clock>,
}

/// What the rows of a run came to.
struct Reduced {
    report: RunReport,
    findings: Findings,
    fees: RunFees,
}

/// Where a run's report is.
#[must_use]
pub fn report_key(run: &Run) -> String {
    format!("reports/{}/{}.csv", run.id, run.attempt)
}

impl Finisher {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            table: stores.reconciliation()?,
            objects: stores.reconciliation_files()?,
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
            let outcome = self.finish(&work).await;
            if tries.are_over(&outcome) {
                break outcome;
            }
        };
        settle(&self.table, self.clock.as_ref(), &work, outcome).await
    }

    async fn finish(&self, work: &Work) -> Result<(), StepError> {
        let Some(run) = work.run(&self.table).await? else {
            return Ok(());
        };
        let run = match run.state {
            RunState::Matching => {
                let reducing = run.begin_reducing(self.clock.now())?;
                self.table.replace_run(&reducing).await?;
                reducing
            }
            RunState::Reducing => run,
            RunState::Queued
            | RunState::Partitioning
            | RunState::Completed
            | RunState::CompletedWithRejects
            | RunState::Failed
            | RunState::Cancelled
            | RunState::Superseded => return Ok(()),
        };
        let Some(manifest) = run.manifest.clone() else {
            return Err(StepError::Impossible("the run has no shards".to_owned()));
        };
        // A run that asks for the very same, begun again, finds itself as the one that counts: it takes nobody's place.
        let before = if run.scope.dry_run { None } else { self.table.run_that_counts(&run).await? };
        let before = before.filter(|before| before.id != run.id);
        if let Some(newer) = before.as_ref().filter(|before| before.started_at > run.started_at) {
            return self.step_back(&run, newer).await;
        }
        let Reduced { report, findings, fees } = self.write_report(&run, &manifest).await?;
        // Checked before anything is told: a report that lost a row must not clear an exception.
        if !report.is_conserved(&manifest.inputs) {
            return Err(StepError::Impossible(
                "rows or amounts were lost; this is a fault of ours".to_owned(),
            ));
        }
        let counts = if run.scope.dry_run {
            findings.counts()
        } else {
            findings.record(&self.table, &run, before.as_ref(), self.clock.now()).await?
        };
        let fees = fees.months(&run, &manifest, self.clock.now());
        self.complete(&run, before.as_ref(), (&report, &fees), counts).await
    }

    /// A run that began later was quicker: that one counts.
    async fn step_back(&self, run: &Run, newer: &Run) -> Result<(), StepError> {
        let superseded = run.supersede(&newer.id, self.clock.now())?;
        Ok(self.table.replace_run(&superseded).await?)
    }

    async fn write_report(&self, run: &Run, manifest: &Manifest) -> Result<Reduced, StepError> {
        let desk = Desk::of("finish")?;
        let shards = ShardResult::of_all(self.table.shard_results(run).await?.values());
        let files = self.gather(run, manifest, &shards, &desk).await?;
        let waiting = Shelf::create(&desk.file("waiting"))?;
        let mut findings = Findings::for_run(run, self.open_exceptions(run).await?, waiting);
        let path = desk.file("report.csv");
        let (mut report, mut fees) = (RunReport::create(&path, shards.outside)?, RunFees::of(run));
        let mut merge = Merge::<OutcomeRow>::of(&files)?;
        while let Some(row) = merge.next()? {
            if report.push(&row)? {
                findings.look_at(&row)?;
                fees.look_at(&row);
            }
        }
        report.finish()?;
        self.objects.keep(&report_key(run), &path).await?;
        Ok(Reduced { report, findings, fees })
    }

    async fn open_exceptions(
        &self,
        run: &Run,
    ) -> Result<Vec<paywarden_domain::reconciliation::exception::Exception>, StepError> {
        if run.scope.dry_run {
            return Ok(Vec::new());
        }
        Ok(self.table.open_exceptions(&run.scope.merchant_id, &run.scope.provider_id).await?)
    }

    /// The files of outcomes: one of each shard, and one of what all of them left open.
    async fn gather(
        &self,
        run: &Run,
        manifest: &Manifest,
        shards: &ShardResult,
        desk: &Desk,
    ) -> Result<Vec<PathBuf>, StepError> {
        let (mut files, mut open_files) = (Vec::new(), Vec::new());
        for shard in 0..manifest.shards {
            let decided = desk.file(&format!("decided-{shard}.csv"));
            fetch(self.objects.as_ref(), &decided_key(&manifest.prefix, shard), &decided).await?;
            files.push(decided);
            let open = desk.file(&format!("open-{shard}.csv"));
            fetch(self.objects.as_ref(), &open_key(&manifest.prefix, shard), &open).await?;
            open_files.push(open);
        }
        files.push(settle_open_rows(run, manifest, shards, &open_files, desk)?);
        Ok(files)
    }

    async fn complete(
        &self,
        run: &Run,
        before: Option<&Run>,
        (report, fees): (&RunReport, &[MonthSheet]),
        counts: Counts,
    ) -> Result<(), StepError> {
        let now = self.clock.now();
        let completed = run.complete(&report.summary(counts), before.map(|before| &before.id), now)?;
        if run.scope.dry_run {
            self.table.replace_run(&completed).await?;
        } else {
            let retired = before.map(|before| before.supersede(&run.id, now)).transpose()?;
            self.table.complete_run(&completed, retired.as_ref(), fees).await?;
        }
        tracing::info!(
            merchant_id = run.scope.merchant_id.as_str(),
            provider_id = run.scope.provider_id.as_str(),
            run_id = run.id.as_str(),
            state = completed.state.as_str(),
            exceptions = counts.found,
            metric = "reconciliation_completed",
            "reconciliation completed"
        );
        Ok(())
    }
}

/// Matches what all shards left open. While the rows are in memory, what is decided of them and where they stand is on the
/// disk; both come back when the rows are gone. Answers the file of their outcomes.
fn settle_open_rows(
    run: &Run,
    manifest: &Manifest,
    shards: &ShardResult,
    open: &[PathBuf],
    desk: &Desk,
) -> Result<PathBuf, StepError> {
    let mut rows = HeldRows::with_room([shards.open_ledger, shards.open_statement]);
    let places = rows.read(open, &desk.file("places"))?;
    tracing::info!(
        run_id = run.id.as_str(),
        held_bytes = rows.bytes(),
        "the open rows of all shards are matched"
    );
    let mut decisions = DecisionsFile::create(&desk.file("decisions"))?;
    settle_open((rows.ledger, rows.statement), &run.scope.rules, manifest.as_of, |decided| {
        decisions.append(&decided)
    })?;
    let (decisions, places) = (decisions.load(places.counts())?, places.load()?);
    let path = desk.file("fallbacks.csv");
    let mut writer = RowWriter::create(&path)?;
    // Each has its outcome by now; a row that had none would be missed when the report is added up.
    decisions.write(open, &places, &mut writer, |_, _| Ok(()))?;
    writer.finish()?;
    open.iter().try_for_each(std::fs::remove_file)?;
    Ok(path)
}
