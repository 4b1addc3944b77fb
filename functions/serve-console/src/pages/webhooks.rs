//! `/developers/webhooks`: where the merchant is told of changes, what it was told, and how that went.

mod change;
mod events;
pub mod health;
mod list;
mod new;
pub mod record;
mod secret;
mod settings;

use paywarden_domain::access::Scope;

use crate::failure::Failure;
use crate::reply::Reply;
use crate::visit::Visit;

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::WebhooksRead)?;
    match rest {
        [] => list::show(visit).await,
        ["new"] => new::show(visit),
        ["events"] => events::show(visit).await,
        [id, "edit"] => change::show(visit, id).await,
        _ => Err(Failure::NotFound),
    }
}

/// What a form at the rest of an address does.
///
/// # Errors
/// [`Failure`].
pub async fn post(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::WebhooksWrite)?;
    match rest {
        ["new"] => new::create(visit).await,
        [id, "edit"] => change::save(visit, id).await,
        _ => Err(Failure::NotFound),
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub use tests::samples;
