//! An exception: both sides beside one another, and what became of it.

use askama::Template;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::pages::names::Providers;
use crate::view::html::Html;
use crate::view::money::Amount;
use crate::view::status::Tone;
use crate::view::table::{Column, Row};
use crate::view::time::{self, span};
use crate::view::{cell, type_name};
use crate::visit::{Visit, segment};

pub const COLUMNS: &[Column] = &[
    Column::new("Exception"),
    Column::new("Ledger and statement"),
    Column::new("Status: who, when and why"),
];

/// The line that says where the row of a side is, or that there is none.
const PLACE: &str = "Row";

/// An exception as the API shows it.
#[derive(Debug, Clone, Deserialize)]
pub struct Exception {
    pub id: String,
    pub provider_id: String,
    pub run_id: String,
    pub outcome: String,
    pub detail: String,
    pub status: String,
    pub assignee: Option<String>,
    pub ledger: Option<Side>,
    pub statement: Option<Side>,
    pub created_at: String,
    history: Vec<Entry>,
    version: u64,
}

impl Exception {
    /// Whether somebody may still decide about it.
    pub fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "OPEN" | "ASSIGNED")
    }
}

/// A row of one side, in the words of that side.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Side {
    pub statement_id: Option<String>,
    line: Option<u64>,
    pub transaction_id: Option<String>,
    pub reference: Option<String>,
    provider_transaction_id: Option<String>,
    group_reference: Option<String>,
    kind: Option<String>,
    direction: Option<String>,
    amount: Option<String>,
    currency: Option<String>,
    at: Option<String>,
    status: Option<String>,
    text: Option<String>,
    method: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Entry {
    at: String,
    by: String,
    status: String,
    reason: String,
    assignee: Option<String>,
}

/// One member of both sides.
struct Line {
    name: &'static str,
    ledger: Html,
    statement: Html,
    differs: bool,
}

#[derive(Template)]
#[template(path = "reconciliation/sides.html")]
struct Sides<'a> {
    caption: &'a str,
    lines: Vec<Line>,
}

type Made = Result<Html, askama::Error>;
type Member = fn(&Side) -> Option<&str>;

/// The row of the list. A box before it selects it by its id.
///
/// # Errors
/// When a template fails, which none does.
pub fn row(visit: &Visit<'_>, providers: &Providers, exception: &Exception) -> Result<Row, askama::Error> {
    let cells = vec![
        what(visit, providers, exception)?,
        sides(visit, exception)?,
        cell::stack(&[standing(visit, exception)?, history(visit, exception)?])?,
    ];
    Ok(Row { key: exception.id.clone(), version: exception.version.to_string(), cells })
}

fn what(visit: &Visit<'_>, providers: &Providers, exception: &Exception) -> Made {
    let run = visit.link(&format!("/reconciliation/runs/{}", segment(&exception.run_id)));
    let mut parts =
        vec![cell::text(&exception.outcome)?, cell::id(&exception.id)?, cell::text(&exception.detail)?];
    parts.push(providers.cell(visit, &exception.provider_id)?);
    parts.push(cell::link(&run, "The run that found it")?);
    cell::stack(&parts)
}

/// Where it stands, with whom, and for how long somebody has been expected to look at it.
fn standing(visit: &Visit<'_>, exception: &Exception) -> Made {
    let mut parts = vec![status(&exception.status)?];
    if let Some(assignee) = &exception.assignee {
        parts.push(cell::text(&format!("with {assignee}"))?);
    }
    if let Some(found) = time::moment(&exception.created_at, visit.zone()).filter(|_| exception.is_open()) {
        let age = visit.now.as_seconds().saturating_sub(found.as_seconds()).max(0);
        parts.push(cell::text(&format!("open for {}", span(age)))?);
    }
    cell::stack(&parts)
}

/// The status of an exception; a closed one waits for nobody.
pub fn status(word: &str) -> Made {
    match word {
        "VOID" | "AUTO_CLEARED" => cell::mark(Tone::Quiet, word),
        _ => cell::status(word),
    }
}

/// What was last done about it, with what came before behind it.
fn history(visit: &Visit<'_>, exception: &Exception) -> Made {
    let Some((last, before)) = exception.history.split_last() else { return cell::maybe(None) };
    let mut parts = vec![entry(visit, last)?];
    if !before.is_empty() {
        let earlier =
            before.iter().rev().map(|earlier| entry(visit, earlier)).collect::<Result<Vec<_>, _>>()?;
        let summary = format!("{} before", before.len());
        parts.push(cell::folded(&summary, &cell::stack(&earlier)?, false)?);
    }
    cell::stack(&parts)
}

