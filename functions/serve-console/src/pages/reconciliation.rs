//! `/reconciliation`: what went out and came in, and the Transfer, Fee and Tax rows behind it.

pub mod cells;
pub mod links;
mod totals;

use futures::future;
use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use paywarden_domain::vocabulary::{Method, Status};
use serde::Deserialize;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::names::Providers;
use crate::reply::{Page, Reply};
use crate::view::filters::{Filter, Filters};
use crate::view::html::Html;
use crate::view::list::{self, LIMIT, List};
use crate::view::money::Amount;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, type_name};
use crate::visit::{Visit, segment};
use totals::{Group, Totals};

const COLUMNS: &[Column] = &[
    Column::new("Transaction and order"),
    Column::new("Transaction type"),
    Column::new("Direction"),
    Column::amount("Amount"),
    Column::new("Provider"),
    Column::new("Method"),
    Column::new("Status"),
    Column::new("Created"),
    Column::new("Updated"),
    Column::new("Paid"),
    Column::new("Expired"),
    Column::new("Moved"),
];

/// The view as the API has it: sums of all of it, and a page of its rows.
#[derive(Deserialize)]
struct Finance {
    start_date: String,
    end_date: String,
    totals: Vec<Totals>,
    days: Vec<Totals>,
    groups: Option<Vec<Group>>,
    rows: Vec<Moved>,
    next_cursor: Option<String>,
}

/// One movement of money.
#[derive(Deserialize)]
struct Moved {
    transaction_id: String,
    order_id: String,
    transaction_type: String,
    direction: String,
    amount: Amount,
    currency: String,
    provider_name: Option<String>,
    method: String,
    status: String,
    created_at: String,
    updated_at: Option<String>,
    paid_at: Option<String>,
    expired_at: Option<String>,
    moved_at: String,
}

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    let [] = rest else { return Err(Failure::NotFound) };
    visit.require(Scope::ReconciliationRead)?;
    if visit.query.get("format") == Some("csv") {
        return csv(visit).await;
    }
    let (finance, providers) = future::join(read(visit), Providers::read(visit)).await;
    let providers = providers?;
    let filters = filters(visit, &providers);
    let shown = list::part(finance, |finance| view(visit, &filters, &providers, &finance))?;
    let body = Html::join([filters.html(&visit.here(""))?, shown]);
    Ok(Page::new("Reconciliation", Entry::Reconciliation, body).into())
}

fn filters(visit: &Visit<'_>, providers: &Providers) -> Filters {
    let filters = vec![
        Filter::day("start_date", "First day"),
        Filter::day("end_date", "Last day"),
        providers.filter(visit),
        Filter::choice(
            "method",
            "Method",
            Method::ALL.iter().map(|method| (method.as_str(), method.type_name())),
        ),
        Filter::choice(
            "status",
            "Status",
            Status::ALL.iter().map(|status| (status.as_str(), status.as_str())),
        ),
    ];
    Filters::new(&visit.query, filters, &["group_by"])
}

async fn read(visit: &Visit<'_>) -> Result<Finance, ClientError> {
    let filters = filters(visit, &Providers::default());
    let limit = LIMIT.to_string();
    let asked = [("limit", limit.as_str())];
    let beside = ["group_by", "cursor"].iter().filter_map(|name| Some((*name, visit.query.get(name)?)));
    let fixed: Vec<(&str, &str)> = asked.into_iter().chain(beside).collect();
    let list = List { path: "/reconciliation", items: "rows", filters: &filters, fixed: &fixed };
    visit.get(&format!("{}?{}", list.path, list.query())).await?.json()
}

fn view(
    visit: &Visit<'_>,
    filters: &Filters,
    providers: &Providers,
    finance: &Finance,
) -> Result<Html, Failure> {
    let mut parts = vec![
        cell::heading(&format!("Totals from {} through {}", finance.start_date, finance.end_date))?,
        totals::whole(&finance.totals)?,
        totals::by_day(visit, &finance.totals, &finance.days)?,
        cell::heading("Totals by group")?,
        totals::group_tabs(visit)?,
    ];
    if let Some(groups) = &finance.groups {
        parts.push(totals::by_group(visit, providers, groups)?);
    }
    parts.push(cell::heading("Rows")?);
    parts.push(rows(visit, filters, finance)?);
    parts.push(ways_on(visit, finance)?);
    Ok(Html::join(parts))
}

fn rows(visit: &Visit<'_>, filters: &Filters, finance: &Finance) -> Result<Html, Failure> {
    let ends = finance.rows.first().zip(finance.rows.last());
    let span = ends.map(|(first, last)| (first.moved_at.as_str(), last.moved_at.as_str()));
    let pager = list::pager(visit, filters, finance.rows.len(), span, finance.next_cursor.as_deref())?;
    let rows = finance.rows.iter().map(|moved| row(visit, moved)).collect::<Result<_, _>>()?;
    let empty =
        if filters.is_set() { "No row passes these filters." } else { "No money has moved this month yet." };
    Ok(Html::join([Table::new("Movements of money", COLUMNS, rows, empty).html()?, pager]))
}

fn row(visit: &Visit<'_>, moved: &Moved) -> Result<Row, askama::Error> {
    let (zone, now) = (visit.zone(), visit.now);
    let href = visit.link(&format!("/transactions/{}", segment(&moved.transaction_id)));
    let cells = vec![
        cell::stack(&[cell::linked_id(&href, &moved.transaction_id)?, cell::id(&moved.order_id)?])?,
        cell::text(&moved.transaction_type)?,
        cell::text(&moved.direction)?,
        cell::money(moved.amount, &moved.currency)?,
        cell::maybe(moved.provider_name.as_deref())?,
        cell::text(type_name(&moved.method))?,
        cell::status(&moved.status)?,
        cell::time(&moved.created_at, zone, now)?,
        cell::maybe_time(moved.updated_at.as_deref(), zone, now)?,
        cell::maybe_time(moved.paid_at.as_deref(), zone, now)?,
        cell::maybe_time(moved.expired_at.as_deref(), zone, now)?,
        cell::time(&moved.moved_at, zone, now)?,
    ];
    let key = format!("{}-{}-{}", moved.transaction_id, moved.transaction_type, moved.moved_at);
    Ok(Row { key, cells, ..Row::default() })
}

/// The view as a file, and the page that holds its fees against the tariff.
fn ways_on(visit: &Visit<'_>, finance: &Finance) -> Result<Html, Failure> {
    let csv = links::with(visit, &[("format", "csv"), ("group_by", "")]);
    let month = finance.end_date.get(..7).unwrap_or_default();
    let checked = [("month", month), ("provider_id", visit.query.text("provider_id"))];
    let fees = links::to(visit, "/reconciliation/fees", &checked);
    let links = [
        cell::link(&csv, "CSV of this view")?,
        cell::link(&fees, "Fee and VAT against the tariff")?,
        cell::link(&visit.link("/reconciliation/exports"), "Whole days as files")?,
    ];
    Ok(cell::actions(&links)?)
}

/// The rows as the API's CSV, which knows no groups.
async fn csv(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let filters = filters(visit, &Providers::default());
    let list = List { path: "/reconciliation", items: "rows", filters: &filters, fixed: &[] };
    list::download(visit, &list, "reconciliation").await
}

#[cfg(test)]
pub mod samples;
#[cfg(test)]
mod tests;
