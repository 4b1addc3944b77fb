//! Writing one side's outcomes, while the file is read once more.

use std::fs::{File, OpenOptions};
use std::path::Path;

use csv::ByteRecord;
use indicatif::ProgressBar;
use paywarden_domain::money::Currency;
use paywarden_domain::reconciliation::digest::MultisetDigest;
use paywarden_domain::reconciliation::fields::OUTCOME_COLUMNS;
use paywarden_domain::reconciliation::row::{Kind, amount_of};
use paywarden_domain::reconciliation::{BookSide, Outcome, RowFields};
use paywarden_domain::spreadsheet::{harmless_bytes, original_bytes};

use crate::input::{SideFile, texts};
use crate::matching::SideVerdicts;
use crate::tally::KeyedSums;

/// Rows between two movements of a progress bar.
const PROGRESS_ROWS: u32 = 1 << 16;

/// What was written of one side.
#[derive(Default)]
pub struct Written {
    /// Rows by outcome.
    pub counts: KeyedSums<Outcome>,
    /// Minor units by currency, kind and outcome.
    pub sums: KeyedSums<(Currency, Kind, Outcome)>,
    /// Of the outcomes with the content of their rows.
    pub digest: MultisetDigest,
}

/// Writes the outcomes of one side to `path`.
pub fn write(
    side: &SideFile,
    verdicts: &SideVerdicts,
    path: &Path,
    with_header: bool,
    progress: &ProgressBar,
) -> anyhow::Result<Written> {
    let (mut reader, places) = side.open(progress)?;
    let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 20).from_writer(File::create(path)?);
    if with_header {
        writer.write_record(OUTCOME_COLUMNS)?;
    }
    let (mut written, mut record, mut line) = (Written::default(), ByteRecord::new(), 2_u32);
    let mut bytes = Vec::new();
    while side.next(&mut reader, &mut record)? {
        let (outcome, counterpart) = verdicts.of(line);
        let fields = places.bytes(&record);
        let (line_text, counterpart_text) = (line.to_string(), number_or_nothing(counterpart));
        let head = [outcome.as_str(), side.origin.as_str(), &line_text, &counterpart_text].map(str::as_bytes);
        let detail = detail(verdicts, line, counterpart, side.origin);
        for cell in head.into_iter().chain(fields.shown()).chain([detail.as_bytes()]) {
            writer.write_field(harmless_bytes(cell))?;
        }
        writer.write_record(None::<&[u8]>)?;
        if outcome != Outcome::ParseError {
            written.add(outcome, &texts(fields));
        }
        written.counts.add(outcome, 1);
        written.digest.add_outcome(&mut bytes, (side.origin, outcome), record.iter().map(original_bytes));
        line = line.saturating_add(1);
        if line.is_multiple_of(PROGRESS_ROWS) {
            progress.set_position(reader.position().byte());
        }
    }
    writer.flush()?;
    progress.finish_and_clear();
    Ok(written)
}

impl Written {
    fn add(&mut self, outcome: Outcome, fields: &RowFields<&str>) {
        if let Some((currency, kind, minor)) = amount_of(fields) {
            self.sums.add((currency, kind, outcome), i128::from(minor));
        }
    }
}

fn number_or_nothing(number: u32) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}

fn detail(verdicts: &SideVerdicts, line: u32, counterpart: u32, origin: BookSide) -> String {
    if let Some(problem) = verdicts.problems.get(&line) {
        return problem.to_string();
    }
    match origin {
        BookSide::Statement if counterpart != 0 => {
            let difference = verdicts.differences.get(&line);
            difference.map_or_else(String::new, |minor| format!("difference of {minor} minor units"))
        }
        BookSide::Statement | BookSide::Ledger => String::new(),
    }
}

/// Puts the second part behind the first and removes it.
pub fn append(first: &Path, second: &Path) -> anyhow::Result<()> {
    let mut whole = OpenOptions::new().append(true).open(first)?;
    std::io::copy(&mut File::open(second)?, &mut whole)?;
    std::fs::remove_file(second)?;
    Ok(())
}
