//! Statements of other makings, brought into the canonical form before the engine reads them.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::Context;
use csv::Writer;
use paywarden_domain::reconciliation::BookSide;
use paywarden_domain::spreadsheet::harmless_bytes;
use paywarden_domain::statement::{Format, Reading};
use paywarden_providers::statements::{Line, StatementError, read};

use crate::input::Unusable;

/// Where the canonical statement is: the file itself if it is one and all its quotes close, else what is written to
/// `out`.
pub fn canonical(path: &Path, format: Format, columns: Option<&Path>, out: &Path) -> anyhow::Result<PathBuf> {
    let reading = match (format, columns) {
        (Format::Paywarden, _) if !has_open_quotes(path)? => return Ok(path.to_owned()),
        (Format::Columns, Some(columns)) => map(columns)?,
        (Format::Columns, None) => anyhow::bail!(unusable(path, "--columns is required with this format")),
        (named, _) => Reading::of_format(named).context("a format that is known by name")?,
    };
    let to = out.join("canonical-statement.csv");
    let mut writer = Writer::from_path(&to)?;
    writer.write_record(BookSide::Statement.header())?;
    let mut sink = |line: Line| match line {
        Line::Row { row, .. } => write(&mut writer, BookSide::Statement.to_line(row.fields())),
        // Kept as a row that the engine cannot read either, so that it is counted as one.
        Line::Problem(problem) => {
            let text = format!("line {}, {}: {}", problem.line, problem.column, problem.text);
            let nothing = BookSide::Statement.header().skip(1).map(|_| "");
            write(&mut writer, std::iter::once(text.as_str()).chain(nothing))
        }
    };
    let mut sink = |line: Line| sink(line).map_err(std::io::Error::from);
    read(File::open(path)?, Some(&reading), &mut sink).map_err(|error| match error {
        StatementError::Unusable(reason) => anyhow::Error::new(unusable(path, &reason)),
        StatementError::Io(error) => error.into(),
    })?;
    writer.flush()?;
    Ok(to)
}

fn write<'a>(writer: &mut Writer<File>, cells: impl Iterator<Item = &'a str>) -> csv::Result<()> {
    writer.write_record(cells.map(|cell| harmless_bytes(cell.as_bytes())))
}

/// Whether some physical line has a quote that does not close on it. Such a file is read as the platform reads it, so
/// that a stray quote takes no rows with it; all others the engine can read as they are.
fn has_open_quotes(path: &Path) -> anyhow::Result<bool> {
    let file = File::open(path).map_err(|error| unusable(path, &error.to_string()))?;
    let (mut input, mut line) = (BufReader::with_capacity(1 << 20, file), Vec::new());
    while input.read_until(b'\n', &mut line)? > 0 {
        if line.contains(&b'"') && line.iter().filter(|byte| **byte == b'"').count() % 2 == 1 {
            return Ok(true);
        }
        line.clear();
    }
    Ok(false)
}

fn map(path: &Path) -> anyhow::Result<Reading> {
    let text = std::fs::read_to_string(path).map_err(|error| unusable(path, &error.to_string()))?;
    let columns = serde_json::from_str(&text).map_err(|error| unusable(path, &error.to_string()))?;
    Ok(Reading::Columns(columns))
}

fn unusable(path: &Path, reason: &str) -> Unusable {
    Unusable { file: path.display().to_string(), line: 1, reason: reason.to_owned() }
}
