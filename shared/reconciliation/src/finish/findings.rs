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

use super::shelf::Shelf;
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
    waiting: Shelf,
    found: usize,
    /// How often something was found that says the same, by the id of the first: of all until the list is full, and then of
    /// those only that are in here.
    repeats: HashMap<ExceptionId, u32>,
    listed: BTreeMap<ExceptionId, Finding>,
    open: BTreeMap<ExceptionId, Exception>,
    /// Exceptions that are listed at most.
    max_listed: usize,
    /// Open exceptions that were found again.
    found_again: BTreeSet<ExceptionId>,
    /// Which open exceptions a row belongs to.
    rows: HashMap<RowKey, Vec<ExceptionId>>,
    /// Open exceptions of which a row was seen, with the outcome it has now.
    seen: BTreeMap<ExceptionId, Outcome>,
}

impl Findings {
    /// Nothing found yet; these are open from runs before. Rows of the ledger wait on the shelf.
    pub fn for_run(run: &Run, open: Vec<Exception>, waiting: Shelf) -> Self {
        let mut rows: HashMap<RowKey, Vec<ExceptionId>> = HashMap::new();
        for exception in &open {
            for (side, row) in sides(exception) {
                rows.entry(row_key(side, row.content())).or_default().push(exception.id.clone());
            }
        }
        Self {
            merchant_id: run.scope.merchant_id.clone(),
            provider_id: run.scope.provider_id.clone(),
            waiting,
            found: 0,
            // An open one has to be found again even when the list is full.
            repeats: open.iter().map(|exception| (exception.first_id(), 0)).collect(),
            max_listed: MAX_LISTED,
            found_again: BTreeSet::new(),
            listed: BTreeMap::new(),
            open: open.into_iter().map(|exception| (exception.id.clone(), exception)).collect(),
            rows,
            seen: BTreeMap::new(),
        }
    }

    /// Looks at a row of the report. The ledger's rows come first.
    pub fn look_at(&mut self, row: &OutcomeRow) -> Result<(), StepError> {
        let work = &row.row.work;
        if !self.rows.is_empty() {
            let key = row_key(work.side(), work.content());
            for id in self.rows.get(&key).into_iter().flatten() {
                self.seen.insert(id.clone(), row.outcome);
            }
        }
        if !row.outcome.is_exception() {
            return Ok(());
        }
        let finding = |ledger, statement| Finding {
            outcome: row.outcome,
            ledger,
            statement,
            detail: row.detail.clone(),
        };
        match (work.side(), row.counterpart) {
            (BookSide::Ledger, 0) => self.find(finding(Some(work.to_exception()), None)),
            (BookSide::Ledger, _) => self.waiting.put(work)?,
            (BookSide::Statement, counterpart) => {
                let ledger = self.waiting.get(counterpart)?.map(|ledger| ledger.to_exception());
                self.find(finding(ledger, Some(work.to_exception())));
            }
        }
        Ok(())
    }

    /// Takes a finding. The same rows may be there several times, each a finding of its own: they are told apart by their
    /// count, so that the second one found today is the second one found yesterday.
    fn find(&mut self, finding: Finding) {
        self.found = self.found.saturating_add(1);
        let first = finding.id(&self.merchant_id, &self.provider_id, 0);
        let is_full = self.listed.len() >= self.max_listed;
        if is_full && !self.repeats.contains_key(&first) {
            return;
        }
        let repeat = self.repeats.entry(first.clone()).or_default();
        let id = match *repeat {
            0 => first,
            number => finding.id(&self.merchant_id, &self.provider_id, number),
        };
        *repeat = repeat.saturating_add(1);
        if self.open.contains_key(&id) {
            self.found_again.insert(id.clone());
        }
        if !is_full {
            self.listed.insert(id, finding);
        }
    }

    /// What was found, in numbers.
    pub fn counts(&self) -> Counts {
        Counts { found: self.found, listed: self.listed.len(), ..Counts::default() }
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
            self.open.values().filter(|exception| !self.found_again.contains(&exception.id)).collect();
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

#[cfg(test)]
mod tests {
    use paywarden_domain::reconciliation::{RowFields, Rules};
    use paywarden_testing::builders;

    use super::*;
    use crate::rows::{Place, WorkRow};

    fn missing(ordinal: u32, reference: &str) -> OutcomeRow {
        let fields = RowFields { reference, kind: "Transfer", ..RowFields::default() };
        let place = Place { ordinal, judged: true, statement: None, line: ordinal, day: None };
        OutcomeRow {
            outcome: Outcome::MissingInternal,
            counterpart: 0,
            counterpart_line: String::new(),
            counterpart_statement: String::new(),
            detail: String::new(),
            row: WorkRow::of_statement(place, fields, &Rules::default()).into(),
        }
    }

    #[test]
    fn when_the_list_is_full_the_others_are_counted_and_open_ones_are_found_again() {
        let folder = tempfile::TempDir::new().unwrap();
        let merchant = builders::merchant("one");
        let provider = builders::provider(&merchant, paywarden_domain::provider::ProviderType::Xendit);
        let run = builders::run(&builders::statement(&provider));
        let findings = |open: Vec<Exception>, max_listed: usize| {
            let shelf = Shelf::create(&folder.path().join("shelf")).unwrap();
            let mut findings = Findings { max_listed, ..Findings::for_run(&run, open, shelf) };
            for (ordinal, reference) in (2..).zip(["A", "B", "C", "B", "C", "B"]) {
                findings.look_at(&missing(ordinal, reference)).unwrap();
            }
            findings
        };
        let all = findings(Vec::new(), 10);
        assert_eq!((all.counts().found, all.counts().listed), (6, 6));
        let of = || (merchant.id.clone(), provider.id.clone(), run.id.clone());
        let known = |finding: &Finding, repeat| {
            let id = finding.id(&merchant.id, &provider.id, repeat);
            Exception::found(id, of(), finding.clone(), builders::at("2026-11-20T08:00:00Z"))
        };
        let bs = all
            .listed
            .values()
            .filter(|finding| finding.statement.as_ref().is_some_and(|row| row.fields.reference == "B"));
        let bs: Vec<Exception> = bs.zip([0, 2]).map(|(finding, repeat)| known(finding, repeat)).collect();
        let ids: BTreeSet<ExceptionId> = bs.iter().map(|exception| exception.id.clone()).collect();
        let full = findings(bs, 1);
        assert_eq!((full.counts().found, full.counts().listed), (6, 1));
        assert_eq!(full.found_again, ids, "the first and the third that say so");
        assert_eq!(full.repeats.len(), 2, "memory is held of what is listed or was open");
    }
}
