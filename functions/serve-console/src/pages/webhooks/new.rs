//! A new endpoint, and its signing secret, which is shown this once.

use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use paywarden_domain::webhook::EventType;
use serde::Deserialize;
use serde_json::json;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::form::{Field, Form, words};
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::visit::{FORM_KEY, Visit};

#[derive(Deserialize)]
struct Created {
    id: String,
    url: String,
    secret: String,
}

/// The empty form.
///
/// # Errors
/// [`Failure`].
pub fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    visit.require(Scope::WebhooksWrite)?;
    page(visit, &form(visit).hidden(FORM_KEY, visit.new_key()), 200)
}

fn form(visit: &Visit<'_>) -> Form {
    let events = words(EventType::ALL.iter().map(|event| event.as_str()));
    Form::new(visit.link("/developers/webhooks/new"), "Add endpoint").fields([
        Field::text("url", "Address")
            .required()
            .placeholder("https://example.com/hooks/paywarden")
            .help("https, port 443 or from 1024, a host on the public internet"),
        Field::boxes("events", "Events", events)
            .values(EventType::DEFAULT.iter().map(|event| event.as_str()))
            .help("Without any it is the two of transactions"),
        Field::text("description", "What it is for"),
    ])
}

fn page(visit: &Visit<'_>, form: &Form, status: u16) -> Result<Reply, Failure> {
    let back = cell::actions(&[cell::link(&visit.link("/developers/webhooks"), "All endpoints")?])?;
    let body = Html::join([back, form.html()?]);
    Ok(Page::new("Add webhook endpoint", Entry::Webhooks, body).with_status(status).into())
}

/// Creates what the form says. The secret is in this answer only, so there is nothing to redirect to.
///
/// # Errors
/// [`Failure`].
pub async fn create(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let events: Vec<&str> = visit.form.all("events").collect();
    let body = json!({
        "url": visit.form.text("url"),
        "events": if events.is_empty() { None } else { Some(events) },
        "description": visit.form.get("description"),
    });
    match visit.post("/webhook-endpoints", &body).await {
        Ok(answer) => created(visit, &answer.member("webhook_endpoint")?),
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 409 | 422) => {
            let form = form(visit).hidden(FORM_KEY, visit.form.text(FORM_KEY));
            page(visit, &form.filled(&visit.form).refused(&refusal)?, refusal.status)
        }
        Err(error) => Err(error.into()),
    }
}

fn created(visit: &Visit<'_>, created: &Created) -> Result<Reply, Failure> {
    let body = [
        Notice::warning("Keep the signing secret now: it is not shown again.").html()?,
        facts(&[
            ("Signing secret", cell::id(&created.secret)?),
            ("Address", cell::text(&created.url)?),
            ("Endpoint", cell::id(&created.id)?),
        ])?,
        cell::actions(&[cell::link(&visit.link("/developers/webhooks"), "All endpoints")?])?,
    ];
    Ok(Page::new("Webhook endpoint added", Entry::Webhooks, Html::join(body)).into())
}
