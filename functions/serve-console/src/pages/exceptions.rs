//! `/reconciliation/exceptions`: what does not agree, across runs, and what people decide about it: about selected ones, about all
//! that the filters of the view cover, or in a table that goes out and comes back.

mod csv;
mod decide;
pub mod exception;
mod forms;
mod whole;

use futures::future;
use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::ExceptionStatus;
use serde::Deserialize;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::names::Providers;
use crate::pages::reconciliation::links;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::filters::{Filter, Filters};
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::list::{self, List};
use crate::view::notice::Notice;
use crate::view::table::Table;
use crate::visit::Visit;
use exception::Exception;

/// Runs that the filter by run offers.
const RUNS: usize = 50;

/// A run, as far as its name goes.
#[derive(Deserialize)]
struct Run {
    id: String,
    provider_id: String,
    start_date: String,
    end_date: String,
    state: String,
}

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    match rest {
        [] => {}
        // Where forms are sent to: whoever comes back by the address gets the list.
        ["all" | "csv"] => return Ok(Reply::SeeOther(list_link(visit, &visit.query.query(|_| true)))),
        _ => return Err(Failure::NotFound),
    }
    visit.require(Scope::ReconciliationRead)?;
    if let Some(run) = visit.query.get("run") {
        return Ok(Reply::SeeOther(links::with(visit, &[("run", ""), ("run_id", run)])));
    }
    if visit.query.get("format") == Some("csv") {
        return csv::out(visit).await;
    }
    page(visit, Said::default()).await
}

/// What a form at the rest of an address does.
///
/// # Errors
/// [`Failure`].
pub async fn post(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::ReconciliationWrite)?;
    match rest {
        [] => decide::selected(visit).await,
        ["csv"] => csv::back(visit).await,
        ["all"] => whole::decide(visit).await,
        _ => Err(Failure::NotFound),
    }
}

/// What the page has to say about a form that was sent, and that form as it was filled in.
#[derive(Default)]
struct Said {
    status: Option<u16>,
    notice: Html,
    /// How many a decision about all of the view would be about.
    counted: Option<u64>,
    selected: Option<Form>,
    whole: Option<Form>,
    table: Option<Form>,
}

async fn page(visit: &Visit<'_>, said: Said) -> Result<Reply, Failure> {
    let none = Providers::default();
    let asked = filters(visit, &none, Vec::new());
    let (exceptions, providers, runs) =
        future::join3(read(visit, &asked), Providers::read(visit), runs(visit)).await;
    let (providers, runs) = (providers?, runs?);
    let filters = filters(visit, &providers, runs);
    let body = [
        done(visit)?,
        said.notice.clone(),
        said.counted.map_or(Ok(Html::default()), |count| whole::confirm(visit, &providers, count))?,
        filters.html(&list_link(visit, ""))?,
        list::part(exceptions, |page| rows(visit, &filters, &providers, &page))?,
        forms::all(visit, &filters, &said)?,
    ];
    let page = Page::new("Exceptions", Entry::Exceptions, Html::join(body));
    Ok(page.with_status(said.status.unwrap_or(200)).into())
}

/// The list with a query; forms of the page are sent to addresses behind it.
fn list_link(visit: &Visit<'_>, query: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    visit.link(&format!("/reconciliation/exceptions{mark}{query}"))
}

async fn read(
    visit: &Visit<'_>,
    filters: &Filters,
) -> Result<paywarden_api_client::Page<Exception>, ClientError> {
    let list = List { path: "/reconciliation/exceptions", items: "exceptions", filters, fixed: &[] };
    list.read(visit).await
}

/// The latest runs; none when they cannot be had now, and the filter takes an id then.
async fn runs(visit: &Visit<'_>) -> Result<Vec<Run>, Failure> {
    match visit.api.page(&format!("/reconciliation/runs?limit={RUNS}"), "runs", None).await {
        Ok(page) => Ok(page.items),
        Err(error) => match Failure::from(error) {
            Failure::Unavailable { .. } | Failure::Refused(_) => Ok(Vec::new()),
            failure => Err(failure),
        },
    }
}

