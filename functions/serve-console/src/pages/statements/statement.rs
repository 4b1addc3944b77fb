//! `/reconciliation/statements/{id}`: what was read of a file, and what became of each of its lines.

use futures::future;
use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use paywarden_domain::time::Day;
use serde::Deserialize;

use super::report::{self, Report};
use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::names::Providers;
use crate::pages::reconciliation::links;
use crate::reply::{Page, Reply};
use crate::view::facts::facts;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::view::status::Tone;
use crate::view::{cell, time};
use crate::visit::{Visit, segment};

/// A statement as the API shows it.
#[derive(Deserialize)]
pub struct Statement {
    pub id: String,
    pub provider_id: String,
    pub status: String,
    reason: Option<String>,
    duplicate_of: Option<String>,
    format: Option<String>,
    pub file_name: Option<String>,
    sha256: Option<String>,
    bytes: Option<u64>,
    pub report: Option<Report>,
    pub created_by: String,
    pub created_at: String,
    read_at: Option<String>,
}

/// Where it stands.
///
/// # Errors
/// When a template fails, which none does.
pub fn state(word: &str) -> Result<Html, askama::Error> {
    let tone = match word {
        "PARSED" => Tone::Good,
        "PARSED_WITH_ERRORS" => Tone::Warning,
        "REJECTED" => Tone::Bad,
        "AWAITING_UPLOAD" => Tone::Waiting,
        _ => Tone::Quiet,
    };
    cell::mark(tone, word)
}

/// The time that its rows are of.
///
/// # Errors
/// When a template fails, which none does.
pub fn booked(visit: &Visit<'_>, report: Option<&Report>) -> Result<Html, askama::Error> {
    let ends =
        report.and_then(|report| report.first_booked_at.as_deref().zip(report.last_booked_at.as_deref()));
    match ends {
        Some((first, last)) => cell::stack(&[
            cell::time(first, visit.zone(), visit.now)?,
            cell::time(last, visit.zone(), visit.now)?,
        ]),
        None => cell::maybe(None),
    }
}

pub async fn show(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    let path = format!("/reconciliation/statements/{}", segment(id));
    let (answer, providers) = future::join(visit.get(&path), Providers::read(visit)).await;
    let statement: Statement = match answer {
        // Something that cannot be an id is no statement.
        Err(ClientError::Refused(refusal)) if refusal.status == 400 => return Err(Failure::NotFound),
        answer => answer?.member("statement")?,
    };
    let mut parts = vec![done(visit)?, about(visit, &providers?, &statement)?];
    parts.push(waiting(visit, &statement)?);
    if let Some(report) = &statement.report {
        parts.push(ways_on(visit, &statement, report)?);
        parts.push(report::part(report)?);
    }
    let title = format!("File {}", statement.file_name.as_deref().unwrap_or(&statement.id));
    Ok(Page::new(title, Entry::Statements, Html::join(parts)).into())
}

/// What was done by the form that led here.
fn done(visit: &Visit<'_>) -> Result<Html, Failure> {
    let notice = match visit.query.get("done") {
        Some("given") => Notice::done("The file is here, and this is what was read of it."),
        Some("known") => Notice::hint("The very same file was here before: this is it. Nothing was added."),
        _ => return Ok(Html::default()),
    };
    Ok(notice.html()?)
}

fn about(visit: &Visit<'_>, providers: &Providers, statement: &Statement) -> Result<Html, Failure> {
    let (zone, now) = (visit.zone(), visit.now);
    let duplicate = match &statement.duplicate_of {
        Some(id) => cell::linked_id(&visit.link(&format!("/reconciliation/statements/{}", segment(id))), id)?,
        None => Html::default(),
    };
    let report = statement.report.as_ref();
    let count = |count: Option<u64>| cell::maybe(count.map(|count| count.to_string()).as_deref());
    Ok(facts(&[
        ("State", state(&statement.status)?),
        ("Reason", cell::text(statement.reason.as_deref().unwrap_or_default())?),
        ("The same as", duplicate),
        ("Lines that tell something", count(report.map(|report| report.lines))?),
        ("Rows read of them", count(report.map(|report| report.rows))?),
        ("Rejected lines", count(report.map(|report| report.errors))?),
        ("Booked, first and last", booked(visit, report)?),
        ("Provider", providers.cell(visit, &statement.provider_id)?),
        ("Read as", cell::maybe(statement.format.as_deref())?),
        ("Statement id", cell::id(&statement.id)?),
        ("Bytes", count(statement.bytes)?),
        ("SHA-256", statement.sha256.as_deref().map_or_else(|| cell::maybe(None), cell::id)?),
        ("Came", cell::time(&statement.created_at, zone, now)?),
        ("By", cell::text(&statement.created_by)?),
        ("Read", cell::maybe_time(statement.read_at.as_deref(), zone, now)?),
    ])?)
}

/// For a file that was announced and has not come.
fn waiting(visit: &Visit<'_>, statement: &Statement) -> Result<Html, Failure> {
    if statement.status != "AWAITING_UPLOAD" {
        return Ok(Html::default());
    }
    let again = visit.link(&format!("/reconciliation/statements/{}", segment(&statement.id)));
    Ok(Html::join([
        Notice::hint("The file has not come yet. It is read as soon as it has.").html()?,
        cell::actions(&[cell::link(&again, "Look again")?])?,
    ]))
}

/// A run over the days of the file, with this file.
fn ways_on(visit: &Visit<'_>, statement: &Statement, report: &Report) -> Result<Html, Failure> {
    let is_usable = matches!(statement.status.as_str(), "PARSED" | "PARSED_WITH_ERRORS");
    if !is_usable || !visit.may(Scope::ReconciliationWrite) {
        return Ok(Html::default());
    }
    let [first, last] = [&report.first_booked_at, &report.last_booked_at].map(|moment| {
        let moment = moment.as_deref().and_then(|moment| time::moment(moment, visit.zone()));
        moment.map(|moment| visit.zone().day_of(moment)).as_ref().map(Day::to_string).unwrap_or_default()
    });
    let asked = [
        ("provider_id", statement.provider_id.as_str()),
        ("start_date", &first),
        ("end_date", &last),
        ("statement_ids", &statement.id),
    ];
    let href = links::to(visit, "/reconciliation/runs/new", &asked);
    Ok(cell::actions(&[cell::button_link(&href, "Hold it against the ledger")?])?)
}
