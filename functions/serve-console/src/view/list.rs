//! A page of a list: asked for by the filters, with the way to the next.

use askama::Template;
use paywarden_api_client::{ClientError, Method, Page};
use serde::de::DeserializeOwned;

use super::filters::Filters;
use super::html::Html;
use super::notice::Notice;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::visit::Visit;

/// Rows on a page.
pub const LIMIT: usize = 50;

/// A list of the API as a view of it.
pub struct List<'a> {
    /// The API's path, such as `/transactions`.
    pub path: &'a str,
    /// The member of its answer that holds the rows.
    pub items: &'a str,
    pub filters: &'a Filters,
    /// What the view asks for beside its filters.
    pub fixed: &'a [(&'a str, &'a str)],
}

impl List<'_> {
    /// The query of a request for it.
    pub fn query(&self) -> String {
        let pairs = self.fixed.iter().copied().chain(self.filters.pairs());
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }

    /// The page that the visit asks for.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn read<T: DeserializeOwned>(&self, visit: &Visit<'_>) -> Result<Page<T>, ClientError> {
        let query = self.query();
        let separator = if query.is_empty() { "" } else { "&" };
        let path = format!("{}?limit={LIMIT}{separator}{query}", self.path);
        visit.api.page(&path, self.items, visit.query.get("cursor")).await
    }
}

#[derive(Template)]
#[template(path = "view/pager.html")]
struct Pager<'a> {
    /// `50 rows, 14:02–15:37`.
    shown: String,
    first: Option<String>,
    next: Option<&'a str>,
    /// The page has fewer rows than one holds, and the list goes on.
    is_short: bool,
}

/// Where a page stands and where the next one is. `span` are the times of its first and last row, if it is in the order of one.
///
/// # Errors
/// When the template fails, which it does not.
pub fn pager(
    visit: &Visit<'_>,
    filters: &Filters,
    rows: usize,
    span: Option<(&str, &str)>,
    next_cursor: Option<&str>,
) -> Result<Html, askama::Error> {
    let query = filters.query();
    let with_cursor = |cursor: &str| {
        let cursor: String = form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
        let separator = if query.is_empty() { "" } else { "&" };
        visit.here(&format!("{query}{separator}cursor={cursor}"))
    };
    let count = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
    let shown = match span {
        Some((first, last)) if rows > 1 => format!("{count}, {first} – {last}"),
        _ => count,
    };
    let next = next_cursor.map(with_cursor);
    let is_short = next.is_some() && rows < LIMIT;
    let first = visit.query.get("cursor").map(|_| visit.here(&query));
    Html::of(&Pager { shown, first, next: next.as_deref(), is_short })
}

/// What is shown of an answer, or why there is nothing to show: a part of a page that fails leaves the others standing.
///
/// # Errors
/// [`Failure`] when nobody is signed in any more, or it is our own fault.
pub fn part<T>(
    answer: Result<T, ClientError>,
    show: impl FnOnce(T) -> Result<Html, Failure>,
) -> Result<Html, Failure> {
    let failure = match answer {
        Ok(value) => return show(value),
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 403 | 404 | 409 | 422) => {
            return Ok(Notice::of_refusal(&refusal).html()?);
        }
        Err(error) => Failure::from(error),
    };
    match failure {
        Failure::Unavailable { request_id, detail } => {
            tracing::warn!(request_id, detail, "the API has no answer for a part of a page");
            Ok(Notice::unavailable(&request_id).html()?)
        }
        failure => Err(failure),
    }
}

/// The list as the API's CSV. One answer holds thousands of rows; when that is not all, the file's name says so.
///
/// # Errors
/// [`Failure`], as the API refuses it.
pub async fn download(visit: &Visit<'_>, list: &List<'_>, name: &str) -> Result<Reply, Failure> {
    let query = list.query();
    let separator = if query.is_empty() { "" } else { "?" };
    let request = visit.api.request(Method::GET, &format!("{}{separator}{query}", list.path)).await?;
    let answer = request.header("accept", "text/csv").send().await?.accepted()?;
    let more = if answer.headers.contains_key("x-next-cursor") { "-beginning" } else { "" };
    let day = visit.zone().day_of(visit.now);
    Ok(Reply::Download { name: format!("{name}-{day}{more}.csv"), text: answer.text })
}
