//! `/providers`: Provider Management. Each thing that is done to a provider has a form of its own, so that nothing changes that
//! nobody looked at.

mod change;
mod deletion;
mod example;
mod fees;
mod history;
mod list;
mod new;
mod outcomes;
mod page;
pub mod record;
mod sequence;
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
    visit.require(Scope::ProvidersRead)?;
    match rest {
        [] => list::show(visit).await,
        ["sequence"] => sequence::show(visit).await,
        ["new"] => new::show(visit).await,
        [id] => page::show(visit, id).await,
        [id, "edit"] => change::show(visit, id, change::Part::Settings).await,
        [id, "fees"] => change::show(visit, id, change::Part::Fees).await,
        [id, "status"] => standing::show(visit, id).await,
        [id, "test"] => trial::show(visit, id).await,
        _ => Err(Failure::NotFound),
    }
}

/// What a form at the rest of an address does.
///
/// # Errors
/// [`Failure`].
pub async fn post(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    visit.require(Scope::ProvidersWrite)?;
    match rest {
        ["sequence"] => sequence::order(visit).await,
        ["new"] => new::create(visit).await,
        [id, "edit"] => change::save(visit, id, change::Part::Settings).await,
        [id, "fees"] => change::save(visit, id, change::Part::Fees).await,
        [id, "status"] => standing::set(visit, id).await,
        [id, "test"] => trial::run(visit, id).await,
        [id, "delete"] => deletion::delete(visit, id).await,
        _ => Err(Failure::NotFound),
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub use tests::provider as sample;
