//! `/developers/audit`: who changed what.

mod differences;

use futures::future;
use paywarden_api_client::{ClientError, Page as ApiPage};
use paywarden_domain::access::Scope;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::clients::names::{self, Names};
use crate::reply::{Page, Reply};
use crate::view::filters::{Filter, Filters};
use crate::view::html::Html;
use crate::view::list::{self, List};
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, json};
use crate::visit::{Visit, segment};

const COLUMNS: &[Column] = &[
    Column::new("When and who"),
    Column::new("What"),
    Column::new("Outcome"),
    Column::new("Before and after"),
];

/// Ids whose pages this console has, by how they begin, with the scope that a page asks for.
const PAGES: &[(&str, &str, Scope)] = &[
    ("tra_", "/transactions/", Scope::TransactionsRead),
    ("prv_", "/providers/", Scope::ProvidersRead),
    ("cli_", "/developers/clients/", Scope::ClientsWrite),
    ("whe_", "/developers/webhooks/", Scope::WebhooksRead),
];

/// What the list shows of an entry.
#[derive(Deserialize)]
struct Entered {
    id: String,
    at: String,
    by: String,
    identity: Option<String>,
    address: Option<String>,
    request_id: String,
    action: String,
    target: String,
    subject: Option<String>,
    outcome: String,
    status: Option<u16>,
    error_code: Option<String>,
    before: Value,
    after: Value,
}

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::AuditRead)?;
    if !rest.is_empty() {
        return Err(Failure::NotFound);
    }
    let filters = filters(visit);
    let list = List { path: "/audit", items: "audit_entries", filters: &filters, fixed: &[] };
    if visit.query.get("format") == Some("csv") {
        return list::download(visit, &list, "audit").await;
    }
    let (rows, names) = future::join(list.read(visit), names::read(visit)).await;
    let query = filters.query();
    let csv = if query.is_empty() { "format=csv".to_owned() } else { format!("{query}&format=csv") };
    let body = [
        filters.html(&visit.here(""))?,
        rows_part(visit, &filters, rows, &names?)?,
        cell::actions(&[cell::link(&visit.here(&csv), "CSV of this view")?])?,
    ];
    Ok(Page::new("Audit trail", Entry::Audit, Html::join(body)).into())
}

fn filters(visit: &Visit<'_>) -> Filters {
    let outcomes = [
        ("done", "done"),
        ("refused", "refused: nothing is different"),
        ("failed", "failed: may be done in part"),
        ("begun", "begun: cut off, may have happened"),
    ];
    let filters = vec![
        Filter::text("by", "Who", "cli_…, usr_… or operator"),
        Filter::text("action", "What", "update-provider"),
        Filter::text("subject", "Id of what changed", "prv_…"),
        Filter::choice("outcome", "Outcome", outcomes),
        Filter::time("start_date", "From"),
        Filter::time("end_date", "Until"),
    ];
    Filters::new(&visit.query, filters, &[])
}

fn rows_part(
    visit: &Visit<'_>,
    filters: &Filters,
    page: Result<ApiPage<Entered>, ClientError>,
    names: &Names,
) -> Result<Html, Failure> {
    list::part(page, |page| {
        let ends = page.items.first().zip(page.items.last());
        let span = ends.map(|(first, last)| (first.at.clone(), last.at.clone()));
        let span = span.as_ref().map(|(first, last)| (first.as_str(), last.as_str()));
        let pager = list::pager(visit, filters, page.items.len(), span, page.next_cursor.as_deref())?;
        let rows = page.items.into_iter().map(|entry| row(visit, entry, names)).collect::<Result<_, _>>()?;
        let empty =
            if filters.is_set() { "No entry passes these filters." } else { "Nothing was changed yet." };
        Ok(Html::join([Table::new("Audit trail", COLUMNS, rows, empty).html()?, pager]))
    })
}

fn row(visit: &Visit<'_>, entry: Entered, names: &Names) -> Result<Row, askama::Error> {
    let cells = vec![
        who(visit, &entry, names)?,
        what(visit, &entry)?,
        outcome(&entry)?,
        Html::join([change(&entry)?, cell::folded("Request", &request(&entry)?, false)?]),
    ];
    Ok(Row { key: entry.id, version: entry.outcome, cells })
}

/// When, who it was and from where; of an operator, who they are to AWS.
fn who(visit: &Visit<'_>, entry: &Entered, names: &Names) -> Result<Html, askama::Error> {
    let mut parts = vec![cell::time(&entry.at, visit.zone(), visit.now)?];
    if let Some(name) = names.of(&entry.by) {
        parts.push(cell::text(name)?);
    }
    parts.push(id(visit, &entry.by)?);
    for known in [&entry.identity, &entry.address].into_iter().flatten() {
        parts.push(cell::text(known)?);
    }
    cell::stack(&parts)
}

/// An id, which leads to its page if there is one that this person may see.
fn id(visit: &Visit<'_>, id: &str) -> Result<Html, askama::Error> {
    let page = PAGES.iter().find(|(prefix, _, scope)| id.starts_with(prefix) && visit.may(*scope));
    match page {
        Some((_, path, _)) => cell::linked_id(&visit.link(&format!("{path}{}", segment(id))), id),
        None => cell::id(id),
    }
}

/// What was to be done, and to what.
fn what(visit: &Visit<'_>, entry: &Entered) -> Result<Html, askama::Error> {
    let action = cell::text(&entry.action)?;
    match &entry.subject {
        Some(subject) => cell::stack(&[action, id(visit, subject)?]),
        None => Ok(action),
    }
}

fn outcome(entry: &Entered) -> Result<Html, askama::Error> {
    let status = entry.status.map(|status| status.to_string());
    let answer: Vec<&str> = [status.as_deref(), entry.error_code.as_deref()].into_iter().flatten().collect();
    let tone = if entry.outcome == "done" { Tone::Good } else { Tone::of(&entry.outcome) };
    cell::stack(&[cell::mark(tone, &entry.outcome)?, cell::text(&answer.join(" "))?])
}

/// Under what the logs have it.
fn request(entry: &Entered) -> Result<Html, askama::Error> {
    cell::stack(&[cell::text(&entry.target)?, cell::id(&entry.request_id)?, cell::id(&entry.id)?])
}

/// What is different, and both sides whole behind it.
fn change(entry: &Entered) -> Result<Html, askama::Error> {
    if entry.before.is_null() && entry.after.is_null() {
        return cell::text("nothing is different");
    }
    let mut parts = Vec::new();
    if !entry.before.is_null() && !entry.after.is_null() {
        parts.push(differences::between(&entry.before, &entry.after)?);
    }
    for (summary, side) in [("Before", &entry.before), ("After", &entry.after)] {
        if !side.is_null() {
            parts.push(json::folded(summary, side)?);
        }
    }
    Ok(Html::join(parts))
}

#[cfg(test)]
mod tests;
