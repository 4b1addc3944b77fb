//! `/unmatched-callbacks`: callbacks that fit no transaction, of one day, of all providers or of one.

mod decision;

use askama::Error;
use futures::future;
use paywarden_api_client::{ClientError, Page as Found};
use paywarden_domain::access::Scope;
use paywarden_domain::time::Day;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::names::Providers;
use crate::reply::{Page, Reply};
use crate::view::filters::{Filter, Filters};
use crate::view::html::Html;
use crate::view::list::{self, List};
use crate::view::notice::Notice;
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, json};
use crate::visit::{Visit, segment};

const COLUMNS: &[Column] = &[
    Column::new("Received"),
    Column::new("Provider"),
    Column::new("What it says"),
    Column::new("What became of it"),
];

/// A callback and whose it is.
#[derive(Deserialize)]
struct Listed {
    provider_id: String,
    provider_name: String,
    decided: bool,
    log: Logged,
}

/// A line of the log of callbacks that fit nothing.
#[derive(Deserialize)]
struct Logged {
    id: String,
    at: String,
    summary: String,
    /// What there is to tell, which differs by what the matter is.
    detail: Value,
}

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::LogsRead)?;
    match rest {
        [] => show(visit).await,
        [provider, entry] => decision::show(visit, provider, entry).await,
        _ => Err(Failure::NotFound),
    }
}

/// What a form at the rest of an address does.
///
/// # Errors
/// [`Failure`].
pub async fn post(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::ProvidersWrite)?;
    match rest {
        [provider, entry] => decision::decide(visit, provider, entry).await,
        _ => Err(Failure::NotFound),
    }
}

async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let (providers, found) = future::join(Providers::read(visit), found(visit)).await;
    let providers = providers?;
    let found = found.map(|page| named(page, &providers));
    let filters = filters(visit, &providers);
    let rows = rows(visit, &filters, found)?;
    let body = [done(visit)?, filters.html(&visit.here(""))?, days(visit)?, rows];
    Ok(Page::new("Unmatched callbacks", Entry::Unmatched, Html::join(body)).into())
}

fn filters(visit: &Visit<'_>, providers: &Providers) -> Filters {
    let filters = vec![
        Filter::day("day", "Day"),
        providers.filter(visit),
        Filter::choice("decided", "State", [("false", "Waits"), ("true", "Decided or applied")]),
    ];
    Filters::new(&visit.query, filters, &[])
}

/// The page of the list. That of one provider is another list of the API, which knows neither names nor what is decided.
async fn found(visit: &Visit<'_>) -> Result<Found<Listed>, ClientError> {
    let Some(provider) = visit.query.get("provider_id") else {
        let filters = [Filter::day("day", ""), Filter::flag("decided", "")];
        let filters = Filters::new(&visit.query, filters.to_vec(), &[]);
        let path = "/unmatched-callbacks";
        return List { path, items: "unmatched_callbacks", filters: &filters, fixed: &[] }.read(visit).await;
    };
    let filters = Filters::new(&visit.query, vec![Filter::day("day", "")], &[]);
    let path = format!("/providers/{}/unmatched-callbacks", segment(provider));
    let list = List { path: &path, items: "logs", filters: &filters, fixed: &[] };
    let page: Found<Logged> = list.read(visit).await?;
    let wanted = visit.query.get("decided");
    let items = page.items.into_iter().map(|log| Listed {
        provider_id: provider.to_owned(),
        provider_name: String::new(),
        decided: log.is_decided(),
        log,
    });
    let items = items.filter(|one| wanted.is_none_or(|wanted| (wanted == "true") == one.decided)).collect();
    Ok(Found { items, next_cursor: page.next_cursor })
}

/// The same page, its callbacks with the names of their providers where the API gave none.
fn named(mut page: Found<Listed>, providers: &Providers) -> Found<Listed> {
    for one in page.items.iter_mut().filter(|one| one.provider_name.is_empty()) {
        one.provider_name = providers.name(&one.provider_id).to_owned();
    }
    page
}

impl Logged {
    /// The text at a place of the details, such as `/decision/by`.
    fn told(&self, place: &str) -> Option<&str> {
        self.detail.pointer(place).and_then(Value::as_str)
    }

    /// Whether it found its transaction since, or somebody did something about it.
    fn is_decided(&self) -> bool {
        self.told("/applied_to").is_some() || self.told("/decision/by").is_some()
    }
}

