//! What happened to a payment, in order, with the time between two things where it is worth a word.

use askama::Template;
use futures::TryFutureExt;
use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use serde::Deserialize;
use serde_json::Value;

use super::{Transaction, told};
use crate::failure::Failure;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::time::{self, span};
use crate::view::{cell, json, list};
use crate::visit::{Visit, segment};

/// Entries of one answer.
const PAGE: usize = 100;

/// Answers that are read for one page. A payment has ten entries; one of a busy virtual account has some hundred.
const PAGES: usize = 5;

/// A gap of more seconds than that is said.
const GAP_SECONDS: i64 = 1;

#[derive(Debug, Clone, Deserialize)]
pub struct Logged {
    pub id: String,
    pub at: String,
    pub kind: String,
    pub source: String,
    pub summary: String,
    pub detail: Value,
    pub request_id: Option<String>,
}

/// What was read of a timeline.
pub struct Logs {
    pub entries: Vec<Logged>,
    /// Whether there are more than were read.
    pub is_cut: bool,
}

/// Reads a transaction's timeline, oldest first.
pub async fn read(visit: &Visit<'_>, id: &str) -> Result<Logs, ClientError> {
    let path = format!("/transactions/{}/logs?limit={PAGE}", segment(id));
    let (mut entries, mut cursor) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = visit
            .api
            .page::<Logged>(&path, "logs", cursor.as_deref())
            .map_ok(|page| (page.items, page.next_cursor));
        let (items, next) = page.await?;
        entries.extend(items);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(Logs { entries, is_cut: cursor.is_some() })
}

struct Line {
    kind: String,
    class: &'static str,
    gap: Option<String>,
    at: Html,
    summary: String,
    source: String,
    /// What vouches for a provider's message.
    trust: Option<String>,
    request_id: Option<String>,
    detail: Html,
    /// What can be done about it, and where there is more of it.
    ways: Html,
}

#[derive(Template)]
#[template(path = "timeline.html")]
struct Timeline {
    lines: Vec<Line>,
    is_cut: bool,
}

/// The timeline as a part of the page.
pub fn part(
    visit: &Visit<'_>,
    transaction: &Transaction,
    logs: Result<Logs, ClientError>,
) -> Result<Html, Failure> {
    let shown = list::part(logs, |logs| {
        let last = told::last_attempts(&logs.entries);
        let mut lines = Vec::new();
        let mut before = None;
        for entry in &logs.entries {
            let at = time::moment(&entry.at, visit.zone());
            let gap = at.zip(before).map(|(at, before): (_, paywarden_domain::time::Timestamp)| {
                at.as_seconds().saturating_sub(before.as_seconds())
            });
            let ways = Html::join([
                replay(visit, transaction, entry)?,
                told::ways(visit, transaction, entry, last.contains(entry.id.as_str()))?,
            ]);
            lines.push(line(visit, transaction, (entry, ways), gap)?);
            before = at.or(before);
        }
        Ok(Html::of(&Timeline { lines, is_cut: logs.is_cut })?)
    })?;
    Ok(Html::join([cell::heading_at("timeline", "Timeline")?, shown]))
}

fn line(
    visit: &Visit<'_>,
    transaction: &Transaction,
    (entry, ways): (&Logged, Html),
    gap: Option<i64>,
) -> Result<Line, askama::Error> {
    Ok(Line {
        kind: entry.kind.replace('_', " "),
        class: class(&entry.kind),
        gap: gap.filter(|gap| *gap > GAP_SECONDS).map(span),
        at: cell::time(&entry.at, visit.zone(), visit.now)?,
        summary: entry.summary.clone(),
        source: source(transaction, &entry.source),
        trust: entry.detail.get("trust").and_then(Value::as_str).map(|grade| grade.replace('_', " ")),
        request_id: entry.request_id.clone(),
        detail: json::folded("Details", &entry.detail)?,
        ways,
    })
}

/// Who did it, by name where that is known.
fn source(transaction: &Transaction, source: &str) -> String {
    match (&transaction.provider_id, &transaction.provider_name) {
        (Some(id), Some(name)) if id == source => name.clone(),
        _ => source.to_owned(),
    }
}

fn class(kind: &str) -> &'static str {
    match kind {
        "status_changed" => "changed",
        "report_held" | "report_ignored" => "odd",
        "webhook_attempt" => "told",
        _ => "plain",
    }
}

/// A kept callback can be read again, and what that would change is shown before anything does.
fn replay(visit: &Visit<'_>, transaction: &Transaction, entry: &Logged) -> Result<Html, askama::Error> {
    if entry.kind != "provider_message" || !visit.may(Scope::LogsRead) {
        return Ok(Html::default());
    }
    let action = visit.link(&format!("/transactions/{}/replay", segment(&transaction.id)));
    Form::new(action, "Read it again").hidden("entry_id", &entry.id).html()
}
