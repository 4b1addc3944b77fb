//! What was read of a file: its sums, what could not be read, and what became of each of its lines.

use serde::Deserialize;

use crate::failure::Failure;
use crate::view::cell;
use crate::view::html::Html;
use crate::view::money::Amount;
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};

/// What was read of it.
#[derive(Deserialize)]
pub struct Report {
    pub lines: u64,
    pub rows: u64,
    pub errors: u64,
    problems: Vec<Problem>,
    checks: Vec<Check>,
    pub first_booked_at: Option<String>,
    pub last_booked_at: Option<String>,
    totals: Vec<Total>,
    file: Option<File>,
}

/// A line that cannot be read, and why.
#[derive(Deserialize)]
struct Problem {
    line: u64,
    column: String,
    expected: String,
    #[serde(default)]
    text: String,
}

/// What the file says of itself.
#[derive(Deserialize)]
struct Check {
    name: String,
    stated: String,
    found: String,
    holds: bool,
}

#[derive(Deserialize)]
struct Total {
    currency: String,
    kind: String,
    direction: String,
    amount: Amount,
    count: u64,
}

/// What became of the file's physical lines.
#[derive(Deserialize)]
struct File {
    lines: u64,
    bytes: u64,
    parts: Parts,
    adds_up: bool,
}

#[derive(Deserialize)]
struct Parts {
    header: Extent,
    movements: Extent,
    without_movement: Extent,
    summary: Extent,
    blank: Extent,
    unreadable: Extent,
}

#[derive(Deserialize)]
struct Extent {
    lines: u64,
    bytes: u64,
}

const PROBLEMS: &[Column] = &[
    Column::amount("Line"),
    Column::new("Column"),
    Column::new("What was expected"),
    Column::new("How the line begins"),
];
const CHECKS: &[Column] =
    &[Column::new("What"), Column::new("The file says"), Column::new("Found"), Column::new("Holds")];
const TOTALS: &[Column] =
    &[Column::new("Type"), Column::new("Direction"), Column::amount("Amount"), Column::amount("Rows")];
const PARTS: &[Column] = &[Column::new("Part of the file"), Column::amount("Lines"), Column::amount("Bytes")];

/// All of it.
pub fn part(report: &Report) -> Result<Html, Failure> {
    Ok(Html::join([problems(report)?, checks(report)?, totals(report)?, file(report)?]))
}

fn problems(report: &Report) -> Result<Html, Failure> {
    let row = |problem: &Problem| {
        let cells = vec![
            cell::text(&problem.line.to_string())?,
            cell::text(&problem.column)?,
            cell::text(&problem.expected)?,
            cell::text(&problem.text)?,
        ];
        Ok(Row { key: format!("{}-{}", problem.line, problem.column), cells, ..Row::default() })
    };
    let rows = report.problems.iter().map(row).collect::<Result<Vec<_>, askama::Error>>()?;
    let shown = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let heading = if report.errors > shown {
        format!("Rejected lines: the first {shown} of {}", report.errors)
    } else {
        "Rejected lines".to_owned()
    };
    let table = Table::new("Rejected lines", PROBLEMS, rows, "Every line could be read.");
    Ok(Html::join([cell::heading(&heading)?, table.html()?]))
}

fn checks(report: &Report) -> Result<Html, Failure> {
    if report.checks.is_empty() {
        return Ok(Html::default());
    }
    let row = |check: &Check| {
        let holds = if check.holds { (Tone::Good, "yes") } else { (Tone::Bad, "no") };
        let cells = vec![
            cell::text(&check.name)?,
            cell::text(&check.stated)?,
            cell::text(&check.found)?,
            cell::mark(holds.0, holds.1)?,
        ];
        Ok(Row { key: check.name.clone(), cells, ..Row::default() })
    };
    let rows = report.checks.iter().map(row).collect::<Result<_, askama::Error>>()?;
    let heading = "What the file says of itself";
    Ok(Html::join([cell::heading(heading)?, Table::new(heading, CHECKS, rows, "").html()?]))
}

fn totals(report: &Report) -> Result<Html, Failure> {
    let row = |total: &Total| {
        let cells = vec![
            cell::text(&total.kind)?,
            cell::text(&total.direction)?,
            cell::money(total.amount, &total.currency)?,
            cell::text(&total.count.to_string())?,
        ];
        let key = format!("{}-{}-{}", total.currency, total.kind, total.direction);
        Ok(Row { key, cells, ..Row::default() })
    };
    let rows = report.totals.iter().map(row).collect::<Result<_, askama::Error>>()?;
    let table = Table::new("Sums of the file", TOTALS, rows, "No row was read.");
    Ok(Html::join([cell::heading("Sums of the file")?, table.html()?]))
}

/// Nothing is dropped: each physical line and byte is one of these.
fn file(report: &Report) -> Result<Html, Failure> {
    let Some(file) = &report.file else { return Ok(Html::default()) };
    let parts = &file.parts;
    let whole = Extent { lines: file.lines, bytes: file.bytes };
    let named = [
        ("Header, and what stands above it", &parts.header),
        ("Movements of money", &parts.movements),
        ("Lines that move no money", &parts.without_movement),
        ("Sums at the end", &parts.summary),
        ("Blank lines", &parts.blank),
        ("Lines that cannot be read", &parts.unreadable),
        ("All of it", &whole),
    ];
    let row = |(name, extent): &(&str, &Extent)| {
        let cells = vec![
            cell::text(name)?,
            cell::text(&extent.lines.to_string())?,
            cell::text(&extent.bytes.to_string())?,
        ];
        Ok(Row { key: (*name).to_owned(), cells, ..Row::default() })
    };
    let rows = named.iter().map(row).collect::<Result<_, askama::Error>>()?;
    let heading = "What became of each line";
    let adds_up = match file.adds_up {
        true => cell::mark(Tone::Good, "the parts are the whole file")?,
        false => cell::mark(Tone::Bad, "the parts are not the whole file")?,
    };
    Ok(Html::join([cell::heading(heading)?, adds_up, Table::new(heading, PARTS, rows, "").html()?]))
}
