//! `/transactions`: the live list, in tabs.

mod counts;
mod tab;

use futures::future;
use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use paywarden_domain::time::Timestamp;
use paywarden_domain::vocabulary::{Status, StatusGroup};
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::names::Providers;
use crate::reply::{Page, Reply};
use crate::view::filters::{Filter, Filters};
use crate::view::html::Html;
use crate::view::list::{self, List};
use crate::view::money::Amount;
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::view::time::{self, span};
use crate::view::{cell, type_name};
use crate::visit::{Visit, segment};

use self::tab::Shown;

const COLUMNS: &[Column] = &[
    Column::new("Transaction and order"),
    Column::new("Provider"),
    Column::new("Created"),
    Column::new("Updated"),
    Column::new("Type and destination"),
    Column::amount("Amount"),
    Column::new("Status"),
];

/// What the list shows of a transaction.
#[derive(Deserialize)]
struct Listed {
    id: String,
    transaction_reference: String,
    provider_name: Option<String>,
    created_at: String,
    updated_at: Option<String>,
    status_changed_at: String,
    method: String,
    destination: Option<String>,
    amount: Amount,
    currency: String,
    status: String,
    held: bool,
    version: u64,
}

pub async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    visit.require(Scope::TransactionsRead)?;
    let tab = Shown::of(visit);
    if visit.query.get("format") == Some("csv") {
        return csv(visit, tab).await;
    }
    let (providers, page_of) = (Providers::read(visit), |filters: Filters| async move {
        let list =
            List { path: "/transactions", items: "transactions", filters: &filters, fixed: &tab.pairs() };
        let (rows, limits) = future::join(list.read::<Listed>(visit), stuck_limits(visit)).await;
        (rows, limits, filters)
    });
    if visit.wants_part {
        let (rows, limits, filters) = page_of(filters(visit, tab, &Providers::default())).await;
        let part = rows_part(visit, &filters, rows, &limits)?;
        return Ok(Page::new("List", Entry::List, Html::default()).with_part(part).into());
    }
    let ((rows, limits, _), providers, counts) = future::join3(
        page_of(filters(visit, tab, &Providers::default())),
        providers,
        counts::read(visit, tab),
    )
    .await;
    let filters = filters(visit, tab, &providers?);
    let body = [
        tab.html(visit)?,
        counts::part(visit, counts)?,
        filters.html(&visit.here(""))?,
        rows_part(visit, &filters, rows, &limits)?,
        cell::actions(&[cell::link(&visit.here(&csv_query(&filters)), "CSV of this view")?])?,
    ];
    Ok(Page::new("List", Entry::List, Html::join(body)).into())
}

fn filters(visit: &Visit<'_>, tab: Shown, providers: &Providers) -> Filters {
    let filters = vec![
        providers.filter(visit),
        Filter::choice("method", "Type", tab.methods().map(|method| (method.as_str(), method.type_name()))),
        Filter::choice(
            "status_group",
            "State",
            StatusGroup::ALL.iter().map(|group| (group.as_str(), group.as_str())),
        ),
        Filter::choice(
            "status",
            "Status",
            Status::ALL.iter().map(|status| (status.as_str(), status.as_str())),
        ),
        Filter::time("created_at_start_date", "Created from"),
        Filter::time("created_at_end_date", "Created until"),
        Filter::text("reference", "Order id begins with", "INV"),
        Filter::choice("stuck", "Stuck", [("true", "Open longer than normal")]),
        Filter::flag("held", "Waits for a decision").rare(),
        Filter::text("amount_min", "Amount from", "10000").rare(),
        Filter::text("amount_max", "Amount to", "500000").rare(),
        Filter::text("customers_id", "Customer", "cus_…").rare(),
        Filter::text("destination", "Destination", "BCA").rare(),
        Filter::text("provider_transaction_id", "Provider's id", "").rare(),
        Filter::time("charged_at_start_date", "Paid from").rare(),
        Filter::time("charged_end_date", "Paid until").rare(),
        Filter::time("status_changed_at_start_date", "Status changed from").rare(),
        Filter::time("status_changed_at_end_date", "Status changed until").rare(),
        Filter::choice("order", "Order", [("desc", "Newest first"), ("asc", "Oldest first")]).rare(),
    ];
    Filters::new(&visit.query, filters, &["tab"])
}

