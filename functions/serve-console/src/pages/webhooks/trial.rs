//! Tries an endpoint out: a test event is sent, and what came of it is shown.

use serde_json::json;

use super::endpoint::{Which, again};
use super::record::{Delivery, Endpoint, delivery_link, link, path};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::visit::Visit;

/// The button; one that is not told is sent no test event either.
///
/// # Errors
/// [`Failure`].
pub fn form(visit: &Visit<'_>, endpoint: &Endpoint) -> Result<Html, Failure> {
    if !endpoint.is_enabled() {
        return Ok(Html::default());
    }
    Ok(Form::new(link(visit, &endpoint.id, "/test"), "Send a test event").html()?)
}

/// Sends it, and leads to its delivery.
pub async fn send(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    match visit.post(&format!("{}/test", path(id)), &json!({})).await {
        Ok(answer) => {
            let delivery: Delivery = answer.member("delivery")?;
            Ok(Reply::SeeOther(format!("{}?done=sent", delivery_link(visit, id, &delivery.id))))
        }
        Err(error) => again(visit, id, Which::Button, error).await,
    }
}
