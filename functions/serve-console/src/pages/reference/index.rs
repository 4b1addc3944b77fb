//! The list of operations, by what they are about, and what a search finds of them.

use super::document::{self, Access, Operation};
use super::pieces::{code, prose};
use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::filters::{Filter, Filters};
use crate::view::html::Html;
use crate::view::table::{Column, Row, Table};
use crate::visit::Visit;

const COLUMNS: &[Column] = &[Column::new("Operation"), Column::new("Address"), Column::new("Needs")];

pub fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let filters = vec![Filter::text("q", "Search", "a word, a path, a scope")];
    let filters = Filters::new(&visit.query, filters, &[]);
    let wanted = visit.query.text("q").to_lowercase();
    let found: Vec<&Operation> =
        document::operations().iter().filter(|operation| is_found(operation, &wanted)).collect();
    let mut parts = vec![filters.html(&visit.here(""))?];
    if wanted.is_empty() {
        parts.push(introduction(visit)?);
    } else if found.is_empty() {
        parts.push(cell::paragraph("No operation has all these words.")?);
    }
    for tag in document::tags() {
        let of_tag: Vec<&Operation> =
            found.iter().copied().filter(|operation| operation.tag == tag).collect();
        if !of_tag.is_empty() {
            parts.push(group(visit, tag, &of_tag)?);
        }
    }
    Ok(Page::new("API reference", Entry::Reference, Html::join(parts)).into())
}

fn introduction(visit: &Visit<'_>) -> Result<Html, Failure> {
    let link = visit.link("/developers/api/issueToken");
    Ok(Html::join([
        cell::actions(&[
            cell::id(visit.api.url())?,
            cell::link(&format!("{}/openapi.json", visit.api.url()), "The whole document (OpenAPI 3.1)")?,
            cell::link(&link, "How to get a token")?,
        ])?,
        cell::folded("What holds for all of them", &prose(document::introduction())?, false)?,
    ]))
}

fn group(visit: &Visit<'_>, tag: &str, operations: &[&Operation]) -> Result<Html, Failure> {
    let row = |operation: &&Operation| {
        let href = visit.link(&format!("/developers/api/{}", operation.id));
        let address = match operation.access {
            Access::Ours => "to your endpoint".to_owned(),
            _ => format!("{} {}", operation.method, operation.path),
        };
        let cells = vec![
            cell::link(&href, operation.summary)?,
            code(&address)?,
            cell::text(needs(operation.access))?,
        ];
        Ok(Row { key: operation.id.to_owned(), cells, ..Row::default() })
    };
    let rows = operations.iter().map(row).collect::<Result<_, askama::Error>>()?;
    let id = tag.to_lowercase();
    Ok(Html::join([cell::heading_at(&id, tag)?, Table::new(tag, COLUMNS, rows, "").html()?]))
}

/// What somebody needs who asks for it.
pub fn needs(access: Access) -> &'static str {
    match access {
        Access::Scope(scope) => scope.as_str(),
        Access::Token => "a token",
        Access::Open => "no token",
        Access::Ours => "sent by us",
    }
}

/// Whether an operation has all the words, which are in small letters, somewhere.
fn is_found(operation: &Operation, words: &str) -> bool {
    let text = format!(
        "{} {} {} {} {} {}",
        operation.summary,
        operation.method,
        operation.path,
        operation.id,
        needs(operation.access),
        operation.description
    );
    let text = text.to_lowercase();
    words.split_whitespace().all(|word| text.contains(word))
}
