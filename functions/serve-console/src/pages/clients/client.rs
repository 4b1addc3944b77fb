//! `/developers/clients/{id}`: one client, another secret for it, and its end.

use paywarden_api_client::{ClientError, Refusal};
use serde_json::json;

use super::{Client, secret};
use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::form::{Field, Form};
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::visit::{FORM_KEY, Visit, segment};

/// For how long the secret of before may stay good: seconds and what they are called.
const OVERLAPS: &[(&str, &str)] = &[
    ("86400", "A day"),
    ("3600", "An hour"),
    ("604800", "Seven days"),
    ("0", "Not at all: it is over at once"),
];

/// A form of this page that the API refused.
struct Refused {
    form: Which,
    refusal: Refusal,
}

#[derive(PartialEq, Eq)]
enum Which {
    Rotate,
    Revoke,
}

pub async fn show(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    page(visit, id, None).await
}

async fn page(visit: &Visit<'_>, id: &str, refused: Option<Refused>) -> Result<Reply, Failure> {
    let client: Client = match visit.get(&format!("/clients/{}", segment(id))).await {
        // What cannot be an id is no client.
        Err(ClientError::Refused(refusal)) if refusal.status == 400 => return Err(Failure::NotFound),
        answer => answer?.member("client")?,
    };
    let mut parts = vec![
        cell::actions(&[cell::link(&visit.link("/developers/clients"), "All clients")?])?,
        done(visit)?,
        about(visit, &client)?,
    ];
    if client.revoked_at.is_none() {
        parts.push(rotate_part(visit, &client, refused.as_ref())?);
        parts.push(revoke_part(visit, &client, refused.as_ref())?);
    }
    let status = refused.map_or(200, |refused| refused.refusal.status);
    let title = format!("API client {}", client.name);
    Ok(Page::new(title, Entry::Clients, Html::join(parts)).with_status(status).into())
}

/// What was done by the form that led here.
fn done(visit: &Visit<'_>) -> Result<Html, Failure> {
    match visit.query.get("done") {
        Some("revoked") => {
            let said = "The client is revoked. Tokens of it that are out end within ten minutes.";
            Ok(Notice::done(said).html()?)
        }
        _ => Ok(Html::default()),
    }
}

fn about(visit: &Visit<'_>, client: &Client) -> Result<Html, Failure> {
    let scopes = client.scopes.iter().map(|scope| cell::text(scope)).collect::<Result<Vec<_>, _>>()?;
    let audit = visit.link(&format!("/developers/audit?by={}", segment(&client.id)));
    Ok(facts(&[
        ("Client id", cell::id(&client.id)?),
        ("State", super::state(visit, client)?),
        ("Role", cell::text(&client.role)?),
        ("Scopes", cell::stack(&scopes)?),
        ("Allowed addresses", super::addresses(client)?),
        ("Created", cell::time(&client.created_at, visit.zone(), visit.now)?),
        ("Last used", super::last_used(visit, client)?),
        ("What it changed", cell::link(&audit, "On the audit trail")?),
    ])?)
}

fn rotate_part(visit: &Visit<'_>, client: &Client, refused: Option<&Refused>) -> Result<Html, Failure> {
    let refused = refused.filter(|refused| refused.form == Which::Rotate);
    let overlaps = OVERLAPS.iter().map(|(value, name)| ((*value).to_owned(), (*name).to_owned())).collect();
    let action = visit.link(&format!("/developers/clients/{}/rotate", segment(&client.id)));
    let form = Form::new(action, format!("New secret for {}", client.name)).field(
        Field::choice("previous_secret_valid_seconds", "The secret of before stays good for", overlaps)
            .help("One before that is over"),
    );
    let form = match refused {
        None => form.hidden(FORM_KEY, visit.new_key()),
        Some(refused) => {
            form.hidden(FORM_KEY, visit.form.text(FORM_KEY)).filled(&visit.form).refused(&refused.refusal)?
        }
    };
    Ok(cell::folded("New secret…", &form.html()?, refused.is_some())?)
}

fn revoke_part(visit: &Visit<'_>, client: &Client, refused: Option<&Refused>) -> Result<Html, Failure> {
    let refused = refused.filter(|refused| refused.form == Which::Revoke);
    let action = visit.link(&format!("/developers/clients/{}/revoke", segment(&client.id)));
    let form = Form::new(action, format!("Revoke {} for good", client.name)).destructive();
    let form = match refused {
        None => form,
        Some(refused) => form.refused(&refused.refusal)?,
    };
    let warning = "It gets no token from then on, and cannot be brought back.";
    let body = Html::join([cell::paragraph(warning)?, form.html()?]);
    Ok(cell::folded(&format!("Revoke {}…", client.name), &body, refused.is_some())?)
}

/// Gives it another secret.
pub async fn rotate(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    let seconds = visit.form.text("previous_secret_valid_seconds");
    // What is no number is for the API to refuse.
    let seconds = seconds.parse::<u64>().map_or_else(|_| json!(seconds), |seconds| json!(seconds));
    let body = json!({"previous_secret_valid_seconds": seconds});
    match visit.post(&format!("/clients/{}/rotate-secret", segment(id)), &body).await {
        Ok(answer) => secret::page(visit, "New secret", &answer.member("client")?),
        Err(error) => refused(visit, id, Which::Rotate, error).await,
    }
}

/// Ends it.
pub async fn revoke(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    match visit.delete(&format!("/clients/{}", segment(id))).await {
        Ok(_) => {
            let path = format!("/developers/clients/{}?done=revoked", segment(id));
            Ok(Reply::SeeOther(visit.link(&path)))
        }
        Err(error) => refused(visit, id, Which::Revoke, error).await,
    }
}

async fn refused(visit: &Visit<'_>, id: &str, form: Which, error: ClientError) -> Result<Reply, Failure> {
    match error {
        ClientError::Refused(refusal) if matches!(refusal.status, 400 | 409 | 422) => {
            page(visit, id, Some(Refused { form, refusal })).await
        }
        error => Err(error.into()),
    }
}
