//! `/reconciliation/fees`: what statements took beside what was recorded.

mod differing;

use futures::future;
use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use paywarden_domain::vocabulary::Service;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::names::Providers;
use crate::pages::reconciliation::links;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::filters::{Filter, Filters};
use crate::view::html::Html;
use crate::view::list::{self, LIMIT, List};
use crate::view::money::Amount;
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::visit::Visit;
use differing::Differing;

const FEES: &[Column] = &[
    Column::new("Provider and service"),
    Column::new("Charge"),
    Column::amount("Recorded"),
    Column::amount("Taken"),
    Column::amount("Taken more"),
    Column::amount("Not stated"),
    Column::amount("Not settled yet"),
    Column::new("Tariff of now"),
];

const JUDGED: &[Column] = &[Column::new("Provider"), Column::amount("Days that a run judged")];

/// A month: sums of all of it, and a page of what differs.
#[derive(Deserialize)]
struct Checked {
    month: String,
    providers: Vec<Judged>,
    fees: Vec<Fees>,
    rows: Vec<Differing>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Judged {
    provider_id: String,
    provider_name: String,
    days_judged: u64,
}

#[derive(Deserialize)]
struct Fees {
    provider_id: String,
    provider_name: String,
    /// Nothing of what is not in the ledger.
    service: Option<String>,
    currency: String,
    fee: Charge,
    tax: Charge,
    differing: u64,
    tariff: Option<Tariff>,
}

/// Nothing is known of what was taken where no statement states any.
#[derive(Deserialize)]
struct Charge {
    recorded: Amount,
    taken: Option<Amount>,
    difference: Option<Amount>,
    not_stated: Amount,
    unsettled: Amount,
}

#[derive(Deserialize)]
struct Tariff {
    fee: Option<Fee>,
    tax: Option<Tax>,
}

#[derive(Deserialize)]
struct Fee {
    #[serde(rename = "type")]
    kind: String,
    value: String,
    #[serde(default)]
    currency: Option<String>,
}

#[derive(Deserialize)]
struct Tax {
    percentage: String,
    apply: bool,
}

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    let [] = rest else { return Err(Failure::NotFound) };
    visit.require(Scope::ReconciliationRead)?;
    let (checked, providers) = future::join(read(visit), Providers::read(visit)).await;
    let filters = filters(visit, &providers?);
    let shown = list::part(checked, |checked| view(visit, &filters, &checked))?;
    let about = "What statements took in fees and taxes, beside what was recorded of the same payments when they succeeded.";
    let body = Html::join([cell::paragraph(about)?, filters.html(&visit.here(""))?, shown]);
    Ok(Page::new("Fee check", Entry::Fees, body).into())
}

fn filters(visit: &Visit<'_>, providers: &Providers) -> Filters {
    let services = Service::ALL.iter().map(|service| (service.as_str(), service_name(service.as_str())));
    let filters = vec![
        Filter::text("month", "Month", "2026-11"),
        providers.filter(visit),
        Filter::choice("service", "Service", services),
    ];
    Filters::new(&visit.query, filters, &[])
}

async fn read(visit: &Visit<'_>) -> Result<Checked, ClientError> {
    let filters = filters(visit, &Providers::default());
    let limit = LIMIT.to_string();
    let cursor = visit.query.get("cursor").map(|cursor| ("cursor", cursor));
    let fixed: Vec<(&str, &str)> = [("limit", limit.as_str())].into_iter().chain(cursor).collect();
    let list = List { path: "/reconciliation/fees", items: "rows", filters: &filters, fixed: &fixed };
    visit.get(&format!("{}?{}", list.path, list.query())).await?.json()
}

/// What a service is called.
fn service_name(service: &str) -> &str {
    match service {
        "QR_CODE_PAYMENT" => "QR Code Payment",
        "EWALLET" => "eWallet",
        "VIRTUAL_ACCOUNT" => "Virtual Account",
        "CREDIT_CARD" => "Credit Card",
        "DEBIT_ORDER" => "Debit order",
        "SEND_MONEY" => "Send Money",
        other => other,
    }
}

