//! `/developers/sessions`: who is signed in, and ending that.

use futures::future;
use paywarden_api_client::{ClientError, Page as ApiPage};
use paywarden_domain::access::Scope;
use serde::Deserialize;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::clients::names::{self, Names};
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::filters::Filters;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::list::{self, List};
use crate::view::notice::Notice;
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::visit::{Visit, segment};

const COLUMNS: &[Column] = &[
    Column::new("Session"),
    Column::new("Last address"),
    Column::new("Last used"),
    Column::new("Began"),
    Column::new("Good until"),
    Column::new("End it"),
];

#[derive(Deserialize)]
struct Session {
    id: String,
    client_id: Option<String>,
    person_id: Option<String>,
    person_name: Option<String>,
    scopes: Option<Vec<String>>,
    address: Option<String>,
    created_at: String,
    last_used_at: String,
    good_until: String,
    revoked_at: Option<String>,
}

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::ClientsWrite)?;
    match rest {
        [] => show(visit, None).await,
        // Where a form of the list stands.
        [_, "end"] => Ok(Reply::SeeOther(visit.link("/developers/sessions"))),
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
        [id, "end"] => end(visit, id).await,
        _ => Err(Failure::NotFound),
    }
}

/// The list, with what a form on it has to say.
async fn show(visit: &Visit<'_>, refused: Option<(u16, Html)>) -> Result<Reply, Failure> {
    let filters = Filters::new(&visit.query, Vec::new(), &[]);
    let list = List { path: "/sessions", items: "sessions", filters: &filters, fixed: &[] };
    let (rows, names) = future::join(list.read(visit), names::read(visit)).await;
    let rows = rows_part(visit, &filters, rows, &names?)?;
    let (status, notice) = match refused {
        Some((status, notice)) => (status, notice),
        None => (200, done(visit)?),
    };
    let what = "A session begins when somebody signs in, and ends half an hour after its last use.";
    let body = Html::join([notice, cell::paragraph(what)?, rows]);
    Ok(Page::new("Sessions", Entry::Sessions, body).with_status(status).into())
}

/// What was done by the form that led here.
fn done(visit: &Visit<'_>) -> Result<Html, Failure> {
    match visit.query.get("done") {
        Some("ended") => {
            let said = "The session is ended. Access tokens of it that are out end within ten minutes.";
            Ok(Notice::done(said).html()?)
        }
        _ => Ok(Html::default()),
    }
}

fn rows_part(
    visit: &Visit<'_>,
    filters: &Filters,
    page: Result<ApiPage<Session>, ClientError>,
    names: &Names,
) -> Result<Html, Failure> {
    list::part(page, |page| {
        let pager = list::pager(visit, filters, page.items.len(), None, page.next_cursor.as_deref())?;
        let rows =
            page.items.into_iter().map(|session| row(visit, session, names)).collect::<Result<_, _>>()?;
        Ok(Html::join([Table::new("Sessions", COLUMNS, rows, "Nobody is signed in.").html()?, pager]))
    })
}

fn row(visit: &Visit<'_>, session: Session, names: &Names) -> Result<Row, askama::Error> {
    let (zone, now) = (visit.zone(), visit.now);
    let cells = vec![
        who(visit, &session, names)?,
        cell::maybe(session.address.as_deref())?,
        cell::time(&session.last_used_at, zone, now)?,
        cell::time(&session.created_at, zone, now)?,
        cell::time(&session.good_until, zone, now)?,
        ending(visit, &session)?,
    ];
    Ok(Row { version: session.last_used_at, key: session.id, cells })
}

/// Who signed in: a person by name where one is known, a client by its name and id; and with which scopes, if not with all.
fn who(visit: &Visit<'_>, session: &Session, names: &Names) -> Result<Html, askama::Error> {
    let mut parts = Vec::new();
    let client = session.client_id.as_deref().and_then(|id| names.of(id));
    if let Some(name) = session.person_name.as_deref().or(client) {
        parts.push(cell::text(name)?);
    }
    if let Some(id) = &session.person_id {
        parts.push(cell::id(id)?);
    }
    if let Some(id) = &session.client_id {
        let href = visit.link(&format!("/developers/clients/{}", segment(id)));
        parts.push(cell::linked_id(&href, id)?);
    }
    let you = Some(visit.who.principal.as_str());
    if session.person_id.as_deref() == you || session.client_id.as_deref() == you {
        parts.push(cell::mark(Tone::Quiet, "you")?);
    }
    if let Some(scopes) = &session.scopes {
        parts.push(cell::text(&format!("only {}", scopes.join(", ")))?);
    }
    parts.push(cell::id(&session.id)?);
    cell::stack(&parts)
}

fn ending(visit: &Visit<'_>, session: &Session) -> Result<Html, askama::Error> {
    if let Some(at) = &session.revoked_at {
        return cell::stack(&[cell::mark(Tone::Bad, "ended")?, cell::time(at, visit.zone(), visit.now)?]);
    }
    let action = visit.link(&format!("/developers/sessions/{}/end", segment(&session.id)));
    let form = Form::new(action, format!("End {}", session.id)).destructive();
    cell::folded("End…", &form.html()?, false)
}

async fn end(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    match visit.delete(&format!("/sessions/{}", segment(id))).await {
        Ok(_) => Ok(Reply::SeeOther(visit.link("/developers/sessions?done=ended"))),
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 404 | 409 | 422) => {
            let notice = Notice::of_refusal(&refusal).html()?;
            show(visit, Some((refusal.status, notice))).await
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
