//! All providers, with what can be done to each.

use askama::Error;
use paywarden_api_client::{ClientError, Page as Found};
use paywarden_domain::access::Scope;
use paywarden_domain::provider::standing::ProviderStatus;
use paywarden_domain::vocabulary::Service;

use super::record::{Provider, service_choices, service_name};
use super::standing;
use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::filters::{Filter, Filters};
use crate::view::html::Html;
use crate::view::list::{self, List};
use crate::view::notice::Notice;
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, money::Amount};
use crate::visit::Visit;

const COLUMNS: &[Column] = &[
    Column::new("Provider Name"),
    Column::new("Provider"),
    Column::new("Services"),
    Column::new("Status"),
    Column::new("Last Activity"),
    Column::new("Fee and VAT"),
    Column::amount("Priority"),
    Column::new("Actions"),
];

pub async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let filters = filters(visit);
    let list = List { path: "/providers", items: "providers", filters: &filters, fixed: &[] };
    let found = list.read::<Provider>(visit).await;
    let rows = rows(visit, &filters, found)?;
    if visit.wants_part {
        return Ok(Page::new("Provider Management", Entry::Providers, Html::default())
            .with_part(rows)
            .into());
    }
    let body = [done(visit)?, actions(visit)?, filters.html(&visit.here(""))?, rows];
    Ok(Page::new("Provider Management", Entry::Providers, Html::join(body)).into())
}

fn filters(visit: &Visit<'_>) -> Filters {
    let statuses = ProviderStatus::ALL.iter().map(|status| (status.as_str(), status.as_str()));
    let filters = vec![
        Filter::text("search", "Name", "Xendit"),
        Filter::choice("service", "Service", service_choices(Service::WORDS.iter().copied())),
        Filter::choice("status", "Status", statuses),
    ];
    Filters::new(&visit.query, filters, &[])
}

/// What was done by the form that led here.
fn done(visit: &Visit<'_>) -> Result<Html, Failure> {
    match visit.query.get("done") {
        Some("deleted") => Ok(Notice::done("The provider is deleted, with its credentials.").html()?),
        _ => Ok(Html::default()),
    }
}

fn actions(visit: &Visit<'_>) -> Result<Html, Error> {
    let mut parts = Vec::new();
    if visit.may(Scope::ProvidersWrite) {
        parts.push(cell::button_link(&visit.link("/providers/new"), "+ Add Provider")?);
    }
    parts.push(cell::link(&visit.link("/providers/sequence"), "Who is first for a payment, and why")?);
    if visit.may(Scope::LogsRead) {
        parts.push(cell::link(&visit.link("/unmatched-callbacks"), "Unmatched callbacks")?);
    }
    cell::actions(&parts)
}

fn rows(
    visit: &Visit<'_>,
    filters: &Filters,
    found: Result<Found<Provider>, ClientError>,
) -> Result<Html, Failure> {
    list::part(found, |found| {
        let pager = list::pager(visit, filters, found.items.len(), None, found.next_cursor.as_deref())?;
        let rows = found.items.iter().map(|provider| row(visit, provider)).collect::<Result<_, _>>()?;
        let empty = if filters.is_set() { "No provider passes these filters." } else { "No providers yet." };
        let mut table = Table::new("Providers", COLUMNS, rows, empty);
        table.is_live = visit.query.get("cursor").is_none();
        Ok(Html::join([table.html()?, pager]))
    })
}

fn row(visit: &Visit<'_>, provider: &Provider) -> Result<Row, Error> {
    let services: Vec<&str> = provider.services.iter().map(|service| service_name(service)).collect();
    let cells = vec![
        cell::link(&provider.link(visit, ""), &provider.name)?,
        cell::text(&provider.connection)?,
        cell::text(&services.join(", "))?,
        status(visit, provider)?,
        cell::maybe_time(provider.last_activity.as_deref(), visit.zone(), visit.now)?,
        cell::text(&tariff(provider))?,
        cell::text(&provider.priority.to_string())?,
        menu(visit, provider)?,
    ];
    Ok(Row { key: provider.id.clone(), version: provider.version.to_string(), cells })
}

/// The status with why, and whether payments of it are stuck.
fn status(visit: &Visit<'_>, provider: &Provider) -> Result<Html, Error> {
    let mut lines = vec![cell::status(&provider.status)?];
    if provider.status != ProviderStatus::Active.as_str() {
        lines.push(cell::text(&provider.status_reason)?);
        lines.push(cell::time(&provider.status_changed_at, visit.zone(), visit.now)?);
    }
    if provider.status_pinned {
        lines.push(cell::mark(Tone::Quiet, "pinned")?);
    }
    lines.extend(stuck(provider)?);
    cell::stack(&lines)
}

/// Whether payments of it are stuck.
pub fn stuck(provider: &Provider) -> Result<Option<Html>, Error> {
    let stuck = provider.stuck_payments.as_ref().filter(|stuck| stuck.count > 0);
    let said = stuck.map(|stuck| {
        let more = if stuck.at_least { " or more" } else { "" };
        cell::mark(Tone::Warning, &format!("{}{more} stuck payments", stuck.count))
    });
    said.transpose()
}

/// The general tariff in a few words.
fn tariff(provider: &Provider) -> String {
    use paywarden_domain::provider::fees::Fee;
    let fee = match provider.fee {
        Some(Fee::Flat { value, currency }) => {
            let currency = currency.map(|currency| format!(" {currency}")).unwrap_or_default();
            format!("{}{currency}", Amount(value).grouped())
        }
        Some(Fee::Percentage { value }) => format!("{value} %"),
        None => return "not known".to_owned(),
    };
    let vat = match provider.tax {
        Some(tax) if tax.apply => format!(", VAT {} %", tax.percentage),
        _ => ", no VAT".to_owned(),
    };
    let own = match provider.overrides.len() {
        0 => "",
        _ => "; some services differ",
    };
    format!("{fee}{vat}{own}")
}

/// What can be done to it, folded.
fn menu(visit: &Visit<'_>, provider: &Provider) -> Result<Html, Error> {
    let mut links = Vec::new();
    if visit.may(Scope::ProvidersWrite) {
        links.push(cell::link(&provider.link(visit, "/edit"), "Edit")?);
        links.push(cell::link(&provider.link(visit, "/fees"), "Fees")?);
        for to in ProviderStatus::ALL.iter().filter(|to| to.as_str() != provider.status) {
            let href = provider.link(visit, &format!("/status?to={to}"));
            links.push(cell::link(&href, standing::verb(*to))?);
        }
    }
    links.push(cell::link(
        &visit.link(&format!("/transactions?tab=all&provider_id={}", provider.id)),
        "Transactions",
    )?);
    cell::folded("Menu", &cell::stack(&links)?, false)
}