fn entry(visit: &Visit<'_>, entry: &Entry) -> Made {
    let to = entry.assignee.as_ref().map(|assignee| format!(" with {assignee}")).unwrap_or_default();
    cell::stack(&[
        cell::text(&format!("{}{to} by {}: {}", entry.status, entry.by, entry.reason))?,
        cell::time(&entry.at, visit.zone(), visit.now)?,
    ])
}

/// Both sides, member by member; what only one side can have has a dash on the other.
fn sides(visit: &Visit<'_>, exception: &Exception) -> Made {
    let mut lines = Vec::new();
    lines.push(line(exception, PLACE, false, |side| place(visit, side))?);
    let members: [(&'static str, Member); 7] = [
        ("Order or reference", |side| side.reference.as_deref()),
        ("Provider's id", |side| side.provider_transaction_id.as_deref()),
        ("Payment or settlement", |side| side.group_reference.as_deref()),
        ("Type", |side| side.kind.as_deref()),
        ("Method", |side| side.method.as_deref().map(type_name)),
        ("Direction", |side| side.direction.as_deref()),
        ("Status", |side| side.status.as_deref()),
    ];
    for (name, member) in members {
        if member_of(exception, member) != (None, None) {
            let differs = differs(exception, name, member);
            lines.push(line(exception, name, differs, |side| cell::maybe(member(side)))?);
        }
    }
    lines.push(line(exception, "Amount", amounts_differ(exception), amount)?);
    let is_late = exception.outcome == "LATE";
    lines.push(line(exception, "Time", is_late, |side| {
        cell::maybe_time(side.at.as_deref(), visit.zone(), visit.now)
    })?);
    if member_of(exception, |side| side.text.as_deref()) != (None, None) {
        lines.push(line(exception, "As it stands there", false, |side| cell::maybe(side.text.as_deref()))?);
    }
    Html::of(&Sides { caption: &exception.id, lines })
}

fn line(
    exception: &Exception,
    name: &'static str,
    differs: bool,
    show: impl Fn(&Side) -> Made,
) -> Result<Line, askama::Error> {
    let missing = || if name == PLACE { cell::mark(Tone::Bad, "not there") } else { cell::maybe(None) };
    let shown = |side: &Option<Side>| side.as_ref().map_or_else(missing, &show);
    Ok(Line { name, ledger: shown(&exception.ledger)?, statement: shown(&exception.statement)?, differs })
}

fn member_of<'a>(
    exception: &'a Exception,
    member: impl Fn(&'a Side) -> Option<&'a str>,
) -> (Option<&'a str>, Option<&'a str>) {
    (exception.ledger.as_ref().and_then(&member), exception.statement.as_ref().and_then(&member))
}

/// Whether the sides say something else where they should not: references and ids are each side's own, and a status only counts
/// where it is what the exception is about, for `PAID` and `SETTLED` are the same.
fn differs(exception: &Exception, name: &str, member: Member) -> bool {
    let is_compared =
        matches!(name, "Type" | "Direction") || (name == "Status" && exception.outcome == "STATUS");
    match member_of(exception, member) {
        (Some(ledger), Some(statement)) => is_compared && ledger != statement,
        _ => false,
    }
}

fn amounts_differ(exception: &Exception) -> bool {
    let (Some(ledger), Some(statement)) = (&exception.ledger, &exception.statement) else { return false };
    let number = |side: &Side| side.amount.as_deref().and_then(|text| Decimal::from_str_exact(text).ok());
    number(ledger) != number(statement) || ledger.currency != statement.currency
}

/// The amount of a side, as it stands there if it is no number.
///
/// # Errors
/// When a template fails, which none does.
pub fn amount(side: &Side) -> Made {
    let currency = side.currency.as_deref().unwrap_or_default();
    match side.amount.as_deref().map(|text| (text, Decimal::from_str_exact(text))) {
        Some((_, Ok(number))) => cell::money(Amount(number), currency),
        Some((text, Err(_))) => cell::text(text),
        None => cell::maybe(None),
    }
}

/// Where a row is to be found: the payment, or the line of the file.
fn place(visit: &Visit<'_>, side: &Side) -> Made {
    let line = side.line.map(|line| format!("line {line}")).unwrap_or_default();
    if let Some(id) = &side.transaction_id {
        return cell::link(&visit.link(&format!("/transactions/{}", segment(id))), "The payment");
    }
    match &side.statement_id {
        Some(id) => cell::stack(&[
            cell::link(&visit.link(&format!("/reconciliation/statements/{}", segment(id))), "The file")?,
            cell::text(&line)?,
        ]),
        None => cell::text(&line),
    }
}
