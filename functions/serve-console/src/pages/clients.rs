//! `/developers/clients`: which programs may ask the API for tokens.

mod client;
pub mod names;
mod new;
mod secret;

use paywarden_api_client::{ClientError, Page as ApiPage};
use paywarden_domain::access::{Role, Scope};
use serde::Deserialize;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::filters::Filters;
use crate::view::html::Html;
use crate::view::list::{self, List};
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::visit::{Visit, segment};

const COLUMNS: &[Column] = &[
    Column::new("Client"),
    Column::new("Role"),
    Column::new("Allowed addresses"),
    Column::new("Created"),
    Column::new("Last used"),
    Column::new("State"),
];

/// A client as these pages look into it.
#[derive(Debug, Deserialize)]
struct Client {
    id: String,
    name: String,
    role: String,
    scopes: Vec<String>,
    allowed_addresses: Vec<String>,
    created_at: String,
    last_used_at: Option<String>,
    previous_secret_valid_until: Option<String>,
    revoked_at: Option<String>,
}

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::ClientsWrite)?;
    match rest {
        [] => show(visit).await,
        ["new"] => new::show(visit),
        [id] => client::show(visit, id).await,
        // Where a form of its page stands.
        [id, "rotate" | "revoke"] => {
            Ok(Reply::SeeOther(visit.link(&format!("/developers/clients/{}", segment(id)))))
        }
        _ => Err(Failure::NotFound),
    }
}

/// What a form at the rest of an address does.
///
/// # Errors
/// [`Failure`].
pub async fn post(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::ClientsWrite)?;
    match rest {
        ["new"] => new::create(visit).await,
        [id, "rotate"] => client::rotate(visit, id).await,
        [id, "revoke"] => client::revoke(visit, id).await,
        _ => Err(Failure::NotFound),
    }
}

async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let filters = Filters::new(&visit.query, Vec::new(), &[]);
    let list = List { path: "/clients", items: "clients", filters: &filters, fixed: &[] };
    let rows = list.read(visit).await;
    let add = cell::button_link(&visit.link("/developers/clients/new"), "+ Add client")?;
    let body = Html::join([cell::actions(&[add])?, rows_part(visit, &filters, rows)?]);
    Ok(Page::new("API clients", Entry::Clients, body).into())
}

fn rows_part(
    visit: &Visit<'_>,
    filters: &Filters,
    page: Result<ApiPage<Client>, ClientError>,
) -> Result<Html, Failure> {
    list::part(page, |page| {
        let pager = list::pager(visit, filters, page.items.len(), None, page.next_cursor.as_deref())?;
        let rows = page.items.into_iter().map(|client| row(visit, client)).collect::<Result<_, _>>()?;
        Ok(Html::join([Table::new("API clients", COLUMNS, rows, "No clients yet.").html()?, pager]))
    })
}

fn row(visit: &Visit<'_>, client: Client) -> Result<Row, askama::Error> {
    let (zone, now) = (visit.zone(), visit.now);
    let href = visit.link(&format!("/developers/clients/{}", segment(&client.id)));
    let cells = vec![
        cell::stack(&[cell::text(&client.name)?, cell::linked_id(&href, &client.id)?])?,
        role(&client)?,
        addresses(&client)?,
        cell::time(&client.created_at, zone, now)?,
        last_used(visit, &client)?,
        state(visit, &client)?,
    ];
    Ok(Row { key: client.id, version: client.revoked_at.unwrap_or_default(), cells })
}

/// Its role, and which of the role's scopes it has if it has not all.
fn role(client: &Client) -> Result<Html, askama::Error> {
    let role = cell::text(&client.role)?;
    let has_all = Role::parse(&client.role).is_ok_and(|role| role.scopes().len() == client.scopes.len());
    if has_all {
        return Ok(role);
    }
    cell::stack(&[role, cell::text(&format!("only {}", client.scopes.join(", ")))?])
}

fn addresses(client: &Client) -> Result<Html, askama::Error> {
    if client.allowed_addresses.is_empty() {
        return cell::text("from anywhere");
    }
    let addresses = client.allowed_addresses.iter().map(|address| cell::text(address));
    cell::stack(&addresses.collect::<Result<Vec<_>, _>>()?)
}

fn last_used(visit: &Visit<'_>, client: &Client) -> Result<Html, askama::Error> {
    match client.last_used_at.as_deref() {
        Some(at) => cell::time(at, visit.zone(), visit.now),
        None => cell::text("never"),
    }
}

/// Whether it gets tokens, and with how many secrets.
fn state(visit: &Visit<'_>, client: &Client) -> Result<Html, askama::Error> {
    let (zone, now) = (visit.zone(), visit.now);
    if let Some(at) = &client.revoked_at {
        return cell::stack(&[cell::mark(Tone::Bad, "revoked")?, cell::time(at, zone, now)?]);
    }
    let good = cell::mark(Tone::Good, "active")?;
    match &client.previous_secret_valid_until {
        Some(until) if is_ahead(visit, until) => cell::stack(&[
            cell::mark(Tone::Warning, "active, and the secret of before is good until")?,
            cell::time(until, zone, now)?,
        ]),
        _ => Ok(good),
    }
}

fn is_ahead(visit: &Visit<'_>, text: &str) -> bool {
    crate::view::time::moment(text, visit.zone()).is_some_and(|moment| moment > visit.now)
}

#[cfg(test)]
mod tests;
