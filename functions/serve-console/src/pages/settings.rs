//! `/developers/settings`: what the merchant has set.

use crate::failure::Failure;
use crate::reply::Reply;
use crate::visit::Visit;

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    let _ = (visit, rest);
    Err(Failure::NotFound)
}

/// What a form at the rest of an address does.
///
/// # Errors
/// [`Failure`].
pub async fn post(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    let _ = (visit, rest);
    Err(Failure::NotFound)
}
