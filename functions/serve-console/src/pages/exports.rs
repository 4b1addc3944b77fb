//! `/reconciliation/exports`: the ledger's days as files.

use paywarden_domain::access::Scope;
use serde::Deserialize;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::reconciliation::cells;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::filters::Filters;
use crate::view::html::Html;
use crate::view::list::{self, LIMIT};
use crate::view::table::{Column, Row, Table};
use crate::visit::Visit;

const COLUMNS: &[Column] =
    &[Column::new("Day"), Column::amount("Rows"), Column::new("Written"), Column::new("Files")];

/// A page of days. The addresses of their files are good until `expires_at`.
#[derive(Deserialize)]
struct Exports {
    exports: Vec<Day>,
    expires_at: String,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Day {
    date: String,
    rows: u64,
    written_at: String,
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    file_name: String,
    url: String,
}

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    let [] = rest else { return Err(Failure::NotFound) };
    visit.require(Scope::ReconciliationRead)?;
    let cursor = visit.query.get("cursor").map(|cursor| {
        let cursor: String = form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
        format!("&cursor={cursor}")
    });
    let path = format!("/reconciliation/exports?limit={LIMIT}{}", cursor.unwrap_or_default());
    let answer = visit.get(&path).await.and_then(|answer| answer.json::<Exports>());
    let body = [
        cell::paragraph(
            "Each business day's ledger is written once, as CSV. What is booked later stands in the file of the day on which it \
             is booked.",
        )?,
        list::part(answer, |exports| days(visit, &exports))?,
        setting(visit)?,
    ];
    Ok(Page::new("Ledger exports", Entry::Exports, Html::join(body)).into())
}

fn days(visit: &Visit<'_>, exports: &Exports) -> Result<Html, Failure> {
    let filters = Filters::new(&visit.query, Vec::new(), &[]);
    let ends = exports.exports.first().zip(exports.exports.last());
    let span = ends.map(|(first, last)| (first.date.as_str(), last.date.as_str()));
    let pager = list::pager(visit, &filters, exports.exports.len(), span, exports.next_cursor.as_deref())?;
    let rows = exports.exports.iter().map(|day| row(visit, day)).collect::<Result<Vec<_>, _>>()?;
    let until = match rows.is_empty() {
        true => Html::default(),
        false => cell::stack(&[
            cell::text("The addresses of the files are good until")?,
            cell::time(&exports.expires_at, visit.zone(), visit.now)?,
        ])?,
    };
    let empty = "No day has been written yet.";
    Ok(Html::join([Table::new("Days as files", COLUMNS, rows, empty).html()?, pager, until]))
}

fn row(visit: &Visit<'_>, day: &Day) -> Result<Row, askama::Error> {
    let files = day.files.iter().map(|file| cell::link(&file.url, &file.file_name));
    let cells = vec![
        cells::day(&day.date)?,
        cell::text(&day.rows.to_string())?,
        cell::time(&day.written_at, visit.zone(), visit.now)?,
        cell::stack(&files.collect::<Result<Vec<_>, _>>()?)?,
    ];
    Ok(Row { key: day.date.clone(), cells, ..Row::default() })
}

/// Where it is said whether and when days are written.
fn setting(visit: &Visit<'_>) -> Result<Html, Failure> {
    if visit.may(Scope::MerchantWrite) {
        let link = cell::link(&visit.link("/developers/settings"), "Whether and when days are written")?;
        return Ok(cell::actions(&[link])?);
    }
    Ok(cell::paragraph("An admin says in the settings whether and when days are written.")?)
}

#[cfg(test)]
mod tests;
