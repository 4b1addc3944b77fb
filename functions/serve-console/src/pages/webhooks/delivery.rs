//! `/developers/webhooks/{id}/deliveries/{delivery}`: what was told, what came of every attempt, and the way to tell it again.

use paywarden_api_client::{Answer, ClientError, Refusal};
use paywarden_domain::access::Scope;
use serde::Deserialize;
use serde_json::{Value, json};

use super::attempts::{self, Attempt, outcome};
use super::deliveries::transaction;
use super::record::{Delivery, delivery_link, link, path};
use super::replay::{self, Replay};
use crate::failure::{Failure, refusal};
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::facts::facts;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::view::{cell, json as folded};
use crate::visit::{FORM_KEY, Visit, segment};

/// What only its own page has of a delivery.
#[derive(Deserialize)]
struct Details {
    body: String,
    attempt_log: Vec<Attempt>,
}

pub async fn show(visit: &Visit<'_>, id: &str, delivery: &str) -> Result<Reply, Failure> {
    page(visit, id, delivery, None).await
}

async fn page(
    visit: &Visit<'_>,
    id: &str,
    delivery: &str,
    refused: Option<Refusal>,
) -> Result<Reply, Failure> {
    let answer = read(visit, id, delivery).await?;
    let (told, details): (Delivery, Details) = (answer.member("delivery")?, answer.member("delivery")?);
    let notice = match &refused {
        Some(refusal) => Notice::of_refusal(refusal).html()?,
        None => done(visit)?,
    };
    let parts = [
        ways(visit, id, &told)?,
        notice,
        about(visit, id, &told)?,
        again(visit, id, &told)?,
        attempts::part(visit, &details.attempt_log)?,
        body(&details.body)?,
    ];
    let status = refused.map_or(200, |refusal| refusal.status);
    let title = format!("Delivery of {}", told.event);
    Ok(Page::new(title, Entry::Webhooks, Html::join(parts)).with_status(status).into())
}

async fn read(visit: &Visit<'_>, id: &str, delivery: &str) -> Result<Answer, Failure> {
    match visit.get(&format!("{}/deliveries/{}", path(id), segment(delivery))).await {
        // Something that cannot be an id is no delivery.
        Err(ClientError::Refused(refusal)) if refusal.status == 400 => Err(Failure::NotFound),
        answer => Ok(answer?),
    }
}

/// What was done by the form that led here.
fn done(visit: &Visit<'_>) -> Result<Html, Failure> {
    let notice = match visit.query.get("done") {
        Some("sent") => Notice::done("The test event is on its way."),
        Some("replayed") => Notice::done("It is in the queue again, and tried in a moment."),
        Some("waits") => Notice::hint("It was not over yet: it goes out anyway, and was not sent again."),
        _ => return Ok(Html::default()),
    };
    Ok(notice.html()?)
}

/// Back, and to look again while something may come of it.
fn ways(visit: &Visit<'_>, id: &str, told: &Delivery) -> Result<Html, Failure> {
    let mut ways = vec![cell::link(&link(visit, id, "#deliveries"), "Back to the endpoint")?];
    if !told.is_over() {
        ways.push(cell::link(&delivery_link(visit, id, &told.id), "Look again")?);
    }
    Ok(cell::actions(&ways)?)
}

fn about(visit: &Visit<'_>, id: &str, told: &Delivery) -> Result<Html, Failure> {
    let (zone, now) = (visit.zone(), visit.now);
    let others = |ids: &[String]| {
        let linked = ids.iter().map(|other| cell::linked_id(&delivery_link(visit, id, other), other));
        cell::stack(&linked.collect::<Result<Vec<_>, _>>()?)
    };
    let version = told.version.map(|version| version.to_string());
    let replay = match &told.replay_id {
        Some(replay) => cell::linked_id(&replay::link_of(visit, id, replay), replay)?,
        None => Html::default(),
    };
    let event = visit.link(&format!("/developers/webhooks/events#{}", told.event));
    Ok(facts(&[
        ("Status", cell::stack(&[cell::status(&told.status)?, cell::text(meaning(&told.status))?])?),
        ("Event", cell::link(&event, &told.event)?),
        ("Tells of", transaction(visit, told)?),
        ("Version of it", cell::maybe(version.as_deref())?),
        ("Happened", cell::time(&told.created_at, zone, now)?),
        ("Attempts", cell::text(&told.attempts.to_string())?),
        ("Last attempt", cell::maybe_time(told.last_attempt_at.as_deref(), zone, now)?),
        ("Last answer", outcome(told.http_status, told.error.as_deref())?),
        ("Next try", cell::maybe_time(told.next_attempt_at.as_deref(), zone, now)?),
        ("Goes out within", others(told.batch_id.as_slice())?),
        ("Holds", others(&told.members)?),
        ("Sent again by", replay),
        ("Delivery id", cell::id(&told.id)?),
    ])?)
}

fn meaning(status: &str) -> &'static str {
    match status {
        "PENDING" => "to be tried, or tried again",
        "PARKED" => "waits until its endpoint is told again",
        "GATHERING" => "waits for others that go out with it",
        "GATHERED" => "goes out within another delivery",
        "DELIVERED" => "taken",
        "FAILED" => "given up",
        _ => "",
    }
}

/// The button that tells it again; what is not over goes out anyway.
fn again(visit: &Visit<'_>, id: &str, told: &Delivery) -> Result<Html, Failure> {
    if !told.is_over() || !visit.may(Scope::WebhooksWrite) {
        return Ok(Html::default());
    }
    let action = format!("{}/replay", delivery_link(visit, id, &told.id));
    Ok(Form::new(action, "Replay this delivery").hidden(FORM_KEY, visit.new_key()).html()?)
}

/// The body: as JSON, if it is, and exactly as it is sent.
fn body(text: &str) -> Result<Html, Failure> {
    let shown = match serde_json::from_str::<Value>(text) {
        Ok(value) => folded::folded("Body as JSON", &value)?,
        Err(_) => Html::default(),
    };
    let exact = folded::folded_text("Body, exactly as it is sent", text)?;
    Ok(Html::join([cell::heading("Body")?, shown, exact]))
}

/// Tells it again.
pub async fn replay(visit: &Visit<'_>, id: &str, delivery: &str) -> Result<Reply, Failure> {
    match visit.post(&format!("{}/replay", path(id)), &json!({"delivery_id": delivery})).await {
        Ok(answer) => {
            let replay: Replay = answer.member("replay")?;
            Ok(Reply::SeeOther(format!("{}?done={}", delivery_link(visit, id, delivery), replay.done())))
        }
        Err(error) => page(visit, id, delivery, Some(refusal(error)?)).await,
    }
}
