//! The status: a person takes a provider out of routing or lets it in again, and says why.

use paywarden_api_client::{Answer, ClientError, Method, Refusal};
use paywarden_domain::access::Scope;
use paywarden_domain::provider::standing::ProviderStatus;
use serde_json::json;

use super::change::VERSION;
use super::page::status;
use super::record::{self, Provider, path, refusal};
use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::form::{Field, Form, words};
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::visit::Visit;

/// What is done to a provider that comes to a status.
pub const fn verb(to: ProviderStatus) -> &'static str {
    match to {
        ProviderStatus::Active => "Activate",
        ProviderStatus::Maintenance => "Maintenance",
        ProviderStatus::Inactive => "Deactivate",
    }
}

/// What that means.
const fn meaning(to: ProviderStatus) -> &'static str {
    match to {
        ProviderStatus::Active => "ACTIVE: it takes part in routing, and monitoring watches it.",
        ProviderStatus::Maintenance => {
            "MAINTENANCE: it gets no new payments for now; what is under way goes on."
        }
        ProviderStatus::Inactive => "INACTIVE: it is not used until a person activates it.",
    }
}

/// The form, for the status that the address names.
pub async fn show(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    visit.require(Scope::ProvidersWrite)?;
    let provider = record::read(visit, id).await?;
    let to = visit.query.get("to").and_then(|word| ProviderStatus::parse(word).ok());
    let form = form(visit, &provider, to.unwrap_or(ProviderStatus::Maintenance).as_str());
    page(visit, &provider, Html::default(), &form)
}

/// Sets it, unless another version came meanwhile.
pub async fn set(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    let error = match send(visit, id).await {
        Ok(_) => {
            let page = format!("/providers/{}?done=status", crate::visit::segment(id));
            return Ok(Reply::SeeOther(visit.link(&page)));
        }
        Err(error) => refusal(error)?,
    };
    let provider = record::read(visit, id).await?;
    again(visit, &provider, &error)
}

async fn send(visit: &Visit<'_>, id: &str) -> Result<Answer, ClientError> {
    let asked = &visit.form;
    let body = json!({
        "status": asked.text("status"), "reason": asked.text("reason"), "pin": asked.is_ticked("pin"),
    });
    let request = visit.api.request(Method::POST, &format!("{}/status", path(id))).await?;
    request.header("if-match", format!("\"{}\"", asked.text(VERSION))).json(&body).send().await?.accepted()
}

fn again(visit: &Visit<'_>, provider: &Provider, refusal: &Refusal) -> Result<Reply, Failure> {
    let form = form(visit, provider, visit.form.text("status")).filled(&visit.form);
    let (before, form) = if refusal.status == 412 {
        let said = format!(
            "Somebody changed {} while you had it open: you saw version {}, it is at version {} now. Nothing was saved. \
             You wanted {}; it is {} now.",
            provider.name,
            visit.form.text(VERSION),
            provider.version,
            visit.form.text("status"),
            provider.status,
        );
        (Notice::warning(said).html()?, form)
    } else {
        (Html::default(), form.refused(refusal)?)
    };
    match page(visit, provider, before, &form)? {
        Reply::Page(page) => Ok(page.with_status(refusal.status).into()),
        reply => Ok(reply),
    }
}

fn form(visit: &Visit<'_>, provider: &Provider, to: &str) -> Form {
    let submit = format!("Set the status of {}", provider.name);
    let form = Form::new(provider.link(visit, "/status"), submit)
        .hidden(VERSION, provider.version.to_string())
        .field(Field::choice("status", "Status", words(ProviderStatus::WORDS.iter().copied())).value(to))
        .field(Field::text("reason", "Reason").required().help("Stands in the history, with your name"))
        .field(
            Field::flag("pin", "Pin it")
                .help("Monitoring leaves a pinned status alone, until it is set again"),
        );
    if to == ProviderStatus::Inactive.as_str() { form.destructive() } else { form }
}

fn page(visit: &Visit<'_>, provider: &Provider, before: Html, form: &Form) -> Result<Reply, Failure> {
    let meanings = ProviderStatus::ALL.iter().map(|status| cell::text(meaning(*status)));
    let meanings = meanings.collect::<Result<Vec<_>, _>>()?;
    let body = [
        cell::actions(&[cell::link(&provider.link(visit, ""), "Back to the provider")?])?,
        before,
        facts(&[("Status now", status(visit, provider)?), ("What they mean", cell::stack(&meanings)?)])?,
        form.html()?,
    ];
    Ok(Page::new(format!("Status of {}", provider.name), Entry::Providers, Html::join(body)).into())
}
