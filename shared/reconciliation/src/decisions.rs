//! What was decided of rows, by their numbers: eight bytes each. While the rows themselves are in memory it is written to
//! the disk, and read back when they are gone.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use paywarden_domain::money::Currency;
use paywarden_domain::reconciliation::{BookSide, Outcome, Reconciled, RowVerdict};
use rust_decimal::Decimal;

use crate::StepError;
use crate::files::{OutcomeRow, RowWriter};
use crate::held::Places;
use crate::merge::Merge;
use crate::rows::ReadRow;

/// What was decided of one row.
#[derive(Debug, Clone, Copy, Default)]
struct Decision {
    /// The number of its counterpart; zero for none.
    counterpart: u32,
    /// Nothing while it is open.
    outcome: Option<Outcome>,
}

const _: () = assert!(size_of::<Decision>() == 8);

/// What was decided of the rows of both sides.
pub struct Decisions {
    ledger: Vec<Decision>,
    statement: Vec<Decision>,
    /// What the statement has more, in minor units, by the number of its row.
    differences: HashMap<u32, i64>,
}

impl Decisions {
    /// Nothing yet of so many rows of the ledger and of the statement.
    pub fn none([ledger, statement]: [u32; 2]) -> Self {
        let open = |rows: u32| vec![Decision::default(); usize::try_from(rows).unwrap_or_default()];
        Self { ledger: open(ledger), statement: open(statement), differences: HashMap::new() }
    }

    /// Takes what was decided.
    pub fn take(&mut self, reconciled: Reconciled) {
        for (side, verdicts) in
            [(&mut self.ledger, reconciled.ledger), (&mut self.statement, reconciled.statement)]
        {
            verdicts.into_iter().for_each(|verdict| decide(side, verdict));
        }
        self.differences.extend(reconciled.differences);
    }

    /// Gives every row of these files, which are in order each, what was decided of it. Rows that cannot be read have their
    /// outcome without a decision; all others of which nothing was decided are handed to `open`, with their numbers.
    pub fn write(
        &self,
        files: &[PathBuf],
        places: &Places,
        decided: &mut RowWriter,
        mut open: impl FnMut(u32, ReadRow) -> Result<(), StepError>,
    ) -> Result<(), StepError> {
        let mut merge = Merge::<ReadRow>::of(files)?;
        let mut numbers = [0_u32, 0];
        while let Some(row) = merge.next()? {
            let [ledger, statement] = &mut numbers;
            let side = row.work.side();
            let number = match side {
                BookSide::Ledger => ledger,
                BookSide::Statement => statement,
            };
            *number = number.saturating_add(1);
            match self.outcome(*number, row, places) {
                Ok(outcome) => decided.push_outcome(&outcome)?,
                Err(row) => open(*number, row)?,
            }
        }
        Ok(())
    }

    /// A row with its outcome; the row alone while it is open.
    fn outcome(&self, number: u32, row: ReadRow, places: &Places) -> Result<OutcomeRow, ReadRow> {
        let side = row.work.side();
        let (own, other) = match side {
            BookSide::Ledger => (&self.ledger, BookSide::Statement),
            BookSide::Statement => (&self.statement, BookSide::Ledger),
        };
        let decision = slot(number).and_then(|slot| own.get(slot)).copied().unwrap_or_default();
        let outcome = match (&row.row, decision.outcome) {
            (Err(_), _) => Outcome::ParseError,
            (Ok(_), Some(outcome)) => outcome,
            (Ok(_), None) => return Err(row),
        };
        let counterpart = places.get(other, decision.counterpart);
        let difference = match side {
            BookSide::Statement => self.differences.get(&number),
            BookSide::Ledger => None,
        };
        let detail = match (difference, &row.row) {
            (Some(minor), _) => say_difference(*minor, row.work.fields().currency),
            (None, Err(problem)) => problem.clone(),
            (None, Ok(_)) => String::new(),
        };
        Ok(OutcomeRow {
            outcome,
            counterpart: counterpart.map_or(0, |place| place.ordinal),
            counterpart_line: counterpart.map_or_else(String::new, |place| place.line.to_string()),
            counterpart_statement: counterpart.map_or("", |place| place.statement).to_owned(),
            detail,
            row,
        })
    }
}

fn decide(side: &mut [Decision], RowVerdict { line, counterpart, outcome }: RowVerdict) {
    if let Some(decision) = slot(line).and_then(|slot| side.get_mut(slot)) {
        *decision = Decision { counterpart, outcome: Some(outcome) };
    }
}

/// Numbers count from 1.
fn slot(number: u32) -> Option<usize> {
    usize::try_from(number.checked_sub(1)?).ok()
}

