//! `/developers/webhooks`: where the merchant is told of changes.

mod new;

use paywarden_api_client::{ClientError, Page as ApiPage};
use paywarden_domain::access::Scope;
use serde::Deserialize;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::filters::Filters;
use crate::view::html::Html;
use crate::view::list::{self, List};
use crate::view::table::{Column, Row, Table};
use crate::visit::Visit;

const COLUMNS: &[Column] = &[
    Column::new("Endpoint"),
    Column::new("What it is for"),
    Column::new("Events"),
    Column::new("Created"),
    Column::new("Status"),
];

/// What the list shows of an endpoint.
#[derive(Deserialize)]
struct Listed {
    id: String,
    url: String,
    events: Vec<String>,
    description: Option<String>,
    status: String,
    created_at: String,
}

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::WebhooksRead)?;
    match rest {
        [] => show(visit).await,
        ["new"] => new::show(visit),
        _ => Err(Failure::NotFound),
    }
}

/// What a form at the rest of an address does.
///
/// # Errors
/// [`Failure`].
pub async fn post(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::WebhooksWrite)?;
    match rest {
        ["new"] => new::create(visit).await,
        _ => Err(Failure::NotFound),
    }
}

async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let filters = Filters::new(&visit.query, Vec::new(), &[]);
    let list = List { path: "/webhook-endpoints", items: "webhook_endpoints", filters: &filters, fixed: &[] };
    let rows = list.read(visit).await;
    let mut parts = Vec::new();
    if visit.may(Scope::WebhooksWrite) {
        let href = visit.link("/developers/webhooks/new");
        parts.push(cell::actions(&[cell::button_link(&href, "+ Add endpoint")?])?);
    }
    parts.push(rows_part(visit, &filters, rows)?);
    let what = "Every delivery is signed as Standard Webhooks say and is tried again for about three days.";
    parts.push(cell::paragraph(what)?);
    let href = visit.link("/developers/api/transactionChanged");
    parts.push(cell::actions(&[cell::link(&href, "What a delivery holds")?])?);
    Ok(Page::new("Webhooks", Entry::Webhooks, Html::join(parts)).into())
}

fn rows_part(
    visit: &Visit<'_>,
    filters: &Filters,
    page: Result<ApiPage<Listed>, ClientError>,
) -> Result<Html, Failure> {
    list::part(page, |page| {
        let pager = list::pager(visit, filters, page.items.len(), None, page.next_cursor.as_deref())?;
        let rows = page.items.into_iter().map(|listed| row(visit, listed)).collect::<Result<_, _>>()?;
        let empty = "Nobody is told of anything yet.";
        Ok(Html::join([Table::new("Webhook endpoints", COLUMNS, rows, empty).html()?, pager]))
    })
}

fn row(visit: &Visit<'_>, listed: Listed) -> Result<Row, askama::Error> {
    let events = listed.events.iter().map(|event| cell::text(event)).collect::<Result<Vec<_>, _>>()?;
    let cells = vec![
        cell::stack(&[cell::text(&listed.url)?, cell::id(&listed.id)?])?,
        cell::maybe(listed.description.as_deref())?,
        cell::stack(&events)?,
        cell::time(&listed.created_at, visit.zone(), visit.now)?,
        cell::status(&listed.status)?,
    ];
    Ok(Row { key: listed.id, version: listed.status, cells })
}

#[cfg(test)]
mod tests;
