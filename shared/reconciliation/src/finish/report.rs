//! The report: every row with its outcome, counted and added up while it is written.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use csv::Writer;
use paywarden_domain::money::Currency;
use paywarden_domain::reconciliation::Origin;
use paywarden_domain::reconciliation::digest::MultisetDigest;
use paywarden_domain::reconciliation::tally::{Results, Totals};
use serde_json::{Map, Value, json};

use super::findings::Counts;
use crate::StepError;
use crate::rows::OutcomeRow;

/// The columns: those of the command line's outcomes, and what else is known behind them.
const COLUMNS: [&str; 17] = [
    "outcome",
    "side",
    "line",
    "counterpart_line",
    "reference",
    "kind",
    "direction",
    "amount",
    "currency",
    "detail",
    "statement_id",
    "counterpart_statement_id",
    "transaction_id",
    "provider_transaction_id",
    "group_reference",
    "at",
    "status",
];

/// A report under construction.
pub struct Report {
    writer: Option<Writer<BufWriter<File>>>,
    results: Results,
    outside: Totals,
    digest: MultisetDigest,
    buffer: Vec<u8>,
}

impl Report {
    /// A report in a new file.
    pub fn create(path: &Path) -> Result<Self, StepError> {
        let mut writer = Writer::from_writer(BufWriter::new(File::create(path)?));
        writer.write_record(COLUMNS)?;
        Ok(Self {
            writer: Some(writer),
            results: Results::default(),
            outside: Totals::default(),
            digest: MultisetDigest::default(),
            buffer: Vec::new(),
        })
    }

    /// Takes a row; answers whether it belongs in the report.
    pub fn push(&mut self, outcome: &OutcomeRow) -> Result<bool, StepError> {
        let work = &outcome.row;
        let side = work.side();
        let row = work.row().and_then(Result::ok);
        let counted = row.as_ref().and_then(|row| Some((Currency::parse(work.currency()).ok()?, row)));
        if outcome.is_outside() {
            self.outside.add(side, counted);
            return Ok(false);
        }
        self.results.add(side, outcome.outcome, counted);
        let fields = work.columns().into_iter().map(str::as_bytes);
        self.digest.add_outcome(&mut self.buffer, (side, outcome.outcome), fields);
        self.write(outcome)?;
        Ok(true)
    }

    fn write(&mut self, outcome: &OutcomeRow) -> Result<(), StepError> {
        let row = outcome.row.to_exception();
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        writer.write_record([
            outcome.outcome.as_str(),
            outcome.row.side().as_str(),
            outcome.row.line(),
            &outcome.counterpart_line,
            &row.reference,
            &row.kind,
            &row.direction,
            &row.amount,
            &row.currency,
            &outcome.detail,
            outcome.row.statement(),
            &outcome.counterpart_statement,
            &row.transaction_id,
            &row.provider_transaction_id,
            &row.group_reference,
            &row.at,
            &row.status,
        ])?;
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
    pub fn is_conserved(&self, inputs: &Totals) -> bool {
        let mut totals = self.results.totals();
        totals.merge(&self.outside);
        totals == *inputs
    }

    /// What the run came to.
    pub fn summary(&self, counts: Counts) -> Value {
        let totals = self.results.totals();
        let sides = |of: &dyn Fn(Origin) -> Value| {
            let sides = [Origin::Ledger, Origin::Statement];
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
