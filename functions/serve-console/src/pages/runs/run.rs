//! `/reconciliation/runs/{id}`: where a run stands and what it came to.

use futures::future;
use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use serde::Deserialize;
use serde_json::{Value, json};

use super::link;
use super::progress::{self, Progress};
use super::summary::{self, Summary};
use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::names::Providers;
use crate::pages::reconciliation::cells;
use crate::reply::{Page, Reply};
use crate::view::facts::facts;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::view::status::Tone;
use crate::view::{cell, json as folded};
use crate::visit::{Visit, segment};

/// A run as the API shows it.
#[derive(Deserialize)]
pub struct Run {
    pub id: String,
    pub provider_id: String,
    pub start_date: String,
    pub end_date: String,
    as_of: Option<String>,
    statement_ids: Vec<String>,
    rules: Rules,
    pub dry_run: bool,
    trigger: String,
    pub state: String,
    attempt: u64,
    shards: Option<u64>,
    summary: Option<Value>,
    pub failure: Option<String>,
    supersedes: Option<String>,
    superseded_by: Option<String>,
    pub created_by: String,
    pub created_at: String,
    started_at: Option<String>,
    finished_at: Option<String>,
    pub version: u64,
}

#[derive(Deserialize)]
struct Rules {
    tolerance_minor: i64,
    tolerance_basis_points: i64,
    lag_days: i64,
    zone: String,
}

/// Where a report is.
#[derive(Deserialize)]
struct Report {
    url: String,
}

impl Run {
    /// The days that it judges.
    pub fn days(&self) -> String {
        if self.start_date == self.end_date {
            return self.start_date.clone();
        }
        format!("{} – {}", self.start_date, self.end_date)
    }

    /// What it came to, once it has; nothing if it has a shape that is newer than this console.
    pub fn summary(&self) -> Option<Summary> {
        self.summary.as_ref().and_then(|summary| Summary::deserialize(summary).ok())
    }

    pub fn is_under_way(&self) -> bool {
        matches!(self.state.as_str(), "QUEUED" | "PARTITIONING" | "MATCHING" | "REDUCING")
    }

    /// Whether it may still be stopped: once its findings are being written, it may not.
    fn can_be_stopped(&self) -> bool {
        self.is_under_way() && self.state != "REDUCING"
    }

    pub fn has_report(&self) -> bool {
        matches!(self.state.as_str(), "COMPLETED" | "COMPLETED_WITH_REJECTS" | "SUPERSEDED")
    }
}

/// Where it stands.
///
/// # Errors
/// When a template fails, which none does.
pub fn state(word: &str) -> Result<Html, askama::Error> {
    let tone = match word {
        "COMPLETED" => Tone::Good,
        "COMPLETED_WITH_REJECTS" => Tone::Warning,
        "FAILED" => Tone::Bad,
        "QUEUED" | "PARTITIONING" | "MATCHING" | "REDUCING" => Tone::Waiting,
        _ => Tone::Quiet,
    };
    cell::mark(tone, word)
}

pub async fn show(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    if visit.wants_part {
        let (run, progress) = read(visit, id).await?;
        let part = progress::table(visit, &run, progress.as_ref(), true)?;
        return Ok(Page::new("Run", Entry::Runs, Html::default()).with_part(part).into());
    }
    page(visit, id, None).await
}

/// The run, and how far its shards are.
async fn read(visit: &Visit<'_>, id: &str) -> Result<(Run, Option<Progress>), Failure> {
    let answer = match visit.get(&format!("/reconciliation/runs/{}", segment(id))).await {
        // Something that cannot be an id is no run.
        Err(ClientError::Refused(refusal)) if refusal.status == 400 => return Err(Failure::NotFound),
        answer => answer?,
    };
    Ok((answer.member("run")?, answer.member("progress")?))
}

async fn page(visit: &Visit<'_>, id: &str, said: Option<(u16, Html)>) -> Result<Reply, Failure> {
    let (read, providers) = future::join(read(visit, id), Providers::read(visit)).await;
    let (run, progress) = read?;
    let providers = providers?;
    let (status, notice) = said.map_or((200, Html::default()), |(status, notice)| (status, notice));
    let how_far = progress::part(visit, &run, progress.as_ref())?;
    let mut parts = vec![notice, done(visit)?, how_far, about(visit, &providers, &run)?];
    parts.push(ways_on(visit, &run)?);
    if let Some(summary) = run.summary() {
        parts.push(summary::part(visit, &run, &summary)?);
    }
    if let Some(summary) = &run.summary {
        parts.push(folded::folded("Summary as JSON", summary)?);
    }
    let title = format!("Run of {} {}", providers.name(&run.provider_id), run.days());
    Ok(Page::new(title, Entry::Runs, Html::join(parts)).with_status(status).into())
}

