//! Deletes a provider that never carried a payment.

use paywarden_api_client::{Answer, ClientError, Method};
use paywarden_domain::access::Scope;
use paywarden_domain::provider::standing::ProviderStatus;

use super::change::VERSION;
use super::page;
use super::record::{Provider, path, refusal};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view::cell;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::visit::Visit;

/// The form, folded, with what has to be true before it does anything.
pub fn part(visit: &Visit<'_>, provider: &Provider) -> Result<Html, Failure> {
    if !visit.may(Scope::ProvidersWrite) {
        return Ok(Html::default());
    }
    let said = "With its credentials, for good. Only one that never carried a payment or called back, and that has been \
                INACTIVE for a minute; others stay, deactivated, because payments refer to them.";
    let mut body = vec![cell::paragraph(said)?];
    if provider.status == ProviderStatus::Inactive.as_str() {
        let form = Form::new(provider.link(visit, "/delete"), format!("Delete {} for good", provider.name));
        body.push(form.hidden(VERSION, provider.version.to_string()).destructive().html()?);
    } else {
        body.push(cell::paragraph(&format!("It is {} now.", provider.status))?);
    }
    Ok(cell::folded(&format!("Delete {}…", provider.name), &Html::join(body), false)?)
}

pub async fn delete(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    match send(visit, id).await {
        Ok(_) => Ok(Reply::SeeOther(visit.link("/providers?done=deleted"))),
        Err(error) => {
            let refusal = refusal(error)?;
            let notice = match refusal.status {
                412 => Notice::warning(
                    "Somebody changed it while you had it open, so it was not deleted. This is how it is now.",
                ),
                _ => Notice::of_refusal(&refusal),
            };
            page::page(visit, id, Some((refusal.status, notice.html()?))).await
        }
    }
}

async fn send(visit: &Visit<'_>, id: &str) -> Result<Answer, ClientError> {
    let request = visit.api.request(Method::DELETE, &path(id)).await?;
    request.header("if-match", format!("\"{}\"", visit.form.text(VERSION))).send().await?.accepted()
}
