//! A client's secret, which the API shows once: there is nothing to redirect to.

use serde::Deserialize;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::visit::{Visit, segment};

#[derive(Deserialize)]
pub struct WithSecret {
    id: String,
    name: String,
    secret: String,
}

/// The page with the secret.
///
/// # Errors
/// [`Failure`].
pub fn page(visit: &Visit<'_>, title: &str, client: &WithSecret) -> Result<Reply, Failure> {
    let back = visit.link(&format!("/developers/clients/{}", segment(&client.id)));
    let body = [
        Notice::warning("Keep the secret now: it is not shown again.").html()?,
        facts(&[
            ("Client", cell::text(&client.name)?),
            ("Client id", cell::id(&client.id)?),
            ("Client secret", cell::id(&client.secret)?),
        ])?,
        cell::actions(&[cell::link(&back, "To the client")?])?,
    ];
    Ok(Page::new(title, Entry::Clients, Html::join(body)).into())
}
