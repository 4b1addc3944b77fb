//! `/reconciliation/statements`: what providers say they settled, as files.

mod columns;
mod report;
mod statement;
mod upload;

use futures::future;
use paywarden_domain::access::Scope;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::names::Providers;
use crate::pages::reconciliation::cells;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::filters::Filters;
use crate::view::html::Html;
use crate::view::list::{self, List};
use crate::view::table::{Column, Row, Table};
use crate::visit::{Visit, segment};
use statement::Statement;

const COLUMNS: &[Column] = &[
    Column::new("File"),
    Column::new("Provider"),
    Column::new("State"),
    Column::new("Booked"),
    Column::amount("Rows"),
    Column::amount("Rejected lines"),
    Column::new("Came"),
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
        ["new"] => upload::show(visit).await,
        [id] => statement::show(visit, id).await,
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
        ["new"] => upload::give(visit).await,
        _ => Err(Failure::NotFound),
    }
}

async fn list(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let asked = filters(visit, &Providers::default());
    let list = List { path: "/reconciliation/statements", items: "statements", filters: &asked, fixed: &[] };
    let (page, providers) = future::join(list.read::<Statement>(visit), Providers::read(visit)).await;
    let providers = providers?;
    let filters = filters(visit, &providers);
    let rows = list::part(page, |page| rows(visit, &filters, &providers, &page))?;
    let add = match visit.may(Scope::ReconciliationWrite) {
        true => cell::actions(&[cell::button_link(
            &visit.link("/reconciliation/statements/new"),
            "+ Give a file",
        )?])?,
        false => Html::default(),
    };
    let body = Html::join([add, filters.html(&visit.here(""))?, rows]);
    Ok(Page::new("Statement files", Entry::Statements, body).into())
}

fn filters(visit: &Visit<'_>, providers: &Providers) -> Filters {
    Filters::new(&visit.query, vec![providers.filter(visit)], &[])
}

fn rows(
    visit: &Visit<'_>,
    filters: &Filters,
    providers: &Providers,
    page: &paywarden_api_client::Page<Statement>,
) -> Result<Html, Failure> {
    let ends = page.items.first().zip(page.items.last());
    let span = ends.map(|(first, last)| [first, last].map(|end| cells::moment(visit, &end.created_at)));
    let span = span.as_ref().map(|[first, last]| (first.as_str(), last.as_str()));
    let pager = list::pager(visit, filters, page.items.len(), span, page.next_cursor.as_deref())?;
    let shown = page.items.iter().map(|statement| row(visit, providers, statement));
    let empty = if filters.is_set() { "No file of this provider." } else { "No file has come yet." };
    let table = Table::new("Statement files", COLUMNS, shown.collect::<Result<_, _>>()?, empty);
    Ok(Html::join([table.html()?, pager]))
}

fn row(visit: &Visit<'_>, providers: &Providers, statement: &Statement) -> Result<Row, askama::Error> {
    let href = visit.link(&format!("/reconciliation/statements/{}", segment(&statement.id)));
    let report = statement.report.as_ref();
    let cells = vec![
        cell::stack(&[
            cell::text(statement.file_name.as_deref().unwrap_or("without a name"))?,
            cell::linked_id(&href, &statement.id)?,
        ])?,
        providers.cell(visit, &statement.provider_id)?,
        statement::state(&statement.status)?,
        statement::booked(visit, report)?,
        cell::maybe(report.map(|report| report.rows.to_string()).as_deref())?,
        cell::maybe(report.map(|report| report.errors.to_string()).as_deref())?,
        cell::time(&statement.created_at, visit.zone(), visit.now)?,
        cell::text(&statement.created_by)?,
    ];
    Ok(Row { key: statement.id.clone(), cells, ..Row::default() })
}

#[cfg(test)]
mod tests;