fn service_cell(service: Option<&str>) -> Result<Html, askama::Error> {
    cell::text(service.map_or("not in the ledger", service_name))
}

fn view(visit: &Visit<'_>, filters: &Filters, checked: &Checked) -> Result<Html, Failure> {
    let mut rows = Vec::new();
    for fees in &checked.fees {
        rows.push(charge(visit, fees, "Fee", &fees.fee)?);
        rows.push(charge(visit, fees, "Tax", &fees.tax)?);
    }
    let empty = "No run of this month's days has compared fees.";
    let judged = checked.providers.iter().map(judged).collect::<Result<_, _>>()?;
    Ok(Html::join([
        cell::heading(&format!("Fees and taxes of {}", checked.month))?,
        Table::new("Fees and taxes", FEES, rows, empty).html()?,
        cell::heading("Rows that differ")?,
        differing::part(visit, filters, &checked.rows, &checked.providers, checked.next_cursor.as_deref())?,
        cell::heading("How much of the month was compared")?,
        Table::new("Days judged", JUDGED, judged, "No provider.").html()?,
    ]))
}

fn judged(judged: &Judged) -> Result<Row, askama::Error> {
    let cells = vec![cell::text(&judged.provider_name)?, cell::text(&judged.days_judged.to_string())?];
    Ok(Row { key: judged.provider_id.clone(), cells, ..Row::default() })
}

/// One charge of a service, with its difference marked; it leads to the rows behind it.
fn charge(visit: &Visit<'_>, fees: &Fees, name: &str, charge: &Charge) -> Result<Row, askama::Error> {
    let money = |amount: Amount| cell::money(amount, &fees.currency);
    let service = fees.service.as_deref();
    let asked = [("provider_id", fees.provider_id.as_str()), ("service", service.unwrap_or_default())];
    let cells = vec![
        cell::stack(&[
            cell::link(&links::with(visit, &asked), &fees.provider_name)?,
            service_cell(service)?,
            cell::text(&match fees.differing {
                1 => "1 row differs".to_owned(),
                count => format!("{count} rows differ"),
            })?,
        ])?,
        cell::text(name)?,
        money(charge.recorded)?,
        charge.taken.map_or_else(|| cell::text("no statement says"), money)?,
        difference(charge.difference, &fees.currency)?,
        money(charge.not_stated)?,
        money(charge.unsettled)?,
        tariff(fees.tariff.as_ref(), name)?,
    ];
    let key = format!("{}-{}-{}-{name}", fees.provider_id, service.unwrap_or_default(), fees.currency);
    Ok(Row { key, cells, ..Row::default() })
}

fn difference(difference: Option<Amount>, currency: &str) -> Result<Html, askama::Error> {
    match difference {
        Some(none) if none.0.is_zero() => cell::money(none, currency),
        Some(some) => cell::mark(Tone::Bad, &format!("{} {currency}", some.grouped())),
        None => cell::text("not known"),
    }
}

fn tariff(tariff: Option<&Tariff>, name: &str) -> Result<Html, askama::Error> {
    let fee = tariff.and_then(|tariff| tariff.fee.as_ref());
    let tax = tariff.and_then(|tariff| tariff.tax.as_ref());
    let said = match (name, fee, tax) {
        ("Fee", Some(fee), _) if fee.kind == "PERCENTAGE" => format!("{} % of the amount", fee.value),
        ("Fee", Some(fee), _) => {
            // What is no number is shown as it is.
            let value = Decimal::from_str_exact(&fee.value)
                .map_or_else(|_| fee.value.clone(), |value| Amount(value).grouped());
            format!("{value} {} each", fee.currency.as_deref().unwrap_or_default())
        }
        ("Tax", _, Some(tax)) if tax.apply => format!("{} % of the fee", tax.percentage),
        ("Tax", _, Some(_)) => "none is applied".to_owned(),
        _ => "–".to_owned(),
    };
    cell::text(&said)
}

#[cfg(test)]
mod tests;
