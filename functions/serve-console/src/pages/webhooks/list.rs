//! The endpoints, each with how it does.

use paywarden_api_client::{ClientError, Page as ApiPage};
use paywarden_domain::access::Scope;

use super::health;
use super::record::{Endpoint, link};
use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::filters::Filters;
use crate::view::html::Html;
use crate::view::list::{self, List};
use crate::view::notice::Notice;
use crate::view::table::{Column, Row, Table};
use crate::visit::Visit;

const COLUMNS: &[Column] = &[
    Column::new("Endpoint and what it is for"),
    Column::new("Events"),
    Column::new("Status"),
    Column::new("Last success"),
    Column::new("Taken in the last day"),
    Column::amount("Parked"),
    Column::new("Created"),
];

pub async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let filters = Filters::new(&visit.query, Vec::new(), &[]);
    let list = List { path: "/webhook-endpoints", items: "webhook_endpoints", filters: &filters, fixed: &[] };
    let rows = list.read(visit).await;
    let what = "Every delivery is signed as Standard Webhooks say and is tried again for about three days, unless its endpoint has \
                waits of its own.";
    let events = visit.link("/developers/webhooks/events");
    let document = visit.link("/developers/api/transactionChanged");
    let body = [
        done(visit)?,
        add(visit)?,
        rows_part(visit, &filters, rows)?,
        cell::paragraph(what)?,
        cell::actions(&[
            cell::link(&events, "What each event tells")?,
            cell::link(&document, "What a delivery holds")?,
        ])?,
    ];
    Ok(Page::new("Webhooks", Entry::Webhooks, Html::join(body)).into())
}

/// What was done by the form that led here.
fn done(visit: &Visit<'_>) -> Result<Html, Failure> {
    match visit.query.get("done") {
        Some("deleted") => {
            Ok(Notice::done("The endpoint is deleted, with its secret. It is told nothing more.").html()?)
        }
        _ => Ok(Html::default()),
    }
}

fn add(visit: &Visit<'_>) -> Result<Html, Failure> {
    if !visit.may(Scope::WebhooksWrite) {
        return Ok(Html::default());
    }
    let href = visit.link("/developers/webhooks/new");
    Ok(cell::actions(&[cell::button_link(&href, "+ Add endpoint")?])?)
}

fn rows_part(
    visit: &Visit<'_>,
    filters: &Filters,
    page: Result<ApiPage<Endpoint>, ClientError>,
) -> Result<Html, Failure> {
    list::part(page, |page| {
        let pager = list::pager(visit, filters, page.items.len(), None, page.next_cursor.as_deref())?;
        let rows = page.items.iter().map(|endpoint| row(visit, endpoint)).collect::<Result<_, _>>()?;
        let empty = "Nobody is told of anything yet.";
        Ok(Html::join([Table::new("Webhook endpoints", COLUMNS, rows, empty).html()?, pager]))
    })
}

fn row(visit: &Visit<'_>, endpoint: &Endpoint) -> Result<Row, askama::Error> {
    let (zone, now) = (visit.zone(), visit.now);
    let events = endpoint.events.iter().map(|event| cell::text(event)).collect::<Result<Vec<_>, _>>()?;
    let state = &endpoint.health;
    let cells = vec![
        cell::stack(&[
            cell::link(&link(visit, &endpoint.id, ""), &endpoint.url)?,
            cell::id(&endpoint.id)?,
            cell::text(endpoint.description.as_deref().unwrap_or_default())?,
        ])?,
        cell::stack(&events)?,
        health::cell(visit, endpoint)?,
        cell::maybe_time(state.last_success_at.as_deref(), zone, now)?,
        cell::text(&health::last_day(state))?,
        cell::text(&state.parked.to_string())?,
        cell::time(&endpoint.created_at, zone, now)?,
    ];
    Ok(Row { key: endpoint.id.clone(), version: endpoint.version.to_string(), cells })
}
