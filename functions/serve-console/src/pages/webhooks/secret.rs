//! What verifies an endpoint's deliveries. A secret the API shows once, so there is nothing to redirect to.

use serde::Deserialize;

use super::record::{Delivery, delivery_link, link};
use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::reconciliation::cells::moment;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::view::time;
use crate::visit::Visit;

#[derive(Deserialize)]
pub struct WithSecret {
    id: String,
    url: String,
    secret: Option<String>,
    public_key: Option<String>,
    previous_secret_until: Option<String>,
}

/// The page of an endpoint that was added, with its secret and the test event, if one was asked for.
///
/// # Errors
/// [`Failure`].
pub fn of_new(visit: &Visit<'_>, endpoint: &WithSecret, tested: Option<&Delivery>) -> Result<Reply, Failure> {
    let on = match tested {
        Some(delivery) => {
            let href = delivery_link(visit, &endpoint.id, &delivery.id);
            cell::button_link(&href, "What came of the test event")?
        }
        None => Html::default(),
    };
    page(visit, endpoint, "Webhook endpoint added", Html::default(), on)
}

/// The page of an endpoint that got another secret, and how long the one before is good for.
///
/// # Errors
/// [`Failure`].
pub fn of_rotated(visit: &Visit<'_>, endpoint: &WithSecret) -> Result<Reply, Failure> {
    let ahead = endpoint.previous_secret_until.as_deref().filter(|until| is_ahead(visit, until));
    let said = match ahead {
        Some(until) => format!(
            "Until {} the secret before signs along: webhook-signature holds both, with a space between.",
            moment(visit, until)
        ),
        None => "The secret before is over: it signs nothing more.".to_owned(),
    };
    page(visit, endpoint, "New secret", Notice::hint(said).html()?, Html::default())
}

/// Whether a moment of the API is still to come.
pub fn is_ahead(visit: &Visit<'_>, text: &str) -> bool {
    time::moment(text, visit.zone()).is_some_and(|moment| moment > visit.now)
}

fn page(
    visit: &Visit<'_>,
    endpoint: &WithSecret,
    title: &str,
    said: Html,
    on: Html,
) -> Result<Reply, Failure> {
    let keep = match &endpoint.secret {
        Some(_) => Notice::warning("Keep the signing secret now: it is not shown again."),
        None => Notice::hint("There is no secret to keep: the public key verifies, and stays on its page."),
    };
    let shown = |key: &Option<String>| key.as_deref().map_or(Ok(Html::default()), cell::id);
    let body = [
        keep.html()?,
        said,
        facts(&[
            ("Signing secret", shown(&endpoint.secret)?),
            ("Public key", shown(&endpoint.public_key)?),
            ("Address", cell::text(&endpoint.url)?),
            ("Endpoint", cell::id(&endpoint.id)?),
        ])?,
        cell::actions(&[
            on,
            cell::link(&link(visit, &endpoint.id, ""), "To the endpoint")?,
            cell::link(&visit.link("/developers/webhooks"), "All endpoints")?,
        ])?,
    ];
    Ok(Page::new(title, Entry::Webhooks, Html::join(body)).into())
}
