//! `/developers/audit`: who changed what.

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
