//! `/developers/webhooks/events`: what webhooks can tell, each with a body as an example.

use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::reference::pieces::{prose, raw};
use crate::reply::{Page, Reply};
use crate::view::html::Html;
use crate::view::{cell, json, list};
use crate::visit::Visit;

/// An event as the API describes it.
#[derive(Deserialize)]
struct Described {
    event: String,
    description: String,
    subscribable: bool,
    schema: Value,
    example: Value,
}

pub async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let answer = visit.get("/event-types").await;
    let described = answer.and_then(|answer| answer.member::<Vec<Described>>("event_types"));
    let shown = list::part(described, |events| {
        let parts = events.iter().map(part).collect::<Result<Vec<_>, _>>()?;
        Ok(Html::join(parts))
    })?;
    let back = cell::actions(&[
        cell::link(&visit.link("/developers/webhooks"), "All endpoints")?,
        cell::link(&visit.link("/developers/api#webhooks"), "Webhooks in the API reference")?,
    ])?;
    Ok(Page::new("What webhooks tell", Entry::Webhooks, Html::join([back, shown])).into())
}

fn part(described: &Described) -> Result<Html, Failure> {
    let event = &described.event;
    let who = match described.subscribable {
        true => Html::default(),
        false => cell::paragraph("No endpoint subscribes to it: it comes when somebody asks for it.")?,
    };
    let example = serde_json::to_string_pretty(&described.example).unwrap_or_default();
    Ok(Html::join([
        cell::heading_at(event, event)?,
        prose(&described.description)?,
        who,
        raw(&format!("example of {event}"), &example)?,
        json::folded(&format!("JSON schema of {event}"), &described.schema)?,
    ]))
}
