//! Sums: of the whole view, day by day with bars, and group by group. Each leads to what it is made of.

use serde::Deserialize;

use super::links;
use crate::failure::Failure;
use crate::pages::names::Providers;
use crate::view::chart::{Day, bars};
use crate::view::html::Html;
use crate::view::money::Amount;
use crate::view::table::{Column, Row, Table};
use crate::view::tabs::{Tab, tabs};
use crate::view::{cell, type_name};
use crate::visit::Visit;

/// Days that are shown without unfolding them.
const FEW_DAYS: usize = 14;

/// What sums can be asked for by, and what that is called.
pub const GROUPS: &[(&str, &str)] = &[
    ("", "Whole only"),
    ("provider", "Provider"),
    ("method", "Method"),
    ("status", "Status"),
    ("day", "Day"),
];

/// Sums of one currency, and of one day where the API says which.
#[derive(Deserialize)]
pub struct Totals {
    #[serde(default)]
    date: String,
    currency: String,
    debit: Amount,
    credit: Amount,
    net: Amount,
    fee: Amount,
    tax: Amount,
    count: u64,
}

#[derive(Deserialize)]
pub struct Group {
    /// Nothing where no provider is known.
    group: Option<String>,
    totals: Vec<Totals>,
}

const WHOLE: &[Column] = &[
    Column::new("Currency"),
    Column::amount("Debit: sent out"),
    Column::amount("Credit: received"),
    Column::amount("Net: credit less debit"),
    Column::amount("Of which fees"),
    Column::amount("Of which taxes"),
    Column::amount("Rows"),
];

const DAYS: &[Column] = &[
    Column::new("Day"),
    Column::amount("Debit"),
    Column::amount("Credit"),
    Column::amount("Net"),
    Column::amount("Of which fees"),
    Column::amount("Of which taxes"),
    Column::amount("Rows"),
];

const OF_GROUPS: &[Column] = &[
    Column::new("Group"),
    Column::amount("Debit"),
    Column::amount("Credit"),
    Column::amount("Net"),
    Column::amount("Of which fees"),
    Column::amount("Of which taxes"),
    Column::amount("Rows"),
];

/// The sums of all days, one row for each currency.
pub fn whole(totals: &[Totals]) -> Result<Html, Failure> {
    let row = |totals: &Totals| row(&totals.currency, cell::text(&totals.currency)?, totals);
    let rows = totals.iter().map(row).collect::<Result<_, _>>()?;
    Ok(Table::new("Totals", WHOLE, rows, "No money moved on these days.").html()?)
}

/// Bars and a table of the days, for each currency by itself: amounts of two have no common scale.
pub fn by_day(visit: &Visit<'_>, whole: &[Totals], days: &[Totals]) -> Result<Html, Failure> {
    let mut parts = Vec::new();
    for currency in whole.iter().map(|totals| totals.currency.as_str()) {
        let days: Vec<&Totals> = days.iter().filter(|day| day.currency == currency).collect();
        let drawn: Vec<Day> = days.iter().map(|day| drawn(visit, day)).collect();
        parts.push(cell::heading(&format!("Days in {currency}"))?);
        parts.push(bars(&drawn)?);
        let row = |day: &&Totals| row(&day.date, cell::link(&day_link(visit, &day.date), &day.date)?, day);
        let rows = days.iter().map(row).collect::<Result<_, _>>()?;
        let caption = format!("Debit and credit by day, {currency}");
        let table = Table::new(&caption, DAYS, rows, "").html()?;
        parts.push(cell::folded("The days as a table", &table, days.len() <= FEW_DAYS)?);
    }
    Ok(Html::join(parts))
}

fn drawn(visit: &Visit<'_>, day: &Totals) -> Day {
    Day {
        label: format!("{} {}", day.date, day.currency),
        href: day_link(visit, &day.date),
        debit: day.debit,
        credit: day.credit,
    }
}

fn day_link(visit: &Visit<'_>, day: &str) -> String {
    links::with(visit, &[("start_date", day), ("end_date", day)])
}

/// By what sums are asked for, as links.
pub fn group_tabs(visit: &Visit<'_>) -> Result<Html, Failure> {
    let current = visit.query.text("group_by");
    let tab = |(group, name): &(&str, &str)| Tab {
        name: (*name).to_owned(),
        href: links::with(visit, &[("group_by", group)]),
        is_current: *group == current,
        count: None,
    };
    let shown: Vec<Tab> = GROUPS.iter().map(tab).collect();
    Ok(tabs("Totals by", &shown)?)
}

/// The sums of groups; each leads to its rows.
pub fn by_group(visit: &Visit<'_>, providers: &Providers, groups: &[Group]) -> Result<Html, Failure> {
    let by = visit.query.text("group_by");
    let mut rows = Vec::new();
    for group in groups {
        for totals in &group.totals {
            let name = group_name(visit, providers, by, group.group.as_deref())?;
            let key = format!("{}-{}", group.group.as_deref().unwrap_or_default(), totals.currency);
            rows.push(row(&key, name, totals)?);
        }
    }
    Ok(Table::new("Totals by group", OF_GROUPS, rows, "No money moved on these days.").html()?)
}

fn group_name(
    visit: &Visit<'_>,
    providers: &Providers,
    by: &str,
    group: Option<&str>,
) -> Result<Html, askama::Error> {
    let Some(group) = group else { return cell::text("No provider known") };
    match by {
        "provider" => {
            let href = links::with(visit, &[("provider_id", group), ("group_by", "")]);
            cell::link(&href, providers.name(group))
        }
        "method" => cell::link(&links::with(visit, &[("method", group), ("group_by", "")]), type_name(group)),
        "status" => cell::link(&links::with(visit, &[("status", group), ("group_by", "")]), group),
        "day" => {
            let day = [("start_date", group), ("end_date", group), ("group_by", "")];
            cell::link(&links::with(visit, &day), group)
        }
        _ => cell::text(group),
    }
}

/// A row of sums behind its first cell.
fn row(key: &str, first: Html, totals: &Totals) -> Result<Row, askama::Error> {
    let money = |amount: Amount| cell::money(amount, &totals.currency);
    let cells = vec![
        first,
        money(totals.debit)?,
        money(totals.credit)?,
        money(totals.net)?,
        money(totals.fee)?,
        money(totals.tax)?,
        cell::text(&totals.count.to_string())?,
    ];
    Ok(Row { key: key.to_owned(), cells, ..Row::default() })
}