fn filters(visit: &Visit<'_>, providers: &Providers, runs: Vec<Run>) -> Filters {
    let words = |words: &[&'static str]| words.iter().map(|word| (*word, *word)).collect::<Vec<_>>();
    let outcomes = Outcome::ALL.iter().filter(|outcome| outcome.is_exception());
    let outcomes: Vec<&'static str> = outcomes.map(|outcome| outcome.as_str()).collect();
    let filters = vec![
        providers.filter(visit),
        run_filter(visit, providers, runs),
        Filter::choice("outcome", "What does not agree", words(&outcomes)),
        Filter::choice("status", "Status", words(ExceptionStatus::WORDS)),
        Filter::text("assignee", "With", "name or id"),
        Filter::text("min_age_days", "Found at least so many days ago", "7").rare(),
        Filter::text("amount_min", "Amount from", "10000").rare(),
        Filter::text("amount_max", "Amount to", "500000").rare(),
    ];
    Filters::new(&visit.query, filters, &[])
}

/// By the days of a run; one that is asked for is among them however old it is.
fn run_filter(visit: &Visit<'_>, providers: &Providers, runs: Vec<Run>) -> Filter {
    if runs.is_empty() {
        return Filter::text("run_id", "Found by run", "run_…");
    }
    let asked = visit.query.get("run_id");
    let others = asked.filter(|asked| runs.iter().all(|run| run.id != *asked));
    let named = runs.iter().filter(|run| run.state != "SUPERSEDED" || Some(run.id.as_str()) == asked);
    let named = named.map(|run| {
        let days = if run.start_date == run.end_date {
            run.start_date.clone()
        } else {
            format!("{} – {}", run.start_date, run.end_date)
        };
        (run.id.clone(), format!("{days} {}", providers.name(&run.provider_id)))
    });
    let all = named.chain(others.map(|id| (id.to_owned(), id.to_owned())));
    Filter::choice("run_id", "Found by the run of", all)
}

fn rows(
    visit: &Visit<'_>,
    filters: &Filters,
    providers: &Providers,
    page: &paywarden_api_client::Page<Exception>,
) -> Result<Html, Failure> {
    let pager = list::pager(visit, filters, page.items.len(), None, page.next_cursor.as_deref())?;
    let (open, closed): (Vec<&Exception>, Vec<&Exception>) =
        page.items.iter().partition(|exception| exception.is_open());
    let row = |exception: &Exception| exception::row(visit, providers, exception);
    let rows = open.into_iter().map(row).collect::<Result<_, _>>()?;
    let empty = match (filters.is_set(), closed.is_empty()) {
        (true, true) => "No exception passes these filters.",
        (_, false) => "Nothing of these is open any more.",
        (false, true) => "Nothing is open. What a statement may still bring is pending, and no exception.",
    };
    let mut table = Table::new("Exceptions", exception::COLUMNS, rows, empty);
    table.selects = visit.may(Scope::ReconciliationWrite).then_some(forms::SELECTED);
    let mut parts = vec![table.html()?];
    if !closed.is_empty() {
        // They cannot be decided again, and so have no boxes.
        let rows = closed.into_iter().map(row).collect::<Result<_, _>>()?;
        parts.push(cell::heading("Closed")?);
        parts.push(Table::new("Closed exceptions", exception::COLUMNS, rows, "").html()?);
    }
    let csv = cell::link(&links::with(visit, &[("format", "csv")]), "CSV of this view")?;
    let scope = match visit.query.get("run_id") {
        Some(_) => "What this run found, closed ones too. ",
        None => "What is open across all runs. Choose a run to see what was closed, too. ",
    };
    let about = cell::paragraph(&format!("{scope}Pending settlements are no exceptions and are not here."))?;
    parts.extend([pager, cell::actions(&[csv])?]);
    parts.insert(0, about);
    Ok(Html::join(parts))
}

/// What was done by the form that led here.
fn done(visit: &Visit<'_>) -> Result<Html, Failure> {
    let said = match visit.query.get("done") {
        Some("decided") => "Your decision is written down.",
        Some("table") => "What the table says is written down.",
        Some("all") => {
            "Your decision about all of them is written down. The list of what is open may be a moment behind."
        }
        _ => return Ok(Html::default()),
    };
    Ok(Notice::done(said).html()?)
}

#[cfg(test)]
mod tests;
