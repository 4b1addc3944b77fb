//! Trying an operation: a form, what came of it, and the same as code.

use paywarden_api_client::Refusal;

use super::call::{self, Call, Missing, Wrong};
use super::document::{Access, Operation};
use super::language::Language;
use super::{fields, operation, outcome};
use crate::asked::Asked;
use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::visit::Visit;

use super::pieces::raw;

/// The page of an operation.
///
/// # Errors
/// [`Failure`].
pub fn show(visit: &Visit<'_>, operation: &Operation) -> Result<Reply, Failure> {
    let filled = fields::beginning(visit, operation);
    page(visit, operation, &filled, Html::default(), None)
}

/// Sends what the form says, if it is allowed and confirmed.
///
/// # Errors
/// [`Failure`].
pub async fn send(visit: &Visit<'_>, operation: &Operation) -> Result<Reply, Failure> {
    match operation.access {
        Access::Scope(scope) => visit.require(scope)?,
        Access::Token | Access::Open => {}
        Access::Ours => return Err(Failure::NotFound),
    }
    let wrong = match call::read(operation, &visit.form, Missing::IsWrong) {
        Ok(_) if fields::is_writing(operation) && !visit.form.is_ticked("confirm") => {
            Wrong { field: "confirm".to_owned(), message: "Nothing was sent. Tick this to send it." }
        }
        Ok(call) => {
            let outcome = outcome::of(visit, &call).await?;
            return page(visit, operation, &unconfirmed(&visit.form), outcome, None);
        }
        Err(wrong) => wrong,
    };
    page(visit, operation, &visit.form, Html::default(), Some(&wrong))
}

/// The same form with its box unticked: what was sent once is confirmed again before it is sent again.
fn unconfirmed(form: &Asked) -> Asked {
    let kept = form.pairs().filter(|(name, _)| *name != "confirm");
    Asked::new(kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn page(
    visit: &Visit<'_>,
    operation: &Operation,
    filled: &Asked,
    outcome: Html,
    wrong: Option<&Wrong>,
) -> Result<Reply, Failure> {
    let mut parts = vec![operation::described(visit, operation)?];
    if operation.access != Access::Ours {
        parts.push(cell::heading_at("try", "Try it")?);
        parts.push(outcome);
        parts.push(form(visit, operation, filled, wrong)?);
        parts.push(cell::heading("The same as code")?);
        parts.push(codes(visit, operation, filled)?);
    }
    let status = if wrong.is_some() { 422 } else { 200 };
    Ok(Page::new(operation.summary, Entry::Reference, Html::join(parts)).with_status(status).into())
}

fn form(
    visit: &Visit<'_>,
    operation: &Operation,
    filled: &Asked,
    wrong: Option<&Wrong>,
) -> Result<Html, Failure> {
    if let Access::Scope(scope) = operation.access
        && !visit.may(scope)
    {
        let said =
            format!("Trying it needs the permission {scope}, which the role {} has not.", visit.who.role);
        return Ok(Notice::hint(said).html()?);
    }
    let action = visit.link(&format!("/developers/api/{}#try", operation.id));
    let form = Form::new(action, format!("Send {} {}", operation.method, operation.path));
    let mut form = form.fields(fields::all(visit, operation)).filled(filled);
    if let Some(wrong) = wrong {
        form = form.refused(&Refusal {
            status: 422,
            code: String::new(),
            message: wrong.message.to_owned(),
            parameter: Some(wrong.field.clone()),
            request_id: String::new(),
        })?;
    }
    if operation.method == http::Method::DELETE {
        form = form.destructive();
    }
    Ok(form.html()?)
}

/// The request in every language; the one that was chosen is open.
fn codes(visit: &Visit<'_>, operation: &Operation, filled: &Asked) -> Result<Html, Failure> {
    let Ok(call) = call::read(operation, filled, Missing::Stays) else { return Ok(Html::default()) };
    let chosen = Language::of(filled);
    let code = |language: &Language| {
        let text = language.code(&call, visit.api.url());
        cell::folded(language.name(), &raw(language.name(), &text)?, *language == chosen)
    };
    let codes = Language::ALL.iter().map(code).collect::<Result<Vec<_>, askama::Error>>()?;
    Ok(Html::join([explained(&call)?, Html::join(codes)]))
}

fn explained(call: &Call) -> Result<Html, Failure> {
    let said = if call.has_token {
        "TOKEN is an access token, in the environment of whoever runs it."
    } else {
        "Secrets come from the environment of whoever runs it."
    };
    Ok(cell::paragraph(said)?)
}
