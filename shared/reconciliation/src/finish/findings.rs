//! From outcomes to exceptions.
//!
//! A pair that is an exception is one finding; so is every other row that is one. What a run finds is held against what is
//! open: a finding that says all the same is the same exception, with whatever was decided about it; an open exception
//! whose rows now have another outcome, or that only the run in whose place this one comes has found, clears itself.
//!
//! | open from before | what this run sees | what becomes of it |
//! |---|---|---|
//! | INV1: 100 against 101, `AMOUNT_OVER` | the same two rows again | it stays, with its history |
//! | INV1: 100 against 101, `AMOUNT_OVER` | a restated 100: the row is `MATCHED` now | cleared: "MATCHED in run_…" |
//! | GONE, `MISSING_INTERNAL`, found by the run of the same days before | no such row any more | cleared: "not in run_…" |
//! | GONE, `MISSING_INTERNAL`, found by a run of other days | no such row | it stays: this run did not look at those days |

use std::collections::{BTreeMap, BTreeSet, HashMap};

use paywarden_domain::id::{ExceptionId, MerchantId, ProviderId};
use paywarden_domain::reconciliation::exception::{Exception, ExceptionRow, Finding};
use paywarden_domain::reconciliation::row::wide_hash;
use paywarden_domain::reconciliation::run::Run;
use paywarden_domain::reconciliation::{BookSide, Outcome};
use paywarden_domain::time::Timestamp;
use paywarden_store::StoreError;
use paywarden_store::reconciliation::Reconciliation;
use serde_json::{Value, json};

use crate::StepError;
use crate::files::OutcomeRow;

/// Exceptions of one run that are listed. A file of the wrong merchant finds millions; the report has all of them.
const MAX_LISTED: usize = 50_000;

/// A row, by what it says.
type RowKey = [u64; 2];

/// What a run found, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub found: usize,
    /// Those of them that are listed.
    listed: usize,
    /// Those of them that a run found before.
    carried_over: usize,
    /// Exceptions that cleared themselves.
    cleared: usize,
}

impl Counts {
    /// The members of a run's summary.
    pub fn to_json(self) -> Value {
        json!({
            "found": self.found,
            "listed": self.listed,
            "carried_over": self.carried_over,
            "cleared": self.cleared,
        })
    }
}

/// What a run found so far.
pub struct Findings {
    merchant_id: MerchantId,
    provider_id: ProviderId,
    /// The ledger's rows of pairs, until the statement's row comes.
    waiting: HashMap<u32, ExceptionRow>,
    repeats: HashMap<ExceptionId, u32>,
    ids: BTreeSet<ExceptionId>,
    listed: BTreeMap<ExceptionId, Finding>,
    open: BTreeMap<ExceptionId, Exception>,
    /// Which open exceptions a row belongs to.
    rows: HashMap<RowKey, Vec<ExceptionId>>,
    /// Open exceptions of which a row was seen, with the outcome it has now.
    seen: BTreeMap<ExceptionId, Outcome>,
}

impl Findings {
    /// Nothing found yet; these are open from runs before.
    pub fn for_run(run: &Run, open: Vec<Exception>) -> Self {
        let mut rows: HashMap<RowKey, Vec<ExceptionId>> = HashMap::new();
        for exception in &open {
            for (side, row) in sides(exception) {
                rows.entry(row_key(side, row.content())).or_default().push(exception.id.clone());
            }
        }
        Self {
            merchant_id: run.scope.merchant_id.clone(),
            provider_id: run.scope.provider_id.clone(),
            waiting: HashMap::new(),
            repeats: HashMap::new(),
            ids: BTreeSet::new(),
            listed: BTreeMap::new(),
            open: open.into_iter().map(|exception| (exception.id.clone(), exception)).collect(),
            rows,
            seen: BTreeMap::new(),
        }
    }

    /// Looks at a row of the report. The ledger's rows come first.
    pub fn look_at(&mut self, row: &OutcomeRow) {
        let work = &row.row.work;
        if !self.rows.is_empty() {
            let key = row_key(work.side(), work.content());
            for id in self.rows.get(&key).into_iter().flatten() {
                self.seen.insert(id.clone(), row.outcome);
            }
        }
        if !row.outcome.is_exception() {
            return;
        }
        let own = work.to_exception();
        let finding = |ledger, statement| Finding {
            outcome: row.outcome,
            ledger,
            statement,
            detail: row.detail.clone(),
        };
        match (work.side(), row.counterpart) {
            (BookSide::Ledger, 0) => self.find(finding(Some(own), None)),
            (BookSide::Ledger, _) => drop(self.waiting.insert(work.ordinal(), own)),
            (BookSide::Statement, counterpart) => {
                let ledger = self.waiting.remove(&counterpart);
                self.find(finding(ledger, Some(own)));
            }
        }
    }

