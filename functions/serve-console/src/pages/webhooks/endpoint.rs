//! `/developers/webhooks/{id}`: one endpoint, how it does, what can be done about it, and what it was told.

use futures::future;
use paywarden_api_client::{ClientError, Refusal};
use paywarden_domain::access::Scope;

use super::record::{self, Endpoint, link};
use super::{deletion, deliveries, health, rotation, secret, standing, trial};
use crate::failure::{Failure, refusal};
use crate::menu::Entry;
use crate::pages::reconciliation::cells::moment;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::view::time::span;
use crate::visit::Visit;

/// A form of this page that the API refused.
pub struct Refused {
    pub form: Which,
    pub refusal: Refusal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Rotation,
    /// One without fields.
    Button,
}

pub async fn show(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    if visit.wants_part {
        let part = deliveries::rows(visit, id, deliveries::read(visit, id).await)?;
        return Ok(Page::new("Webhooks", Entry::Webhooks, Html::default()).with_part(part).into());
    }
    page(visit, id, None).await
}

/// The page again, with why a form on it was refused.
///
/// # Errors
/// [`Failure`].
pub async fn again(visit: &Visit<'_>, id: &str, form: Which, error: ClientError) -> Result<Reply, Failure> {
    page(visit, id, Some(Refused { form, refusal: refusal(error)? })).await
}

async fn page(visit: &Visit<'_>, id: &str, refused: Option<Refused>) -> Result<Reply, Failure> {
    let (endpoint, told) = future::join(record::read(visit, id), deliveries::read(visit, id)).await;
    let endpoint = endpoint?;
    let mut parts = vec![
        cell::actions(&[cell::link(&visit.link("/developers/webhooks"), "All endpoints")?])?,
        done(visit)?,
        refusal_of(refused.as_ref())?,
        health::notice(visit, &endpoint)?,
        about(visit, &endpoint)?,
    ];
    if visit.may(Scope::WebhooksWrite) {
        parts.push(ways(visit, &endpoint, refused.as_ref())?);
    }
    parts.push(deliveries::part(visit, id, told)?);
    let status = refused.map_or(200, |refused| refused.refusal.status);
    let title = format!("Webhook endpoint {}", endpoint.url);
    Ok(Page::new(title, Entry::Webhooks, Html::join(parts)).with_status(status).into())
}

/// What was done by the form that led here.
fn done(visit: &Visit<'_>) -> Result<Html, Failure> {
    let said = match visit.query.get("done") {
        Some("saved") => "It is saved. The status is as it was.",
        Some("PAUSED") => "It is paused: what it is to be told waits from now on.",
        Some("ENABLED") => "It is told again, and what waited for it is sent, oldest first.",
        _ => return Ok(Html::default()),
    };
    Ok(Notice::done(said).html()?)
}

/// Why a button was refused; what is refused of a field stands there.
fn refusal_of(refused: Option<&Refused>) -> Result<Html, Failure> {
    let Some(Refused { refusal, .. }) = refused.filter(|refused| refused.form == Which::Button) else {
        return Ok(Html::default());
    };
    let notice = match refusal.status {
        412 => Notice::warning(
            "Somebody changed it while you had it open, so nothing was done. This is how it is now.",
        ),
        _ => Notice::of_refusal(refusal),
    };
    Ok(notice.html()?)
}

fn ways(visit: &Visit<'_>, endpoint: &Endpoint, refused: Option<&Refused>) -> Result<Html, Failure> {
    Ok(Html::join([
        cell::actions(&[cell::button_link(&link(visit, &endpoint.id, "/edit"), "Edit")?])?,
        trial::form(visit, endpoint)?,
        standing::form(visit, endpoint)?,
        rotation::part(visit, endpoint, refused)?,
        deletion::part(visit, endpoint)?,
    ]))
}

fn about(visit: &Visit<'_>, endpoint: &Endpoint) -> Result<Html, Failure> {
    let (zone, now, state) = (visit.zone(), visit.now, &endpoint.health);
    let key = endpoint.public_key.as_deref().map_or(Ok(Html::default()), cell::id);
    Ok(facts(&[
        ("Status", health::cell(visit, endpoint)?),
        ("Last success", cell::maybe_time(state.last_success_at.as_deref(), zone, now)?),
        ("Last failure", cell::maybe_time(state.last_failure_at.as_deref(), zone, now)?),
        ("Taken in the last day", cell::text(&health::last_day(state))?),
        ("Parked", cell::text(&state.parked.to_string())?),
        ("Address", cell::id(&endpoint.url)?),
        ("What it is for", cell::maybe(endpoint.description.as_deref())?),
        ("Events", events(visit, endpoint)?),
        ("Waits between attempts", cell::text(&waits(endpoint))?),
        ("Attempts a second", cell::text(&rate(endpoint))?),
        ("Together", cell::text(&together(endpoint))?),
        ("Order", cell::text(order(endpoint))?),
        ("Signature", cell::text(signature(endpoint))?),
        ("Public key", key?),
        ("Secret of before", before(visit, endpoint)?),
        ("Created", cell::time(&endpoint.created_at, zone, now)?),
        ("Endpoint id", cell::id(&endpoint.id)?),
        ("Version", cell::text(&endpoint.version.to_string())?),
    ])?)
}

/// What it hears of, each leading to what that holds.
fn events(visit: &Visit<'_>, endpoint: &Endpoint) -> Result<Html, askama::Error> {
    let linked = endpoint.events.iter().map(|event| {
        let href = visit.link(&format!("/developers/webhooks/events#{event}"));
        cell::link(&href, event)
    });
    cell::stack(&linked.collect::<Result<Vec<_>, _>>()?)
}

fn waits(endpoint: &Endpoint) -> String {
    match &endpoint.retry_seconds {
        Some(waits) => waits.iter().map(|seconds| span(*seconds)).collect::<Vec<_>>().join(", "),
        None => "the usual ones, about three days in all".to_owned(),
    }
}

fn rate(endpoint: &Endpoint) -> String {
    match endpoint.rate_limit {
        Some(limit) => format!("at most {limit}"),
        None => "as many as there are".to_owned(),
    }
}

fn together(endpoint: &Endpoint) -> String {
    match &endpoint.batch {
        Some(batch) => {
            format!("up to {} transactions, within {} s", batch.max_records, batch.max_seconds)
        }
        None => "each goes by itself".to_owned(),
    }
}

const fn order(endpoint: &Endpoint) -> &'static str {
    if endpoint.ordered { "versions of a transaction in order" } else { "as they come" }
}

fn signature(endpoint: &Endpoint) -> &str {
    match endpoint.signature.as_str() {
        "v1" => "v1: HMAC-SHA256",
        "v1a" => "v1a: Ed25519",
        scheme => scheme,
    }
}

/// Until when it signs along; nothing once it does not any more.
fn before(visit: &Visit<'_>, endpoint: &Endpoint) -> Result<Html, askama::Error> {
    match endpoint.previous_secret_until.as_deref().filter(|until| secret::is_ahead(visit, until)) {
        Some(until) => cell::text(&format!("signs along until {}", moment(visit, until))),
        None => Ok(Html::default()),
    }
}
