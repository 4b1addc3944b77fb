//! `/developers/settings`: how the merchant has it. A form only sends what is different, so that what is as usual stays so.

mod change;
mod conflict;
mod groups;

use paywarden_api_client::{ClientError, Refusal};
use paywarden_domain::access::Scope;
use serde_json::Value;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::visit::Visit;

use groups::{Group, Setting};

/// A form that the API refused.
struct Refused {
    group: Group,
    refusal: Refusal,
}

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::MerchantWrite)?;
    match rest {
        [] => show(visit, None).await,
        // Where a refused form stands; whoever comes back to it finds the form.
        [name] if Group::find(name).is_some() => {
            Ok(Reply::SeeOther(visit.link(&format!("/developers/settings#{name}"))))
        }
        _ => Err(Failure::NotFound),
    }
}

/// What a form at the rest of an address does.
///
/// # Errors
/// [`Failure`].
pub async fn post(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::MerchantWrite)?;
    match rest {
        [name] => save(visit, Group::find(name).ok_or(Failure::NotFound)?).await,
        _ => Err(Failure::NotFound),
    }
}

async fn show(visit: &Visit<'_>, refused: Option<Refused>) -> Result<Reply, Failure> {
    let merchant: Value = visit.get("/merchant").await?.member("merchant")?;
    let mut parts = vec![done(visit)?, about(visit, &merchant)?];
    for group in groups::all() {
        let refused = refused.as_ref().filter(|refused| refused.group.name == group.name);
        parts.push(group_part(visit, &group, &merchant, refused)?);
    }
    let status = refused.map_or(200, |refused| refused.refusal.status);
    Ok(Page::new("Settings", Entry::Settings, Html::join(parts)).with_status(status).into())
}

/// What was done by the form that led here.
fn done(visit: &Visit<'_>) -> Result<Html, Failure> {
    let said = match visit.query.get("done") {
        Some("saved") => "Saved. It shows everywhere within a minute; a time zone within ten.",
        Some("same") => "Nothing was different, so nothing was changed.",
        _ => return Ok(Html::default()),
    };
    Ok(Notice::done(said).html()?)
}

fn about(visit: &Visit<'_>, merchant: &Value) -> Result<Html, Failure> {
    let (zone, now) = (visit.zone(), visit.now);
    Ok(facts(&[
        ("Merchant", cell::id(merchant["id"].as_str().unwrap_or_default())?),
        ("Created", cell::maybe_time(merchant["created_at"].as_str(), zone, now)?),
        ("Changed", cell::maybe_time(merchant["updated_at"].as_str(), zone, now)?),
        ("Version", cell::text(&merchant["version"].to_string())?),
    ])?)
}

fn group_part(
    visit: &Visit<'_>,
    group: &Group,
    merchant: &Value,
    refused: Option<&Refused>,
) -> Result<Html, Failure> {
    let mut parts = vec![cell::heading_at(group.name, group.title)?, cell::paragraph(group.about)?];
    let now = |setting: &Setting| setting.shown(merchant);
    let version = merchant["version"].to_string();
    let form = match refused {
        None => form(visit, group, merchant, &version, now),
        Some(refused) if refused.refusal.status == 412 => {
            parts.push(conflict::shown(group, merchant, &visit.form)?);
            form(visit, group, merchant, &version, now).filled(&conflict::merged(
                group,
                merchant,
                &visit.form,
            ))
        }
        Some(refused) => {
            // Whoever fills it in again still has not seen more than before.
            let seen = |setting: &Setting| visit.form.text(&change::seen_name(setting)).to_owned();
            let form = form(visit, group, merchant, visit.form.text("version"), seen);
            form.filled(&visit.form).refused(&refused.refusal)?
        }
    };
    parts.push(form.html()?);
    Ok(Html::join(parts))
}

/// The form of a group, with what is seen of each setting, and in which version.
fn form(
    visit: &Visit<'_>,
    group: &Group,
    merchant: &Value,
    version: &str,
    seen: impl Fn(&Setting) -> String,
) -> Form {
    let action = visit.link(&format!("/developers/settings/{}", group.name));
    let fields = group.settings.iter().map(|setting| setting.field(merchant));
    let form = Form::new(action, "Save").hidden("version", version).fields(fields);
    group.settings.iter().fold(form, |form, setting| form.hidden(change::seen_name(setting), seen(setting)))
}

/// Saves what is different from what was seen. The version that was seen goes with it: after somebody else's change nothing is
/// saved.
async fn save(visit: &Visit<'_>, group: Group) -> Result<Reply, Failure> {
    let body = change::of(&group, &visit.form);
    if body.is_empty() {
        return Ok(Reply::SeeOther(visit.link("/developers/settings?done=same")));
    }
    match visit.patch("/merchant", visit.form.text("version"), &Value::Object(body)).await {
        Ok(_) => Ok(Reply::SeeOther(visit.link("/developers/settings?done=saved"))),
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 409 | 412 | 422) => {
            show(visit, Some(Refused { group, refusal })).await
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
