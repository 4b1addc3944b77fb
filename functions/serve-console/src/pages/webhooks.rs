//! `/developers/webhooks`: where the merchant is told of changes, what it was told, and how that went.

mod attempts;
mod change;
mod deletion;
mod deliveries;
mod delivery;
mod endpoint;
mod events;
pub mod health;
mod list;
mod new;
pub mod record;
pub mod replay;
mod rotation;
mod secret;
mod settings;
mod standing;
mod trial;

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
        [id] => endpoint::show(visit, id).await,
        [id, "edit"] => change::show(visit, id).await,
        [id, "replay"] => replay::show(visit, id).await,
        // Where a form of its page stands.
        [id, "status" | "test" | "rotate" | "delete"] => Ok(Reply::SeeOther(record::link(visit, id, ""))),
        [id, "deliveries", delivery] => delivery::show(visit, id, delivery).await,
        [id, "deliveries", delivery, "replay"] => {
            Ok(Reply::SeeOther(record::delivery_link(visit, id, delivery)))
        }
        [id, "replays", replay] => replay::progress(visit, id, replay).await,
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
        [id, "replay"] => replay::start(visit, id).await,
        [id, "status"] => standing::set(visit, id).await,
        [id, "test"] => trial::send(visit, id).await,
        [id, "rotate"] => rotation::rotate(visit, id).await,
        [id, "delete"] => deletion::delete(visit, id).await,
        [id, "deliveries", delivery, "replay"] => delivery::replay(visit, id, delivery).await,
        _ => Err(Failure::NotFound),
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub use tests::samples;
