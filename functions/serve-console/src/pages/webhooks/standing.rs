//! Whether an endpoint is told: somebody makes it wait, or lets it be told again.

use serde_json::json;

use super::change::VERSION;
use super::endpoint::{Which, again};
use super::record::{Endpoint, link, path};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::visit::Visit;

/// The button that leads to the other status.
///
/// # Errors
/// [`Failure`].
pub fn form(visit: &Visit<'_>, endpoint: &Endpoint) -> Result<Html, Failure> {
    let (to, verb) = match endpoint.status.as_str() {
        "ENABLED" => ("PAUSED", "Pause it"),
        "PAUSED" => ("ENABLED", "Resume it"),
        _ => ("ENABLED", "Switch it on again"),
    };
    let form = Form::new(link(visit, &endpoint.id, "/status"), verb)
        .hidden(VERSION, endpoint.version.to_string())
        .hidden("status", to);
    Ok(form.html()?)
}

/// Sets it, unless another version came meanwhile.
pub async fn set(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    let status = visit.form.text("status");
    match visit.patch(&path(id), visit.form.text(VERSION), &json!({"status": status})).await {
        Ok(_) => {
            let done = if status == "PAUSED" { "?done=PAUSED" } else { "?done=ENABLED" };
            Ok(Reply::SeeOther(link(visit, id, done)))
        }
        Err(error) => again(visit, id, Which::Button, error).await,
    }
}
