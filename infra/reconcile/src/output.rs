//! Writing one side's outcomes, while the file is read once more.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::path::Path;

use csv::ByteRecord;
use indicatif::ProgressBar;
use paywarden_domain::reconciliation::digest::MultisetDigest;
use paywarden_domain::reconciliation::row::{Kind, amount_of};
use paywarden_domain::reconciliation::{Origin, Outcome};

use crate::input::SideFile;
use crate::matching::SideVerdicts;
use crate::tally::Tally;

/// The columns of an outcome.
const COLUMNS: [&str; 10] = [
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
];

/// Rows between two movements of a progress bar.
const PROGRESS_ROWS: u32 = 1 << 16;

/// What was written of one side.
#[derive(Default)]
pub struct Written {
    /// Rows by outcome.
    pub counts: Tally<Outcome>,
    /// Minor units by currency, kind and outcome.
    pub sums: Tally<(u16, Kind, Outcome)>,
    /// The currencies' codes.
    pub codes: BTreeMap<u16, String>,
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
    let (mut reader, columns) = side.open(progress)?;
    let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 20).from_writer(File::create(path)?);
    if with_header {
        writer.write_record(COLUMNS)?;
    }
    let (mut written, mut record, mut line) = (Written::default(), ByteRecord::new(), 2_u32);
    let mut bytes = Vec::new();
    while side.next(&mut reader, &mut record)? {
        let (outcome, counterpart) = verdicts.of(line);
        let shown = side.shown(&columns, &record);
        let [reference, kind, direction, amount, currency] = shown;
        let (line_text, counterpart_text) = (line.to_string(), number_or_nothing(counterpart));
        let detail = detail(verdicts, line, counterpart, side.origin);
        writer.write_record([
            outcome.as_str().as_bytes(),
            side.origin.as_str().as_bytes(),
            line_text.as_bytes(),
            counterpart_text.as_bytes(),
            reference,
            kind,
            direction,
            amount,
            currency,
            detail.as_bytes(),
        ])?;
        if outcome != Outcome::ParseError {
            written.add(outcome, kind, amount, currency);
        }
        written.counts.add(outcome, 1);
        written.digest.add_outcome(&mut bytes, (side.origin, outcome), record.iter());
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
    fn add(&mut self, outcome: Outcome, kind: &[u8], amount: &[u8], currency: &[u8]) {
        let [kind, amount, code] =
            [kind, amount, currency].map(|bytes| std::str::from_utf8(bytes).unwrap_or_default());
        if let Some((currency, kind, minor)) = amount_of(kind, amount, code) {
            self.sums.add((currency, kind, outcome), i128::from(minor));
            self.codes.entry(currency).or_insert_with(|| code.to_owned());
        }
    }
}

fn number_or_nothing(number: u32) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}

fn detail(verdicts: &SideVerdicts, line: u32, counterpart: u32, origin: Origin) -> String {
    if let Some(problem) = verdicts.problems.get(&line) {
        return problem.to_string();
    }
    match origin {
        Origin::Statement if counterpart != 0 => {
            let difference = verdicts.differences.get(&line);
            difference.map_or_else(String::new, |minor| format!("difference of {minor} minor units"))
        }
        _ => String::new(),
    }
}

/// Puts the second part behind the first and removes it.
pub fn append(first: &Path, second: &Path) -> anyhow::Result<()> {
    let mut whole = OpenOptions::new().append(true).open(first)?;
    std::io::copy(&mut File::open(second)?, &mut whole)?;
    std::fs::remove_file(second)?;
    Ok(())
}
