//! A new client.

use paywarden_api_client::ClientError;
use paywarden_domain::access::{Role, Scope};
use serde_json::json;

use super::secret;
use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::form::{Field, Form, words};
use crate::view::html::Html;
use crate::visit::{FORM_KEY, Visit};

/// The empty form.
///
/// # Errors
/// [`Failure`].
pub fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    page(visit, &form(visit).hidden(FORM_KEY, visit.new_key()), 200)
}

fn form(visit: &Visit<'_>) -> Form {
    let roles = words(Role::ALL.iter().map(|role| role.as_str()));
    // Nobody gives a client more than they have.
    let scopes = words(visit.who.scopes.iter().map(|scope: &Scope| scope.as_str()));
    Form::new(visit.link("/developers/clients/new"), "Add client").fields([
        Field::text("name", "Name").required().placeholder("Checkout of the shop"),
        Field::choice("role", "Role", roles),
        Field::boxes("scopes", "Only these of the role's scopes", scopes)
            .help("Without any it has all of its role"),
        Field::area("allowed_addresses", "Allowed addresses")
            .help("IP addresses or ranges such as 203.0.113.0/24, one a line; without any it may call from anywhere"),
    ])
}

fn page(visit: &Visit<'_>, form: &Form, status: u16) -> Result<Reply, Failure> {
    let back = cell::actions(&[cell::link(&visit.link("/developers/clients"), "All clients")?])?;
    let body = Html::join([back, form.html()?]);
    Ok(Page::new("Add API client", Entry::Clients, body).with_status(status).into())
}

/// Creates what the form says.
///
/// # Errors
/// [`Failure`].
pub async fn create(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let scopes: Vec<&str> = visit.form.all("scopes").collect();
    let addresses: Vec<&str> = visit
        .form
        .text("allowed_addresses")
        .split([',', ' ', '\r', '\n'])
        .filter(|part| !part.is_empty())
        .collect();
    let body = json!({
        "name": visit.form.text("name"),
        "role": visit.form.text("role"),
        "scopes": some(scopes),
        "allowed_addresses": some(addresses),
    });
    match visit.post("/clients", &body).await {
        Ok(answer) => secret::page(visit, "API client added", &answer.member("client")?),
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 409 | 422) => {
            let form = form(visit).hidden(FORM_KEY, visit.form.text(FORM_KEY));
            page(visit, &form.filled(&visit.form).refused(&refusal)?, refusal.status)
        }
        Err(error) => Err(error.into()),
    }
}

fn some(list: Vec<&str>) -> Option<Vec<&str>> {
    Some(list).filter(|list| !list.is_empty())
}