    /// Takes a finding. The same rows may be there several times, each a finding of its own: they are told apart by their
    /// count, so that the second one found today is the second one found yesterday.
    fn find(&mut self, finding: Finding) {
        let first = finding.id(&self.merchant_id, &self.provider_id, 0);
        let repeat = self.repeats.entry(first.clone()).or_default();
        let id = match *repeat {
            0 => first,
            number => finding.id(&self.merchant_id, &self.provider_id, number),
        };
        *repeat = repeat.saturating_add(1);
        if self.listed.len() < MAX_LISTED {
            self.listed.insert(id.clone(), finding);
        }
        self.ids.insert(id);
    }

    /// What was found, in numbers.
    pub fn counts(&self) -> Counts {
        Counts { found: self.ids.len(), listed: self.listed.len(), ..Counts::default() }
    }

    /// Writes down what was found and what has cleared itself. `before` is the run in whose place this one comes.
    pub async fn record(
        self,
        table: &Reconciliation,
        run: &Run,
        before: Option<&Run>,
        now: Timestamp,
    ) -> Result<Counts, StepError> {
        let counts = self.counts();
        let ids: Vec<ExceptionId> = self.listed.keys().cloned().collect();
        let known = table.exceptions(&ids).await?;
        let cleared = self.cleared(table, run, before, now).await?;
        // Those of this very run were written by a try that was cut off.
        let carried_over = known.values().filter(|exception| exception.run_id != run.id).count();
        let mut writes: Vec<Exception> =
            known.values().filter_map(|exception| exception.found_again(&run.id, now)).collect();
        let outcomes: Vec<(Outcome, ExceptionId)> =
            self.listed.iter().map(|(id, finding)| (finding.outcome, id.clone())).collect();
        let fresh = self.listed.into_iter().filter(|(id, _)| !known.contains_key(id));
        let of = (self.merchant_id, self.provider_id, run.id.clone());
        writes.extend(fresh.map(|(id, finding)| Exception::found(id, of.clone(), finding, now)));
        let cleared_count = cleared.len();
        writes.extend(cleared);
        table.put_exceptions(&writes).await?;
        table.note_findings(&run.id, outcomes.iter().map(|(outcome, id)| (*outcome, id))).await?;
        Ok(Counts { carried_over, cleared: cleared_count, ..counts })
    }

    /// The open exceptions that this run has an answer to. What it neither saw nor had to find stays open: absence from a
    /// run of other days says nothing.
    async fn cleared(
        &self,
        table: &Reconciliation,
        run: &Run,
        before: Option<&Run>,
        now: Timestamp,
    ) -> Result<Vec<Exception>, StoreError> {
        let gone: Vec<&Exception> =
            self.open.values().filter(|exception| !self.ids.contains(&exception.id)).collect();
        let found_before = match before {
            Some(before) if !gone.is_empty() => table.finding_ids(&before.id).await?,
            _ => BTreeSet::new(),
        };
        let clear = |exception: &Exception| {
            let reason = match self.seen.get(&exception.id) {
                Some(outcome) => format!("{outcome} in {}", run.id),
                None if found_before.contains(&exception.id) => {
                    format!(
                        "not in {}, which takes the place of {}",
                        run.id,
                        before.map(|run| run.id.as_str())?
                    )
                }
                None => return None,
            };
            Some(exception.cleared(reason, now))
        };
        Ok(gone.into_iter().filter_map(clear).collect())
    }
}

fn sides(exception: &Exception) -> impl Iterator<Item = (BookSide, &ExceptionRow)> {
    let sides = [(BookSide::Ledger, &exception.ledger), (BookSide::Statement, &exception.statement)];
    sides.into_iter().filter_map(|(side, row)| Some((side, row.as_ref()?)))
}

fn row_key<'a>(side: BookSide, content: impl Iterator<Item = &'a str>) -> RowKey {
    let mut text = side.to_string();
    for value in content {
        text.push('\u{1f}');
        text.push_str(value);
    }
    wide_hash(&text)
}
