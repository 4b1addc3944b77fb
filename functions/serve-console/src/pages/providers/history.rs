//! What was changed about a provider: when, by whom and why, and the numbers that an automatic change rests on.

use askama::Error;
use paywarden_api_client::{ClientError, Page};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::view::html::Html;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, json, list};
use crate::visit::Visit;

const COLUMNS: &[Column] = &[
    Column::new("When"),
    Column::new("Who"),
    Column::new("What"),
    Column::new("Why"),
    Column::new("Changes"),
];

/// Changes on a page.
const LIMIT: usize = 20;

/// The parameter that continues the list.
const CURSOR: &str = "history";

#[derive(Deserialize)]
pub struct Change {
    version: u64,
    at: String,
    by: String,
    kind: String,
    from: Option<String>,
    to: String,
    reason: Option<String>,
    /// By member.
    changes: Map<String, Value>,
    numbers: Option<Value>,
}

pub async fn read(visit: &Visit<'_>, id: &str) -> Result<Page<Change>, ClientError> {
    let path = format!("{}/history?limit={LIMIT}", super::record::path(id));
    visit.api.page(&path, "history", visit.query.get(CURSOR)).await
}

pub fn part(visit: &Visit<'_>, changes: Result<Page<Change>, ClientError>) -> Result<Html, Failure> {
    list::part(changes, |page| {
        let rows = page.items.iter().map(|change| row(visit, change)).collect::<Result<_, _>>()?;
        let table = Table::new("History", COLUMNS, rows, "Nothing was changed.").html()?;
        Ok(Html::join([table, pages(visit, page.next_cursor.as_deref())?]))
    })
}

/// The numbers that the latest change to a status rests on, if monitoring made it; nothing when it is not on this page.
pub fn cause(changes: &Result<Page<Change>, ClientError>, status: &str) -> Result<Html, Error> {
    let latest = changes.as_ref().ok().and_then(|page| {
        page.items.iter().find(|change| change.kind == "status_changed" && change.to == status)
    });
    match latest.and_then(|change| change.numbers.as_ref()) {
        Some(numbers) => cell::text(&short(Some(numbers)).replace('_', " ")),
        None => Ok(Html::default()),
    }
}

fn pages(visit: &Visit<'_>, next: Option<&str>) -> Result<Html, Error> {
    let mut links = Vec::new();
    if visit.query.get(CURSOR).is_some() {
        links.push(cell::link(&visit.here("#history"), "Newest changes")?);
    }
    if let Some(next) = next {
        let cursor: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        links.push(cell::link(
            &format!("{}#history", visit.here(&format!("{CURSOR}={cursor}"))),
            "Older changes",
        )?);
    }
    if links.is_empty() { Ok(Html::default()) } else { cell::actions(&links) }
}

fn row(visit: &Visit<'_>, change: &Change) -> Result<Row, Error> {
    let at = cell::time(&change.at, visit.zone(), visit.now)?;
    let cells = vec![
        cell::stack(&[at, cell::text(&format!("version {}", change.version))?])?,
        cell::text(&change.by)?,
        what(change)?,
        cell::maybe(change.reason.as_deref())?,
        details(change)?,
    ];
    Ok(Row { key: format!("{}/{}", change.version, change.kind), cells, ..Row::default() })
}

fn what(change: &Change) -> Result<Html, Error> {
    let kind = cell::text(&change.kind.replace('_', " "))?;
    match &change.from {
        Some(from) if *from != change.to => {
            cell::stack(&[kind, cell::text(&format!("from {from}"))?, cell::status(&change.to)?])
        }
        _ => Ok(kind),
    }
}

/// Each member as it was and as it is, and what an automatic change rests on.
fn details(change: &Change) -> Result<Html, Error> {
    let line = |(member, change): (&String, &Value)| {
        cell::text(&format!("{member}: {} → {}", short(change.get("from")), short(change.get("to"))))
    };
    let mut lines = change.changes.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    if let Some(numbers) = &change.numbers {
        lines.push(json::folded("The numbers it rests on", numbers)?);
    }
    cell::stack(&lines)
}

/// A value in one line; what its members leave open is left out.
fn short(value: Option<&Value>) -> String {
    match value.unwrap_or(&Value::Null) {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(|item| short(Some(item))).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let set = members.iter().filter(|(_, value)| !value.is_null());
            set.map(|(name, value)| format!("{name} {}", short(Some(value)))).collect::<Vec<_>>().join(", ")
        }
        value => value.to_string(),
    }
}
