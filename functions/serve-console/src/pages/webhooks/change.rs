//! `/developers/webhooks/{id}/edit`: changes of the version that was seen; when there is another by now, both are shown beside one
//! another before anything is saved. Whether it is told is none of it.

use paywarden_api_client::Refusal;
use paywarden_domain::access::Scope;
use serde_json::Value;

use super::record::{self, Endpoint, link, path};
use super::settings;
use crate::asked::Asked;
use crate::failure::{Failure, refusal};
use crate::menu::Entry;
use crate::pages::setting::{differences, filled};
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::visit::Visit;

/// The hidden field with the version that was seen.
pub const VERSION: &str = "version";

/// The form, filled in with what there is.
pub async fn show(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    visit.require(Scope::WebhooksWrite)?;
    let endpoint = record::read(visit, id).await?;
    let form = form(visit, &endpoint, &settings::of_endpoint(&endpoint));
    page(visit, &endpoint, Html::default(), &form, 200)
}

/// Saves it, unless another version came meanwhile.
pub async fn save(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    let asked = &visit.form;
    let body = Value::Object(settings::body(asked));
    match visit.patch(&path(id), asked.text(VERSION), &body).await {
        Ok(_) => Ok(Reply::SeeOther(link(visit, id, "?done=saved"))),
        Err(error) => {
            let refusal = refusal(error)?;
            again(visit, &record::read(visit, id).await?, &refusal)
        }
    }
}

/// The form with what was filled in and why it was refused; where somebody else was faster, with what there is by now.
fn again(visit: &Visit<'_>, endpoint: &Endpoint, refusal: &Refusal) -> Result<Reply, Failure> {
    let form = form(visit, endpoint, &visit.form);
    if refusal.status == 412 {
        return page(visit, endpoint, compared(endpoint, &visit.form)?, &form, refusal.status);
    }
    page(visit, endpoint, Html::default(), &form.refused(refusal)?, refusal.status)
}

/// What somebody else saved meanwhile, beside what was filled in.
fn compared(endpoint: &Endpoint, asked: &Asked) -> Result<Html, Failure> {
    let said = format!(
        "Somebody changed it while you had it open: you saw version {}, it is at version {} now. Nothing was saved. Compare, then \
         save over it.",
        asked.text(VERSION),
        endpoint.version,
    );
    let settings = settings::settings(Some(endpoint));
    Ok(Html::join([
        Notice::warning(said).html()?,
        differences(&settings, asked, &settings::of_endpoint(endpoint))?,
    ]))
}

/// The form over the version that there is now.
fn form(visit: &Visit<'_>, endpoint: &Endpoint, asked: &Asked) -> Form {
    let over = match asked.get(VERSION) {
        Some(seen) if seen != endpoint.version.to_string() => format!(" over version {}", endpoint.version),
        _ => String::new(),
    };
    let form = Form::new(link(visit, &endpoint.id, "/edit"), format!("Save the endpoint{over}"))
        .hidden(VERSION, endpoint.version.to_string());
    filled(form, &settings::settings(Some(endpoint)), asked)
}

fn page(
    visit: &Visit<'_>,
    endpoint: &Endpoint,
    before: Html,
    form: &Form,
    status: u16,
) -> Result<Reply, Failure> {
    let body = [
        cell::actions(&[
            cell::link(&link(visit, &endpoint.id, ""), "Back to the endpoint")?,
            cell::link(&visit.link("/developers/webhooks/events"), "What each event tells")?,
        ])?,
        Notice::hint(format!("Saving leaves its status as it is: {}.", endpoint.status)).html()?,
        before,
        form.html()?,
    ];
    let title = format!("Edit {}", endpoint.url);
    Ok(Page::new(title, Entry::Webhooks, Html::join(body)).with_status(status).into())
}