/// What was done by the form that led here.
fn done(visit: &Visit<'_>) -> Result<Html, Failure> {
    let said = match visit.query.get("done") {
        Some("replayed") => {
            "The callback goes on its way once more. What came of it stands here in a moment."
        }
        Some("bound") => {
            "The callback goes on its way as a report of that transaction, whose timeline tells what came of it."
        }
        _ => return Ok(Html::default()),
    };
    Ok(Notice::done(said).html()?)
}

/// The day that is shown, and the ways to those beside it.
fn days(visit: &Visit<'_>) -> Result<Html, Error> {
    let today = visit.zone().day_of(visit.now);
    let day = visit.query.get("day").and_then(|text| Day::parse(text).ok()).unwrap_or(today);
    let kept = visit.query.query(|name| matches!(name, "provider_id" | "decided"));
    let separator = if kept.is_empty() { "" } else { "&" };
    let to = |day: Day, name: &str| cell::link(&visit.here(&format!("{kept}{separator}day={day}")), name);
    let shown = cell::text(&format!("Received on {day}, on the clocks of {}", visit.zone().name()))?;
    let mut parts = vec![to(day.plus_days(-1), "The day before")?, shown];
    if day < today {
        parts.push(to(day.plus_days(1), "The day after")?);
    }
    cell::actions(&parts)
}

fn rows(
    visit: &Visit<'_>,
    filters: &Filters,
    found: Result<Found<Listed>, ClientError>,
) -> Result<Html, Failure> {
    list::part(found, |found| {
        let ends = found.items.first().zip(found.items.last());
        let span = ends.map(|(first, last)| (clock(&first.log.at), clock(&last.log.at)));
        let pager = list::pager(visit, filters, found.items.len(), span, found.next_cursor.as_deref())?;
        let rows = found.items.iter().map(|one| row(visit, one)).collect::<Result<_, _>>()?;
        let empty =
            "No callback of this day passes these filters. Each has found its transaction, or none came.";
        Ok(Html::join([Table::new("Unmatched callbacks", COLUMNS, rows, empty).html()?, pager]))
    })
}

/// The time of the day, of a moment of the API.
fn clock(at: &str) -> &str {
    at.get(11..19).unwrap_or(at)
}

fn row(visit: &Visit<'_>, one: &Listed) -> Result<Row, Error> {
    let cells = vec![
        cell::time(&one.log.at, visit.zone(), visit.now)?,
        cell::link(&visit.link(&format!("/providers/{}", segment(&one.provider_id))), &one.provider_name)?,
        said(&one.log)?,
        state(visit, one)?,
    ];
    Ok(Row { key: one.log.id.clone(), version: one.decided.to_string(), cells })
}

/// What it says, and of which payment of the provider's; all that was kept of it is folded.
fn said(log: &Logged) -> Result<Html, Error> {
    let mut lines = vec![cell::text(&log.summary)?];
    if let Some(status) = log.told("/reported/status") {
        lines.push(cell::status(status)?);
    }
    if let Some(id) = log.told("/reported/provider_transaction_id") {
        lines.push(cell::id(id)?);
    }
    lines.push(json::folded("As it came", &log.detail)?);
    cell::stack(&lines)
}

/// Whether it waits, or who decided what about it; with the way to a decision for those who may.
fn state(visit: &Visit<'_>, one: &Listed) -> Result<Html, Error> {
    let linked = |id: &str| cell::linked_id(&visit.link(&format!("/transactions/{}", segment(id))), id);
    let mut lines = Vec::new();
    if let Some(id) = one.log.told("/applied_to") {
        lines.extend([cell::mark(Tone::Good, "applied to")?, linked(id)?]);
    }
    if let Some(by) = one.log.told("/decision/by") {
        let reason = one.log.told("/decision/reason").unwrap_or_default();
        lines.push(cell::text(&format!("Decided by {by}: {reason}"))?);
    }
    if let Some(id) = one.log.told("/decision/bound_to") {
        lines.extend([cell::text("bound to")?, linked(id)?]);
    }
    if !one.decided {
        lines.push(cell::mark(Tone::Warning, "waits")?);
    }
    if visit.may(Scope::ProvidersWrite) {
        let day = one.log.at.get(..10).unwrap_or_default();
        let path = format!("/unmatched-callbacks/{}/{}", segment(&one.provider_id), segment(&one.log.id));
        lines.push(cell::link(&visit.link(&format!("{path}?day={day}")), "Read it, replay or bind it")?);
    }
    cell::stack(&lines)
}

#[cfg(test)]
mod tests;
