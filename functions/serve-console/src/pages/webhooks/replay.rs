//! `/developers/webhooks/{id}/replay`: those that pass a filter are told again. They are counted first, and how far it is stands on
//! `/developers/webhooks/{id}/replays/{replay}`.

use futures::future;
use paywarden_api_client::{ClientError, Refusal};
use paywarden_domain::access::Scope;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::deliveries;
use super::record::{self, Endpoint, link, path};
use crate::failure::{Failure, refusal};
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::filters::Filters;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, list};
use crate::visit::{FORM_KEY, Visit, segment};

/// What is over can be sent again.
const STATUSES: [&str; 2] = ["DELIVERED", "FAILED"];

/// One of them has to be said: nobody sends everything again by leaving fields empty.
const NEEDED: [&str; 2] = ["transaction_id", "from"];

const COLUMNS: &[Column] = &[
    Column::new("Replay"),
    Column::new("State"),
    Column::new("Back in the queue"),
    Column::new("Began"),
    Column::new("All back in the queue"),
];

#[derive(Deserialize)]
pub struct Replay {
    id: String,
    state: String,
    counted: u64,
    queued: u64,
    created_at: String,
    finished_at: Option<String>,
}

impl Replay {
    /// What it did for the one delivery that it is about.
    pub const fn done(&self) -> &'static str {
        if self.counted == 0 { "waits" } else { "replayed" }
    }
}

/// The page of a replay.
pub fn link_of(visit: &Visit<'_>, id: &str, replay: &str) -> String {
    link(visit, id, &format!("/replays/{}", segment(replay)))
}

/// What the filter of the address comes to, and the button that does it.
pub async fn show(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    visit.require(Scope::WebhooksWrite)?;
    let filters = deliveries::filters(&visit.query, STATUSES);
    let (endpoint, counted) = future::join(record::read(visit, id), count(visit, id, &filters)).await;
    let endpoint = endpoint?;
    let shown = match counted {
        Some(counted) => list::part(counted, |counted| start_form(visit, id, &filters, counted))?,
        None => Notice::hint("Say from when, or of which transaction.").html()?,
    };
    page(visit, &endpoint, &filters, shown, 200)
}

/// How many pass; nothing as long as what is needed is not said.
async fn count(visit: &Visit<'_>, id: &str, filters: &Filters) -> Option<Result<u64, ClientError>> {
    if !filters.pairs().any(|(name, _)| NEEDED.contains(&name)) {
        return None;
    }
    let mut body = selection(filters);
    body.insert("dry_run".to_owned(), true.into());
    let answer = visit.post(&format!("{}/replay", path(id)), &Value::Object(body)).await;
    Some(answer.and_then(|answer| answer.member("counted")))
}

fn selection(filters: &Filters) -> Map<String, Value> {
    filters.pairs().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

fn start_form(visit: &Visit<'_>, id: &str, filters: &Filters, counted: u64) -> Result<Html, Failure> {
    let (these, verb) = match counted {
        0 => return Ok(Notice::hint("No delivery that is over passes this.").html()?),
        1 => ("1 delivery passes this, and would be sent again.".to_owned(), "Replay 1 delivery".to_owned()),
        counted => (
            format!("{counted} deliveries pass this, and would be sent again."),
            format!("Replay {counted} deliveries"),
        ),
    };
    let form = Form::new(link(visit, id, "/replay"), verb).hidden(FORM_KEY, visit.new_key());
    let form = filters.pairs().fold(form, |form, (name, value)| form.hidden(name, value));
    Ok(Html::join([Notice::warning(these).html()?, form.html()?]))
}

fn page(
    visit: &Visit<'_>,
    endpoint: &Endpoint,
    filters: &Filters,
    shown: Html,
    status: u16,
) -> Result<Reply, Failure> {
    let said = "They keep their bytes and their ids, and begin with their attempts anew. What is pending or parked goes out anyway \
                and is left alone.";
    let body = [
        cell::actions(&[cell::link(&link(visit, &endpoint.id, ""), "Back to the endpoint")?])?,
        cell::paragraph(said)?,
        filters.html(&link(visit, &endpoint.id, "/replay"))?,
        shown,
    ];
    let title = format!("Replay deliveries to {}", endpoint.url);
    Ok(Page::new(title, Entry::Webhooks, Html::join(body)).with_status(status).into())
}

/// Starts what was counted, and leads to how far it is.
pub async fn start(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    let filters = deliveries::filters(&visit.form, STATUSES);
    let body = Value::Object(selection(&filters));
    match visit.post(&format!("{}/replay", path(id)), &body).await {
        Ok(answer) => {
            let replay: Replay = answer.member("replay")?;
            Ok(Reply::SeeOther(link_of(visit, id, &replay.id)))
        }
        Err(error) => refused(visit, id, &filters, &refusal(error)?).await,
    }
}

async fn refused(
    visit: &Visit<'_>,
    id: &str,
    filters: &Filters,
    refusal: &Refusal,
) -> Result<Reply, Failure> {
    let endpoint = record::read(visit, id).await?;
    page(visit, &endpoint, filters, Notice::of_refusal(refusal).html()?, refusal.status)
}

/// How far a replay is.
pub async fn progress(visit: &Visit<'_>, id: &str, replay: &str) -> Result<Reply, Failure> {
    let answer = match visit.get(&format!("{}/replays/{}", path(id), segment(replay))).await {
        // Something that cannot be an id is no replay.
        Err(ClientError::Refused(refusal)) if refusal.status == 400 => return Err(Failure::NotFound),
        answer => answer?,
    };
    let replay: Replay = answer.member("replay")?;
    let part = row(visit, &replay)?;
    let mut ways = vec![cell::link(&link(visit, id, "#deliveries"), "Back to the endpoint")?];
    if replay.finished_at.is_none() {
        ways.push(cell::link(&link_of(visit, id, &replay.id), "Look again")?);
    }
    let body = Html::join([cell::actions(&ways)?, part.clone()]);
    Ok(Page::new("Replay of deliveries", Entry::Webhooks, body).with_part(part).into())
}

/// The replay as the one row of a table, which the page's script keeps up to date.
fn row(visit: &Visit<'_>, replay: &Replay) -> Result<Html, askama::Error> {
    let (zone, now) = (visit.zone(), visit.now);
    let cells = vec![
        cell::id(&replay.id)?,
        cell::status(&replay.state)?,
        cell::text(&format!("{} of {}", replay.queued, replay.counted))?,
        cell::time(&replay.created_at, zone, now)?,
        cell::maybe_time(replay.finished_at.as_deref(), zone, now)?,
    ];
    let version = format!("{} {}", replay.state, replay.queued);
    let rows = vec![Row { key: replay.id.clone(), version, cells }];
    let mut table = Table::new("Replay", COLUMNS, rows, "");
    // Whoever saw it run sees its end in the same place.
    table.is_live = replay.finished_at.is_none() || visit.wants_part;
    table.html()
}
