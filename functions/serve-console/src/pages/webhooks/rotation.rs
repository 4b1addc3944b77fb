//! Another secret for an endpoint, while the one before signs along for some hours.

use serde_json::json;

use super::endpoint::{Refused, Which, again};
use super::record::{Endpoint, link, path};
use super::secret;
use crate::failure::Failure;
use crate::pages::setting::number;
use crate::reply::Reply;
use crate::view::cell;
use crate::view::form::{Field, Form};
use crate::view::html::Html;
use crate::visit::{FORM_KEY, Visit};

const HOURS: &str = "overlap_hours";

/// The form, folded until it was refused.
///
/// # Errors
/// [`Failure`].
pub fn part(visit: &Visit<'_>, endpoint: &Endpoint, refused: Option<&Refused>) -> Result<Html, Failure> {
    let refused = refused.filter(|refused| refused.form == Which::Rotation);
    let action = link(visit, &endpoint.id, "/rotate");
    let form = Form::new(action, format!("New secret for {}", endpoint.url)).field(
        Field::text(HOURS, "Hours for which the secret of before signs along")
            .value("24")
            .help("From 0 to 168; 0 if it leaked. One before that is over"),
    );
    let form = match refused {
        None => form.hidden(FORM_KEY, visit.new_key()),
        Some(refused) => {
            form.hidden(FORM_KEY, visit.form.text(FORM_KEY)).filled(&visit.form).refused(&refused.refusal)?
        }
    };
    Ok(cell::folded("New secret…", &form.html()?, refused.is_some())?)
}

/// Gives it another secret.
pub async fn rotate(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    let hours = visit.form.get(HOURS).map(number);
    match visit.post(&format!("{}/rotate-secret", path(id)), &json!({HOURS: hours})).await {
        Ok(answer) => secret::of_rotated(visit, &answer.member("webhook_endpoint")?),
        Err(error) => again(visit, id, Which::Rotation, error).await,
    }
}
