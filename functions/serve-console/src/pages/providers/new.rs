//! "+ Add Provider". The fields follow the type, which the address says, so the form needs no script.

use askama::Template;
use http::StatusCode;
use paywarden_domain::access::Scope;
use serde_json::{Map, Value};

use super::example;
use super::record::{Provider, ProviderType, refusal, service_choices, types};
use super::settings::{Setting, credentials, filled, general, tariffs};
use crate::asked::Asked;
use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::visit::{FORM_KEY, Visit};

/// The form's id, for the example that belongs to it.
const FORM: &str = "provider";

/// Chooses the type, and the services that have fees of their own.
#[derive(Template)]
#[template(path = "providers/type.html")]
struct Chooser<'a> {
    action: String,
    types: &'a [ProviderType],
    chosen: &'a str,
    services: Vec<(String, String)>,
    own: Vec<&'a str>,
}

/// The form, empty.
pub async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    visit.require(Scope::ProvidersWrite)?;
    let types = types(visit).await?;
    let kind = kind(&types, visit.query.get("type"))?;
    let own: Vec<&str> = visit.query.all("own").filter(|service| offers(kind, service)).collect();
    let mut begun = general::of_type(kind);
    begun.extend(tariffs::of_new(own.iter().copied()));
    let begun = Asked::new(begun);
    let form = filled(form(visit, kind, &visit.new_key()), &settings(kind, &own), &begun);
    page(visit, &types, kind, (&begun, &own), &form)
}

/// Adds it; or works out the example, when that was the button.
pub async fn create(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let asked = &visit.form;
    if asked.is_ticked("example") {
        return again(visit, None).await;
    }
    match visit.post("/providers", &Value::Object(body(visit).await?)).await {
        Ok(answer) => added(visit, &answer.member("provider")?),
        Err(error) => again(visit, Some(refusal(error)?)).await,
    }
}

/// The form with what was filled in.
async fn again(visit: &Visit<'_>, refusal: Option<paywarden_api_client::Refusal>) -> Result<Reply, Failure> {
    let types = types(visit).await?;
    let kind = kind(&types, visit.form.get("type"))?;
    let own = tariffs::services_in(&visit.form);
    let own: Vec<&str> = own.iter().map(String::as_str).filter(|service| offers(kind, service)).collect();
    let form = form(visit, kind, visit.form.text(FORM_KEY));
    let form = filled(form, &settings(kind, &own), &visit.form);
    let Some(refusal) = refusal else {
        return page(visit, &types, kind, (&visit.form, &own), &form);
    };
    let form = form.refused(&refusal)?;
    match page(visit, &types, kind, (&visit.form, &own), &form)? {
        Reply::Page(page) => Ok(page.with_status(refusal.status).into()),
        reply => Ok(reply),
    }
}

/// The type of that name; the first if none is named.
fn kind<'a>(types: &'a [ProviderType], name: Option<&str>) -> Result<&'a ProviderType, Failure> {
    let found = match name {
        Some(name) => types.iter().find(|kind| kind.kind == name),
        None => types.first(),
    };
    found.ok_or(Failure::NotFound)
}

fn offers(kind: &ProviderType, service: &str) -> bool {
    kind.services.iter().any(|offered| offered == service)
}

/// What it is called first, then what it costs, then its credentials: those are typed last, because they are not kept.
fn settings(kind: &ProviderType, own: &[&str]) -> Vec<Setting> {
    let mut settings = general::settings(kind);
    settings.extend(tariffs::settings(own.iter().copied()));
    settings.extend(credentials::settings(kind, None));
    settings
}

fn form(visit: &Visit<'_>, kind: &ProviderType, key: &str) -> Form {
    Form::new(visit.link("/providers/new"), format!("Add this {} provider", kind.name))
        .with_id(FORM)
        .hidden("type", &kind.kind)
        .hidden(FORM_KEY, key)
}

fn page(
    visit: &Visit<'_>,
    types: &[ProviderType],
    kind: &ProviderType,
    (asked, own): (&Asked, &[&str]),
    form: &Form,
) -> Result<Reply, Failure> {
    let chooser = Chooser {
        action: visit.link("/providers/new"),
        types,
        chosen: &kind.kind,
        services: service_choices(kind.services.iter().map(String::as_str)),
        own: own.to_vec(),
    };
    let tariffs = tariffs::of_form(asked);
    let body = [
        Html::of(&chooser)?,
        form.html()?,
        example::of_form(asked, tariffs.as_ref(), &kind.services, FORM)?,
        cell::paragraph("The example keeps what you filled in, but not secrets: type those last.")?,
    ];
    Ok(Page::new("Add Provider", Entry::Providers, Html::join(body)).into())
}

async fn body(visit: &Visit<'_>) -> Result<Map<String, Value>, Failure> {
    let types = types(visit).await?;
    let kind = kind(&types, visit.form.get("type"))?;
    let mut body = general::body(&visit.form);
    body.insert("type".to_owned(), kind.kind.clone().into());
    body.append(&mut tariffs::body(&visit.form));
    body.append(&mut credentials::body(&visit.form, kind, None));
    Ok(body)
}

/// It is there. The address of its callbacks may have a token in it that nobody sees again.
fn added(visit: &Visit<'_>, provider: &Provider) -> Result<Reply, Failure> {
    let body = [
        Notice::done(format!("{} is added, and takes part in routing at once.", provider.name)).html()?,
        address(provider)?,
        cell::actions(&[
            cell::button_link(&provider.link(visit, ""), "Go to its page")?,
            cell::link(&provider.link(visit, "/test"), "Try it with a sample callback")?,
        ])?,
    ];
    let page = Page::new(format!("Provider {}", provider.name), Entry::Providers, Html::join(body));
    Ok(page.with_status(StatusCode::CREATED.as_u16()).into())
}

/// The address of its callbacks, as somebody copies it to the provider's dashboard.
///
/// # Errors
/// [`Failure`].
pub fn address(provider: &Provider) -> Result<Html, Failure> {
    let has_token = !provider.callback_url.ends_with(&provider.id);
    let once = "This address has a secret in it and is shown this once. Copy it now.";
    let warning = if has_token { Notice::warning(once).html()? } else { Html::default() };
    let facts = facts(&[
        ("Callback address, to be set at the provider", cell::id(&provider.callback_url)?),
        ("Provider id", cell::id(&provider.id)?),
    ])?;
    Ok(Html::join([warning, facts]))
}
