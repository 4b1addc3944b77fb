//! `/reconciliation/runs`: statements held against the ledger.

mod progress;
mod run;
mod start;
mod summary;

use futures::future;
use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use paywarden_domain::reconciliation::run::RunState;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::names::Providers;
use crate::pages::reconciliation::cells;
use crate::pages::reconciliation::links;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::filters::{Filter, Filters};
use crate::view::html::Html;
use crate::view::list::{self, List};
use crate::view::table::{Column, Row, Table};
use crate::visit::{Visit, segment};
use run::Run;

const COLUMNS: &[Column] = &[
    Column::new("Run"),
    Column::new("Provider"),
    Column::new("Days"),
    Column::new("State"),
    Column::amount("Ledger rows"),
    Column::amount("Statement rows"),
    Column::amount("Exceptions"),
    Column::new("Began"),
    Column::new("By"),
];

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::ReconciliationRead)?;
    match rest {
        [] => list(visit).await,
        ["new"] => start::show(visit).await,
        [id] => run::show(visit, id).await,
        [id, "report"] => run::report(visit, id).await,
        [id, "cancel"] => Ok(Reply::SeeOther(link(visit, id))),
        _ => Err(Failure::NotFound),
    }
}

/// What a form at the rest of an address does.
///
/// # Errors
/// [`Failure`].
pub async fn post(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::ReconciliationWrite)?;
    match rest {
        ["new"] => start::start(visit).await,
        [id, "cancel"] => run::cancel(visit, id).await,
        _ => Err(Failure::NotFound),
    }
}

/// The page of a run.
fn link(visit: &Visit<'_>, id: &str) -> String {
    visit.link(&format!("/reconciliation/runs/{}", segment(id)))
}

async fn list(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let asked = filters(visit, &Providers::default());
    let list = List { path: "/reconciliation/runs", items: "runs", filters: &asked, fixed: &[] };
    let (page, providers) = future::join(list.read::<Run>(visit), Providers::read(visit)).await;
    let providers = providers?;
    let filters = filters(visit, &providers);
    let rows = rows(visit, &filters, &providers, page)?;
    let start = match visit.may(Scope::ReconciliationWrite) {
        true => {
            let asked = [("provider_id", visit.query.text("provider_id"))];
            let href = links::to(visit, "/reconciliation/runs/new", &asked);
            cell::actions(&[cell::button_link(&href, "+ Start a run")?])?
        }
        false => Html::default(),
    };
    let body = Html::join([start, filters.html(&visit.here(""))?, rows]);
    Ok(Page::new("Runs", Entry::Runs, body).into())
}

fn filters(visit: &Visit<'_>, providers: &Providers) -> Filters {
    let states = RunState::WORDS.iter().map(|word| (*word, *word));
    Filters::new(&visit.query, vec![providers.filter(visit), Filter::choice("state", "State", states)], &[])
}

fn rows(
    visit: &Visit<'_>,
    filters: &Filters,
    providers: &Providers,
    page: Result<paywarden_api_client::Page<Run>, ClientError>,
) -> Result<Html, Failure> {
    list::part(page, |page| {
        let ends = page.items.first().zip(page.items.last());
        let span = ends.map(|(first, last)| [first, last].map(|end| cells::moment(visit, &end.created_at)));
        let span = span.as_ref().map(|[first, last]| (first.as_str(), last.as_str()));
        let pager = list::pager(visit, filters, page.items.len(), span, page.next_cursor.as_deref())?;
        let shown = page.items.iter().map(|run| row(visit, providers, run));
        let empty = if filters.is_set() { "No run passes these filters." } else { "No run yet." };
        let table = Table::new("Runs", COLUMNS, shown.collect::<Result<_, _>>()?, empty);
        Ok(Html::join([table.html()?, pager]))
    })
}

fn row(visit: &Visit<'_>, providers: &Providers, run: &Run) -> Result<Row, askama::Error> {
    let summary = run.summary();
    let [ledger, statement] = summary.as_ref().map_or([None, None], |summary| {
        [Some(summary.rows.ledger.to_string()), Some(summary.rows.statement.to_string())]
    });
    let found = summary.as_ref().map(|summary| summary.exceptions.found.to_string());
    let dry = if run.dry_run { "dry run" } else { "" };
    let cells = vec![
        cell::linked_id(&link(visit, &run.id), &run.id)?,
        providers.cell(visit, &run.provider_id)?,
        cells::days(&run.start_date, &run.end_date)?,
        cell::stack(&[run::state(&run.state)?, cell::text(dry)?])?,
        cell::maybe(ledger.as_deref())?,
        cell::maybe(statement.as_deref())?,
        cell::maybe(found.as_deref())?,
        cell::time(&run.created_at, visit.zone(), visit.now)?,
        cell::text(&run.created_by)?,
    ];
    Ok(Row { key: run.id.clone(), version: run.version.to_string(), cells })
}

#[cfg(test)]
mod tests;