/// What was done by the form that led here.
fn done(visit: &Visit<'_>) -> Result<Html, Failure> {
    let notice = match visit.query.get("done") {
        Some("started") => Notice::done("The run has begun."),
        Some("known") => Notice::hint("The very same run was there already: this is it."),
        Some("cancelled") => Notice::done("The run is stopped."),
        _ => return Ok(Html::default()),
    };
    Ok(notice.html()?)
}

fn about(visit: &Visit<'_>, providers: &Providers, run: &Run) -> Result<Html, Failure> {
    let (zone, now) = (visit.zone(), visit.now);
    let other = |id: &Option<String>| match id {
        Some(id) => cell::linked_id(&link(visit, id), id),
        None => Ok(Html::default()),
    };
    let rules = &run.rules;
    let tolerance = format!(
        "{} of the smallest unit, or {} ten-thousandths",
        rules.tolerance_minor, rules.tolerance_basis_points
    );
    let kind = if run.dry_run { "dry run: leaves nothing but its report" } else { "" };
    Ok(facts(&[
        ("State", state(&run.state)?),
        ("Kind", cell::text(kind)?),
        ("Provider", providers.cell(visit, &run.provider_id)?),
        ("Days", cells::days(&run.start_date, &run.end_date)?),
        ("Statements complete until", cell::maybe(run.as_of.as_deref())?),
        ("Statements", statements(visit, run)?),
        ("Takes the place of", other(&run.supersedes)?),
        ("Gave way to", other(&run.superseded_by)?),
        ("Amounts may differ by", cell::text(&tolerance)?),
        ("Settled after", cell::text(&lag(rules))?),
        ("Shards", cell::maybe(run.shards.map(|shards| shards.to_string()).as_deref())?),
        ("Attempt", cell::text(&run.attempt.to_string())?),
        ("Run id", cell::id(&run.id)?),
        ("Started by", cell::text(&format!("{} ({})", run.created_by, run.trigger))?),
        ("Asked for", cell::time(&run.created_at, zone, now)?),
        ("Began", cell::maybe_time(run.started_at.as_deref(), zone, now)?),
        ("Ended", cell::maybe_time(run.finished_at.as_deref(), zone, now)?),
    ])?)
}

fn lag(rules: &Rules) -> String {
    match rules.lag_days {
        1 => format!("1 business day, in {}", rules.zone),
        days => format!("{days} business days, in {}", rules.zone),
    }
}

fn statements(visit: &Visit<'_>, run: &Run) -> Result<Html, askama::Error> {
    let linked = run
        .statement_ids
        .iter()
        .map(|id| cell::linked_id(&visit.link(&format!("/reconciliation/statements/{}", segment(id))), id));
    cell::stack(&linked.collect::<Result<Vec<_>, _>>()?)
}

/// Its report, once there is one, and how it is stopped while that can be done.
fn ways_on(visit: &Visit<'_>, run: &Run) -> Result<Html, Failure> {
    let mut parts = Vec::new();
    if run.has_report() {
        let href = format!("{}/report", link(visit, &run.id));
        parts.push(cell::actions(&[cell::link(&href, "Report of every row, as CSV")?])?);
    }
    if run.can_be_stopped() && visit.may(Scope::ReconciliationWrite) {
        let stop = format!("Stop the run of {}", run.days());
        let form = Form::new(format!("{}/cancel", link(visit, &run.id)), stop.as_str()).destructive();
        parts.push(cell::folded(&format!("{stop}…"), &form.html()?, false)?);
    }
    Ok(Html::join(parts))
}

/// To the report, whose address is good for a quarter of an hour and so is asked for now.
pub async fn report(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    match visit.get(&format!("/reconciliation/runs/{}/report", segment(id))).await {
        Ok(answer) => {
            let report: Report = answer.member("report")?;
            Ok(Reply::Leave(report.url))
        }
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 409 | 422) => {
            let notice = Notice::of_refusal(&refusal).html()?;
            page(visit, id, Some((refusal.status, notice))).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Stops it. The API takes no reason for that.
pub async fn cancel(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    match visit.post(&format!("/reconciliation/runs/{}/cancel", segment(id)), &json!({})).await {
        Ok(_) => Ok(Reply::SeeOther(format!("{}?done=cancelled", link(visit, id)))),
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 409 | 422) => {
            let notice = Notice::of_refusal(&refusal).html()?;
            page(visit, id, Some((refusal.status, notice))).await
        }
        Err(error) => Err(error.into()),
    }
}
