//! The report: every row with its outcome, counted and added up while it is written. It is opened in spreadsheets, and
//! says what providers and customers wrote: each cell is made harmless. Amounts have no sign, and stay numbers.
//!
//! Rows of days that the run does not judge are not in it unless they are somebody's counterpart, but they are counted:
//! what went in has to equal what came out plus what was left outside, or rows were lost on the way.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use csv::Writer;
use paywarden_domain::reconciliation::BookSide;
use paywarden_domain::reconciliation::digest::MultisetDigest;
use paywarden_domain::reconciliation::fields::OUTCOME_COLUMNS;
use paywarden_domain::reconciliation::tally::{Results, RowTotals};
use paywarden_domain::spreadsheet::harmless;
use serde_json::{Map, Value, json};

use super::findings::Counts;
use crate::StepError;
use crate::files::OutcomeRow;

/// Columns behind those that every file of outcomes has.
const MORE_COLUMNS: [&str; 7] = [
    "statement_id",
    "counterpart_statement_id",
    "transaction_id",
    "provider_transaction_id",
    "group_reference",
    "at",
    "status",
];

/// A report under construction.
pub struct RunReport {
    writer: Option<Writer<BufWriter<File>>>,
    results: Results,
    outside: RowTotals,
    digest: MultisetDigest,
    buffer: Vec<u8>,
}

impl RunReport {
    /// A report in a new file. These rows were found to be outside before.
    pub fn create(path: &Path, outside: RowTotals) -> Result<Self, StepError> {
        let mut writer = Writer::from_writer(BufWriter::new(File::create(path)?));
        writer.write_record(OUTCOME_COLUMNS.iter().chain(&MORE_COLUMNS))?;
        Ok(Self {
            writer: Some(writer),
            results: Results::default(),
            outside,
            digest: MultisetDigest::default(),
            buffer: Vec::new(),
        })
    }

    /// Takes a row; answers whether it belongs in the report.
    pub fn push(&mut self, outcome: &OutcomeRow) -> Result<bool, StepError> {
        let (work, row) = (&outcome.row.work, outcome.row.row.as_ref().ok());
        let side = work.side();
        if outcome.is_outside() {
            self.outside.add(side, row);
            return Ok(false);
        }
        self.results.add(side, outcome.outcome, row);
        let fields = work.columns().into_iter().map(str::as_bytes);
        self.digest.add_outcome(&mut self.buffer, (side, outcome.outcome), fields);
        self.write(outcome)?;
        Ok(true)
    }

    fn write(&mut self, outcome: &OutcomeRow) -> Result<(), StepError> {
        let work = &outcome.row.work;
        let (line, counterpart_line) = (work.line(), outcome.counterpart_line.as_str());
        let fields = work.fields();
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        let head = [outcome.outcome.as_str(), work.side().as_str(), line, counterpart_line];
        let more = [
            outcome.detail.as_str(),
            work.statement(),
            &outcome.counterpart_statement,
            fields.transaction_id,
            fields.provider_transaction_id,
            fields.group_reference,
            fields.at,
            fields.status,
        ];
        for cell in head.into_iter().chain(fields.shown()).chain(more) {
            writer.write_field(harmless(cell).as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Ends the file.
    pub fn finish(&mut self) -> Result<(), StepError> {
        if let Some(mut writer) = self.writer.take() {
            writer.flush()?;
        }
        Ok(())
    }

    /// Whether every row that went in came out once, and so did every minor unit, by side, currency and kind.
    pub fn is_conserved(&self, inputs: &RowTotals) -> bool {
        let mut totals = self.results.totals();
        totals.merge(&self.outside);
        totals == *inputs
    }

    /// What the run came to.
    pub fn summary(&self, counts: Counts) -> Value {
        let totals = self.results.totals();
        let sides = |of: &dyn Fn(BookSide) -> Value| {
            let sides = [BookSide::Ledger, BookSide::Statement];
            Value::Object(sides.iter().map(|side| (side.to_string(), of(*side))).collect::<Map<_, _>>())
        };
        json!({
            "rows": sides(&|side| json!(totals.rows(side))),
            "outside": sides(&|side| json!(self.outside.rows(side))),
            "outcomes": sides(&|side| json!(self.results.outcomes(side))),
            "sums": sides(&|side| json!(self.results.sums(side))),
            "conserved": true,
            "result_sha256": self.digest.finish(),
            "exceptions": counts.to_json(),
        })
    }
}
