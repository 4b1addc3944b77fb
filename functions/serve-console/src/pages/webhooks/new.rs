//! `/developers/webhooks/new`: another endpoint, and a test event for it if somebody wants one.

use paywarden_domain::access::Scope;
use serde_json::Value;

use super::record::Delivery;
use super::{secret, settings};
use crate::asked::Asked;
use crate::failure::{Failure, refusal};
use crate::menu::Entry;
use crate::pages::setting::{filled, or_null};
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::visit::{FORM_KEY, Visit};

/// The empty form.
///
/// # Errors
/// [`Failure`].
pub fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    visit.require(Scope::WebhooksWrite)?;
    page(visit, &form(visit, &visit.new_key(), &settings::of_new()), 200)
}

fn form(visit: &Visit<'_>, key: &str, asked: &Asked) -> Form {
    let mut settings = settings::settings(None);
    settings.extend(settings::of_creation());
    let form = Form::new(visit.link("/developers/webhooks/new"), "Add endpoint").hidden(FORM_KEY, key);
    filled(form, &settings, asked)
}

fn page(visit: &Visit<'_>, form: &Form, status: u16) -> Result<Reply, Failure> {
    let ways = cell::actions(&[
        cell::link(&visit.link("/developers/webhooks"), "All endpoints")?,
        cell::link(&visit.link("/developers/webhooks/events"), "What each event tells")?,
    ])?;
    let body = Html::join([ways, form.html()?]);
    Ok(Page::new("Add webhook endpoint", Entry::Webhooks, body).with_status(status).into())
}

/// Creates what the form says.
///
/// # Errors
/// [`Failure`].
pub async fn create(visit: &Visit<'_>) -> Result<Reply, Failure> {
    match visit.post("/webhook-endpoints", &body(&visit.form)).await {
        Ok(answer) => {
            let tested: Option<Delivery> = answer.member("delivery")?;
            secret::of_new(visit, &answer.member("webhook_endpoint")?, tested.as_ref())
        }
        Err(error) => {
            let refusal = refusal(error)?;
            let form = form(visit, visit.form.text(FORM_KEY), &visit.form).refused(&refusal)?;
            page(visit, &form, refusal.status)
        }
    }
}

fn body(form: &Asked) -> Value {
    let mut body = settings::body(form);
    if form.all("events").next().is_none() {
        body.insert("events".to_owned(), Value::Null);
    }
    body.insert("signature".to_owned(), or_null(form.get("signature")));
    body.insert("test".to_owned(), form.is_ticked("test").into());
    Value::Object(body)
}
