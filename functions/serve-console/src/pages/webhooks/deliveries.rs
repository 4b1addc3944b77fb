//! What an endpoint was told, or is to be: newest first, with filters.

use paywarden_api_client::{ClientError, Page as ApiPage};
use paywarden_domain::access::Scope;
use paywarden_domain::webhook::{DeliveryStatus, EventType};

use super::attempts::outcome;
use super::record::{Delivery, delivery_link, link, path};
use crate::asked::Asked;
use crate::failure::Failure;
use crate::view::cell;
use crate::view::filters::{Filter, Filters};
use crate::view::html::Html;
use crate::view::list::{self, List};
use crate::view::table::{Column, Row, Table};
use crate::visit::{Visit, segment};

const COLUMNS: &[Column] = &[
    Column::new("When and which"),
    Column::new("Event"),
    Column::new("Status"),
    Column::new("Transaction and version"),
    Column::amount("Attempts"),
    Column::new("Last answer"),
    Column::new("Next try"),
];

/// The filters, where a delivery may be of one of these statuses.
pub fn filters<'a>(asked: &Asked, statuses: impl IntoIterator<Item = &'a str>) -> Filters {
    let events = EventType::ALL.iter().map(|event| (event.as_str(), event.as_str()));
    let classes = ["2xx", "3xx", "4xx", "5xx"];
    let filters = vec![
        Filter::choice("status", "Status", statuses.into_iter().map(|status| (status, status))),
        Filter::choice("event", "Event", events),
        Filter::choice("http_class", "Last answered", classes.map(|class| (class, class))),
        Filter::text("transaction_id", "Transaction id", "tra_…"),
        Filter::time("from", "Happened from"),
        Filter::time("until", "Happened until"),
    ];
    Filters::new(asked, filters, &[])
}

fn of_list(visit: &Visit<'_>) -> Filters {
    filters(&visit.query, DeliveryStatus::WORDS.iter().copied())
}

pub async fn read(visit: &Visit<'_>, id: &str) -> Result<ApiPage<Delivery>, ClientError> {
    let path = format!("{}/deliveries", path(id));
    let filters = of_list(visit);
    List { path: &path, items: "deliveries", filters: &filters, fixed: &[] }.read(visit).await
}

/// The list as a part of the endpoint's page.
///
/// # Errors
/// [`Failure`].
pub fn part(
    visit: &Visit<'_>,
    id: &str,
    page: Result<ApiPage<Delivery>, ClientError>,
) -> Result<Html, Failure> {
    Ok(Html::join([
        cell::heading_at("deliveries", "What it was told")?,
        of_list(visit).html(&link(visit, id, ""))?,
        again(visit, id)?,
        rows(visit, id, page)?,
    ]))
}

/// The way to send these again.
fn again(visit: &Visit<'_>, id: &str) -> Result<Html, Failure> {
    if !visit.may(Scope::WebhooksWrite) {
        return Ok(Html::default());
    }
    let query = of_list(visit).query();
    let mark = if query.is_empty() { "" } else { "?" };
    let href = link(visit, id, &format!("/replay{mark}{query}"));
    Ok(cell::actions(&[cell::button_link(&href, "Replay these…")?])?)
}

/// The rows, which the page's script keeps up to date.
///
/// # Errors
/// [`Failure`].
pub fn rows(
    visit: &Visit<'_>,
    id: &str,
    page: Result<ApiPage<Delivery>, ClientError>,
) -> Result<Html, Failure> {
    list::part(page, |page| {
        let filters = of_list(visit);
        let pager = list::pager(visit, &filters, page.items.len(), None, page.next_cursor.as_deref())?;
        let rows = page.items.iter().map(|told| row(visit, id, told)).collect::<Result<_, _>>()?;
        let empty = match filters.is_set() {
            true => "No delivery passes these filters.",
            false => "It was told nothing yet, or nothing within 30 days.",
        };
        let mut table = Table::new("Deliveries", COLUMNS, rows, empty);
        table.is_live = visit.query.get("cursor").is_none();
        Ok(Html::join([table.html()?, pager]))
    })
}

fn row(visit: &Visit<'_>, id: &str, told: &Delivery) -> Result<Row, askama::Error> {
    let (zone, now) = (visit.zone(), visit.now);
    let version = told.version.map(|version| format!("version {version}"));
    let cells = vec![
        cell::stack(&[
            cell::time(&told.created_at, zone, now)?,
            cell::linked_id(&delivery_link(visit, id, &told.id), &told.id)?,
        ])?,
        cell::text(&told.event)?,
        cell::status(&told.status)?,
        cell::stack(&[transaction(visit, told)?, cell::text(version.as_deref().unwrap_or_default())?])?,
        cell::text(&told.attempts.to_string())?,
        outcome(told.http_status, told.error.as_deref())?,
        cell::maybe_time(told.next_attempt_at.as_deref(), zone, now)?,
    ];
    Ok(Row { key: told.id.clone(), version: format!("{} {}", told.status, told.attempts), cells })
}

/// The payment that it tells of.
///
/// # Errors
/// When a template fails, which none does.
pub fn transaction(visit: &Visit<'_>, told: &Delivery) -> Result<Html, askama::Error> {
    match &told.transaction_id {
        Some(id) => cell::linked_id(&visit.link(&format!("/transactions/{}", segment(id))), id),
        None => cell::maybe(None),
    }
}
