//! `/logs`: payments as engineers look for them, and the timelines of those that were found.

mod trace;

use askama::Error;
use futures::future;
use paywarden_api_client::{ClientError, Page as Found};
use paywarden_domain::access::Scope;
use paywarden_domain::vocabulary::{Direction, Method, Status};
use serde::Deserialize;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::names::Providers;
use crate::reply::{Page, Reply};
use crate::view::filters::{Filter, Filters};
use crate::view::form::{Field, Form};
use crate::view::html::Html;
use crate::view::list::{self, List};
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, type_name};
use crate::visit::{Visit, segment};

const COLUMNS: &[Column] = &[
    Column::new("Transaction and order"),
    Column::new("Created"),
    Column::new("Updated"),
    Column::new("Paid"),
    Column::new("Method and destination code"),
    Column::new("Status and provider"),
];

#[derive(Deserialize)]
struct Listed {
    id: String,
    transaction_reference: String,
    provider_name: Option<String>,
    created_at: String,
    updated_at: Option<String>,
    paid_at: Option<String>,
    method: String,
    destination: Option<String>,
    status: String,
    version: u64,
}

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::LogsRead)?;
    match (rest, visit.query.get("transaction")) {
        ([], Some(id)) => trace::show(visit, id).await,
        ([], None) => show(visit).await,
        _ => Err(Failure::NotFound),
    }
}

async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let bare = filters(visit, &Providers::default());
    let list = List { path: "/transactions", items: "transactions", filters: &bare, fixed: &[] };
    if visit.wants_part {
        let part = rows(visit, &bare, list.read(visit).await)?;
        return Ok(Page::new("Logs", Entry::Logs, Html::default()).with_part(part).into());
    }
    let (providers, found) = future::join(Providers::read(visit), list.read(visit)).await;
    let filters = filters(visit, &providers?);
    let body = [opener(visit)?, filters.html(&visit.here(""))?, rows(visit, &filters, found)?];
    Ok(Page::new("Logs", Entry::Logs, Html::join(body)).into())
}

/// Straight to a timeline, by whatever id somebody has.
fn opener(visit: &Visit<'_>) -> Result<Html, Error> {
    let form = Form::new(visit.here(""), "Open its timeline").searching();
    let field = Field::text("transaction", "Transaction id or order id").placeholder("tra_…");
    cell::folded("Open a timeline by its id", &form.field(field.required()).html()?, false)
}

fn filters(visit: &Visit<'_>, providers: &Providers) -> Filters {
    let filters = vec![
        providers.filter(visit),
        Filter::choice("method", "Type", Method::ALL.iter().map(|one| (one.as_str(), one.type_name()))),
        Filter::choice("status", "Status", Status::ALL.iter().map(|one| (one.as_str(), one.as_str()))),
        Filter::time("created_at_start_date", "Created from"),
        Filter::time("created_at_end_date", "Created until"),
        Filter::text("reference", "Order id begins with", "INV"),
        Filter::choice(
            "direction",
            "Direction",
            [(Direction::Receive.as_str(), "Receive Money"), (Direction::Send.as_str(), "Send Money")],
        )
        .rare(),
        Filter::text("destination", "Destination code", "BCA").rare(),
        Filter::text("provider_transaction_id", "Provider's id", "").rare(),
        Filter::time("status_changed_at_start_date", "Status changed from").rare(),
        Filter::time("status_changed_at_end_date", "Status changed until").rare(),
        Filter::choice("order", "Order", [("desc", "Newest first"), ("asc", "Oldest first")]).rare(),
    ];
    Filters::new(&visit.query, filters, &[])
}

fn rows(
    visit: &Visit<'_>,
    filters: &Filters,
    found: Result<Found<Listed>, ClientError>,
) -> Result<Html, Failure> {
    list::part(found, |found| {
        let ends = found.items.first().zip(found.items.last());
        let span = ends.map(|(first, last)| (first.created_at.as_str(), last.created_at.as_str()));
        let pager = list::pager(visit, filters, found.items.len(), span, found.next_cursor.as_deref())?;
        let rows = found.items.iter().map(|one| row(visit, one)).collect::<Result<_, _>>()?;
        let empty =
            if filters.is_set() { "No transaction passes these filters." } else { "No transactions yet." };
        let mut table = Table::new("Transactions", COLUMNS, rows, empty);
        table.is_live = visit.query.get("cursor").is_none();
        Ok(Html::join([table.html()?, pager]))
    })
}

fn row(visit: &Visit<'_>, one: &Listed) -> Result<Row, Error> {
    let (zone, now) = (visit.zone(), visit.now);
    let href = visit.link(&format!("/logs?transaction={}", segment(&one.id)));
    let cells = vec![
        cell::stack(&[cell::linked_id(&href, &one.id)?, cell::id(&one.transaction_reference)?])?,
        cell::time(&one.created_at, zone, now)?,
        cell::maybe_time(one.updated_at.as_deref(), zone, now)?,
        cell::maybe_time(one.paid_at.as_deref(), zone, now)?,
        cell::stack(&[cell::text(type_name(&one.method))?, cell::maybe(one.destination.as_deref())?])?,
        cell::stack(&[cell::status(&one.status)?, cell::maybe(one.provider_name.as_deref())?])?,
    ];
    Ok(Row { key: one.id.clone(), version: one.version.to_string(), cells })
}

#[cfg(test)]
mod tests;
