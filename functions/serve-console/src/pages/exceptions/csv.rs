//! A table of exceptions that goes out and comes back with decisions.

use paywarden_api_client::{ClientError, Method};
use paywarden_lambda_kit::csv::Table;
use serde_json::{Map, Value};

use super::decide::{Results, back as back_to};
use super::{Said, filters, forms, page};
use crate::failure::Failure;
use crate::pages::names::Providers;
use crate::reply::Reply;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::visit::Visit;

/// The first four come back, the others are for whoever fills them in: the columns of the API's own table of a run.
const COLUMNS: &[&str] = &[
    "exception_id",
    "action",
    "reason",
    "assignee",
    "outcome",
    "detail",
    "status",
    "created_at",
    "ledger",
    "statement",
];

/// Rows of a table: as many decisions as one comes back with.
const MOST: usize = 500;

/// The view as a table. The API has tables of single runs only, so this one is written here from its pages.
pub async fn out(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let filters = filters(visit, &Providers::default(), Vec::new());
    let asked = form_urlencoded::Serializer::new(String::new()).extend_pairs(filters.pairs()).finish();
    let path = format!("/reconciliation/exceptions?limit=100&{asked}");
    let (mut table, mut cursor) = (Table::new(COLUMNS)?, None);
    loop {
        let page = visit
            .api
            .page::<Map<String, Value>>(path.trim_end_matches('&'), "exceptions", cursor.as_deref())
            .await?;
        for exception in page.items {
            table.push(&cells(exception))?;
        }
        cursor = page.next_cursor;
        if cursor.is_none() || table.rows() >= MOST {
            break;
        }
    }
    let more = if cursor.is_some() { "-beginning" } else { "" };
    let name = format!("exceptions-{}{more}.csv", visit.zone().day_of(visit.now));
    Ok(Reply::Download { name, text: table.into_answer(None)?.body })
}

/// An exception as a row: its id under the name that it comes back by, and no assignee, which would be a decision.
fn cells(mut exception: Map<String, Value>) -> Map<String, Value> {
    let id = exception.remove("id").unwrap_or_default();
    exception.insert("exception_id".to_owned(), id);
    exception.remove("assignee");
    exception
}

/// Carries out what the rows of a table say.
pub async fn back(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let form = || forms::table(visit).filled(&visit.form);
    let request = visit.api.request(Method::POST, "/reconciliation/exceptions").await?;
    let table = visit.form.text("table").to_owned();
    match request.header("content-type", "text/csv").body(table).send().await?.accepted() {
        Ok(answer) => {
            let results = Results::of(&answer, &[])?;
            if results.is_whole() {
                return Ok(Reply::SeeOther(back_to(visit, "table")));
            }
            again(visit, results.status(), results.html()?, form()).await
        }
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 409 | 413 | 422) => {
            let notice = Notice::of_refusal(&refusal).html()?;
            again(visit, refusal.status, notice, form()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn again(visit: &Visit<'_>, status: u16, notice: Html, form: Form) -> Result<Reply, Failure> {
    page(visit, Said { status: Some(status), notice, table: Some(form), ..Said::default() }).await
}
