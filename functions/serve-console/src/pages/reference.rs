//! `/developers/api`: the API's own document as pages, and every operation to be tried. What is tried is sent from here with the
//! token of whoever is signed in; no token is in the browser.

mod attempt;
mod call;
mod document;
mod example;
mod fields;
mod index;
mod language;
mod operation;
mod outcome;
pub mod pieces;
mod schema;

use crate::failure::Failure;
use crate::reply::Reply;
use crate::visit::Visit;

/// The page at the rest of an address.
///
/// # Errors
/// [`Failure`].
pub async fn get(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    match rest {
        [] => index::show(visit),
        [id] => attempt::show(visit, document::find(id).ok_or(Failure::NotFound)?),
        _ => Err(Failure::NotFound),
    }
}

/// What a form at the rest of an address does.
///
/// # Errors
/// [`Failure`].
pub async fn post(visit: &Visit<'_>, rest: &[&str]) -> Result<Reply, Failure> {
    match rest {
        [id] => attempt::send(visit, document::find(id).ok_or(Failure::NotFound)?).await,
        _ => Err(Failure::NotFound),
    }
}

#[cfg(test)]
mod tests;