/// By how much a statement's row differs from the ledger's, for people.
fn say_difference(minor: i64, code: &str) -> String {
    let exponent = Currency::parse(code).map_or(0, Currency::exponent);
    let amount = Decimal::try_new(minor.saturating_abs(), exponent).unwrap_or_default().normalize();
    let direction = if minor > 0 { "more" } else { "less" };
    format!("the statement has {amount} {code} {direction}")
}

/// What a record is about.
const LEDGER: u8 = 0;
const STATEMENT: u8 = 1;
const DIFFERENCE: u8 = 2;

/// Bytes of a record: what it is about, a number, and eight bytes more.
const RECORD: usize = 13;

/// Decisions on their way over the disk.
pub struct DecisionsFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl DecisionsFile {
    /// A new file.
    pub fn create(path: &Path) -> Result<Self, StepError> {
        Ok(Self { path: path.to_owned(), file: BufWriter::new(File::create(path)?) })
    }

    /// Adds what was decided.
    pub fn append(&mut self, reconciled: &Reconciled) -> Result<(), StepError> {
        for (about, verdicts) in [(LEDGER, &reconciled.ledger), (STATEMENT, &reconciled.statement)] {
            for verdict in verdicts {
                let value = i64::from(verdict.counterpart) << 8 | i64::from(verdict.outcome as u8);
                self.push(about, verdict.line, value)?;
            }
        }
        reconciled.differences.iter().try_for_each(|(line, minor)| self.push(DIFFERENCE, *line, *minor))
    }

    fn push(&mut self, about: u8, number: u32, value: i64) -> Result<(), StepError> {
        self.file.write_all(&[about])?;
        self.file.write_all(&number.to_le_bytes())?;
        Ok(self.file.write_all(&value.to_le_bytes())?)
    }

    /// Takes all of them into memory, of so many rows of the ledger and of the statement.
    pub fn load(mut self, counts: [u32; 2]) -> Result<Decisions, StepError> {
        self.file.flush()?;
        let mut decisions = Decisions::none(counts);
        let mut file = BufReader::new(File::open(&self.path)?);
        let records = std::fs::metadata(&self.path)?.len() / u64::try_from(RECORD).unwrap_or(u64::MAX);
        for _ in 0..records {
            let (mut about, mut number, mut value) = ([0_u8; 1], [0; 4], [0; 8]);
            file.read_exact(&mut about)?;
            file.read_exact(&mut number)?;
            file.read_exact(&mut value)?;
            let (line, value) = (u32::from_le_bytes(number), i64::from_le_bytes(value));
            match about {
                [LEDGER] => decide(&mut decisions.ledger, verdict(line, value)?),
                [STATEMENT] => decide(&mut decisions.statement, verdict(line, value)?),
                _ => drop(decisions.differences.insert(line, value)),
            }
        }
        Ok(decisions)
    }
}

fn verdict(line: u32, value: i64) -> Result<RowVerdict, StepError> {
    let malformed = || StepError::File(std::io::Error::other("a decision is none"));
    let outcome = usize::try_from(value & 0xff).ok().and_then(|index| Outcome::ALL.get(index));
    let counterpart = u32::try_from(value >> 8).map_err(|_| malformed())?;
    Ok(RowVerdict { line, counterpart, outcome: outcome.copied().ok_or_else(malformed)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_come_back_from_the_disk_as_they_went() {
        let folder = tempfile::TempDir::new().unwrap();
        let count = u32::try_from(Outcome::ALL.len()).unwrap();
        let verdicts = |counterpart: u32| {
            let verdict =
                |(line, outcome): (u32, &Outcome)| RowVerdict { line, counterpart, outcome: *outcome };
            (1..).zip(Outcome::ALL).map(verdict).collect::<Vec<_>>()
        };
        let decided = Reconciled {
            ledger: verdicts(u32::MAX),
            statement: verdicts(0),
            differences: vec![(1, -5), (2, i64::MAX), (3, i64::MIN)],
        };
        let mut file = DecisionsFile::create(&folder.path().join("decisions")).unwrap();
        file.append(&decided).unwrap();
        let back = file.load([count, count + 1]).unwrap();
        for (side, verdicts) in [(&back.ledger, &decided.ledger), (&back.statement, &decided.statement)] {
            for (decision, verdict) in side.iter().zip(verdicts) {
                assert_eq!(
                    (decision.counterpart, decision.outcome),
                    (verdict.counterpart, Some(verdict.outcome))
                );
            }
        }
        assert_eq!(back.statement.last().unwrap().outcome, None, "what nobody decided is open");
        assert_eq!(back.differences, decided.differences.into_iter().collect());
    }
}