/// From when on payments of each method are stuck, as the merchant has it; nothing is marked while that cannot be told.
async fn stuck_limits(visit: &Visit<'_>) -> Value {
    let merchant = visit.get("/merchant").await.and_then(|answer| answer.member::<Value>("merchant"));
    let limits = merchant.ok().and_then(|merchant| merchant.get("stuck_after_seconds").cloned());
    limits.unwrap_or_default()
}

fn rows_part(
    visit: &Visit<'_>,
    filters: &Filters,
    page: Result<paywarden_api_client::Page<Listed>, ClientError>,
    limits: &Value,
) -> Result<Html, Failure> {
    list::part(page, |page| {
        let ends = page.items.first().zip(page.items.last());
        let span = ends.map(|(first, last)| (first.created_at.clone(), last.created_at.clone()));
        let span = span.as_ref().map(|(first, last)| (first.as_str(), last.as_str()));
        let pager = list::pager(visit, filters, page.items.len(), span, page.next_cursor.as_deref())?;
        let rows =
            page.items.into_iter().map(|listed| row(visit, listed, limits)).collect::<Result<_, _>>()?;
        let empty =
            if filters.is_set() { "No transaction passes these filters." } else { "No transactions yet." };
        let mut table = Table::new("Transactions", COLUMNS, rows, empty);
        table.is_live = visit.query.get("cursor").is_none();
        Ok(Html::join([table.html()?, pager]))
    })
}

fn row(visit: &Visit<'_>, listed: Listed, limits: &Value) -> Result<Row, askama::Error> {
    let (zone, now) = (visit.zone(), visit.now);
    let href = visit.link(&format!("/transactions/{}", segment(&listed.id)));
    let cells = vec![
        cell::stack(&[cell::linked_id(&href, &listed.id)?, cell::id(&listed.transaction_reference)?])?,
        cell::maybe(listed.provider_name.as_deref())?,
        cell::time(&listed.created_at, zone, now)?,
        cell::maybe_time(listed.updated_at.as_deref(), zone, now)?,
        cell::stack(&[cell::text(type_name(&listed.method))?, cell::maybe(listed.destination.as_deref())?])?,
        cell::money(listed.amount, &listed.currency)?,
        states(visit, &listed, limits)?,
    ];
    Ok(Row { key: listed.id, version: listed.version.to_string(), cells })
}

/// The status, and what is the matter with it: it waits for a decision, or it is open longer than it should be.
fn states(visit: &Visit<'_>, listed: &Listed, limits: &Value) -> Result<Html, askama::Error> {
    let mut states = vec![cell::status(&listed.status)?];
    if listed.held {
        states.push(cell::mark(Tone::Warning, "held: waits for a decision")?);
    }
    if let Some(open) = open_seconds(visit, listed) {
        let limit = limits.get(&listed.method).and_then(Value::as_i64);
        if limit.is_some_and(|limit| open > limit) {
            states.push(cell::mark(Tone::Bad, &format!("stuck: open for {}", span(open)))?);
        }
        let unchanged =
            time::moment(&listed.status_changed_at, visit.zone()).map(|since| age(visit.now, since));
        if let Some(unchanged) = unchanged {
            states.push(cell::text(&format!("unchanged for {}", span(unchanged)))?);
        }
    }
    cell::stack(&states)
}

/// How long a transaction has been open; nothing when it is not.
fn open_seconds(visit: &Visit<'_>, listed: &Listed) -> Option<i64> {
    let is_open = Status::parse(&listed.status).is_ok_and(|status| status.group() == StatusGroup::Processing);
    let created = time::moment(&listed.created_at, visit.zone())?;
    is_open.then(|| age(visit.now, created))
}

fn age(now: Timestamp, since: Timestamp) -> i64 {
    now.as_seconds().saturating_sub(since.as_seconds()).max(0)
}

fn csv_query(filters: &Filters) -> String {
    let query = filters.query();
    if query.is_empty() { "format=csv".to_owned() } else { format!("{query}&format=csv") }
}

/// The view as the API's CSV, whole if it is not longer than one answer of the API.
async fn csv(visit: &Visit<'_>, tab: Shown) -> Result<Reply, Failure> {
    let filters = filters(visit, tab, &Providers::default());
    let list = List { path: "/transactions", items: "transactions", filters: &filters, fixed: &tab.pairs() };
    list::download(visit, &list, &format!("transactions-{}", tab.word())).await
}

#[cfg(test)]
mod tests;
