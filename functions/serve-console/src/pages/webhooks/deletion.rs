//! Deletes an endpoint for good.

use paywarden_api_client::{Answer, ClientError, Method};

use super::change::VERSION;
use super::endpoint::{Which, again};
use super::record::{Endpoint, link, path};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view::cell;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::visit::Visit;

/// The form, folded, with what it means.
///
/// # Errors
/// [`Failure`].
pub fn part(visit: &Visit<'_>, endpoint: &Endpoint) -> Result<Html, Failure> {
    let said = "With its secret, for good. What it was not told yet it is not told any more, and its deliveries cannot be looked \
                at any longer.";
    let form = Form::new(link(visit, &endpoint.id, "/delete"), format!("Delete {} for good", endpoint.url));
    let form = form.hidden(VERSION, endpoint.version.to_string()).destructive();
    let body = Html::join([cell::paragraph(said)?, form.html()?]);
    Ok(cell::folded(&format!("Delete {}…", endpoint.url), &body, false)?)
}

/// Deletes it, unless another version came meanwhile.
pub async fn delete(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    match send(visit, id).await {
        Ok(_) => Ok(Reply::SeeOther(visit.link("/developers/webhooks?done=deleted"))),
        Err(error) => again(visit, id, Which::Button, error).await,
    }
}

async fn send(visit: &Visit<'_>, id: &str) -> Result<Answer, ClientError> {
    let request = visit.api.request(Method::DELETE, &path(id)).await?;
    request.header("if-match", format!("\"{}\"", visit.form.text(VERSION))).send().await?.accepted()
}
