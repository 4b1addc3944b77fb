//! The rows behind a difference: fees and taxes in which the sides do not agree.

use serde::Deserialize;

use super::{Judged, service_cell};
use crate::failure::Failure;
use crate::pages::exceptions::exception::{self, Exception, Side};
use crate::pages::reconciliation::{cells, links};
use crate::view::filters::Filters;
use crate::view::html::Html;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, list};
use crate::visit::{Visit, segment};

const ROWS: &[Column] = &[
    Column::new("Day"),
    Column::new("Payment"),
    Column::new("Provider and service"),
    Column::new("What differs"),
    Column::amount("Recorded"),
    Column::amount("Taken"),
    Column::new("Status"),
];

#[derive(Deserialize)]
pub struct Differing {
    date: String,
    service: Option<String>,
    exception: Exception,
}

/// A page of them.
pub fn part(
    visit: &Visit<'_>,
    filters: &Filters,
    rows: &[Differing],
    providers: &[Judged],
    next_cursor: Option<&str>,
) -> Result<Html, Failure> {
    let pager = list::pager(visit, filters, rows.len(), None, next_cursor)?;
    let rows = rows.iter().map(|row| row_of(visit, providers, row)).collect::<Result<_, _>>()?;
    let table = Table::new("Rows that differ", ROWS, rows, "No fee and no tax differs on this page.");
    Ok(Html::join([table.html()?, pager]))
}

fn row_of(visit: &Visit<'_>, providers: &[Judged], row: &Differing) -> Result<Row, askama::Error> {
    let found = &row.exception;
    let asked = [("run_id", found.run_id.as_str()), ("outcome", found.outcome.as_str())];
    let exceptions = links::to(visit, "/reconciliation/exceptions", &asked);
    let provider = providers.iter().find(|judged| judged.provider_id == found.provider_id);
    let provider = provider.map_or(found.provider_id.as_str(), |judged| judged.provider_name.as_str());
    let amount = |side: &Option<Side>| match side {
        Some(side) => exception::amount(side),
        None => cell::text("not there"),
    };
    let cells = vec![
        cells::day(&row.date)?,
        payment(visit, found)?,
        cell::stack(&[cell::text(provider)?, service_cell(row.service.as_deref())?])?,
        cell::stack(&[cell::link(&exceptions, &found.outcome)?, cell::text(&found.detail)?])?,
        amount(&found.ledger)?,
        amount(&found.statement)?,
        exception::status(&found.status)?,
    ];
    Ok(Row { key: found.id.clone(), cells, ..Row::default() })
}

/// The payment that a fee is of, or what the statement calls it.
fn payment(visit: &Visit<'_>, exception: &Exception) -> Result<Html, askama::Error> {
    let sides = [exception.ledger.as_ref(), exception.statement.as_ref()];
    let of = |member: fn(&Side) -> Option<&str>| sides.into_iter().flatten().find_map(member);
    let mut parts = Vec::new();
    if let Some(id) = of(|side| side.transaction_id.as_deref()) {
        parts.push(cell::linked_id(&visit.link(&format!("/transactions/{}", segment(id))), id)?);
    }
    parts.push(cell::maybe(of(|side| side.reference.as_deref()))?);
    cell::stack(&parts)
}
