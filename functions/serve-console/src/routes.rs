//! Which address is which page. What stands behind the beginning of an address is for the page to read.

use crate::failure::Failure;
use crate::pages::{
    audit, clients, exceptions, exports, fees, find, home, logs, providers, reconciliation, reference, runs,
    sessions, settings, statements, transaction, transactions, unmatched, webhooks,
};
use crate::reply::Reply;
use crate::visit::Visit;

/// The page at an address.
///
/// # Errors
/// [`Failure`], such as an address that no page has.
pub async fn get(visit: &Visit<'_>) -> Result<Reply, Failure> {
    match &segments(visit)[..] {
        [] => home::show(visit).await,
        ["find"] => find::show(visit).await,
        ["transactions"] => transactions::show(visit).await,
        ["transactions", id] => transaction::show(visit, id).await,
        ["logs", rest @ ..] => logs::get(visit, rest).await,
        ["reconciliation", "statements", rest @ ..] => statements::get(visit, rest).await,
        ["reconciliation", "runs", rest @ ..] => runs::get(visit, rest).await,
        ["reconciliation", "exceptions", rest @ ..] => exceptions::get(visit, rest).await,
        ["reconciliation", "fees", rest @ ..] => fees::get(visit, rest).await,
        ["reconciliation", "exports", rest @ ..] => exports::get(visit, rest).await,
        ["reconciliation", rest @ ..] => reconciliation::get(visit, rest).await,
        ["providers", rest @ ..] => providers::get(visit, rest).await,
        ["unmatched-callbacks", rest @ ..] => unmatched::get(visit, rest).await,
        ["developers", "webhooks", rest @ ..] => webhooks::get(visit, rest).await,
        ["developers", "api", rest @ ..] => reference::get(visit, rest).await,
        ["developers", "clients", rest @ ..] => clients::get(visit, rest).await,
        ["developers", "sessions", rest @ ..] => sessions::get(visit, rest).await,
        ["developers", "audit", rest @ ..] => audit::get(visit, rest).await,
        ["developers", "settings", rest @ ..] => settings::get(visit, rest).await,
        _ => Err(Failure::NotFound),
    }
}

/// What a form does.
///
/// # Errors
/// [`Failure`], such as what the API refuses.
pub async fn post(visit: &Visit<'_>) -> Result<Reply, Failure> {
    match &segments(visit)[..] {
        ["transactions", id, "held-reports"] => transaction::decide(visit, id).await,
        ["transactions", id, "replay"] => transaction::replay(visit, id).await,
        ["transactions", id, "webhooks"] => transaction::tell_again(visit, id).await,
        ["reconciliation", "statements", rest @ ..] => statements::post(visit, rest).await,
        ["reconciliation", "runs", rest @ ..] => runs::post(visit, rest).await,
        ["reconciliation", "exceptions", rest @ ..] => exceptions::post(visit, rest).await,
        ["providers", rest @ ..] => providers::post(visit, rest).await,
        ["unmatched-callbacks", rest @ ..] => unmatched::post(visit, rest).await,
        ["developers", "webhooks", rest @ ..] => webhooks::post(visit, rest).await,
        ["developers", "api", rest @ ..] => reference::post(visit, rest).await,
        ["developers", "clients", rest @ ..] => clients::post(visit, rest).await,
        ["developers", "sessions", rest @ ..] => sessions::post(visit, rest).await,
        ["developers", "settings", rest @ ..] => settings::post(visit, rest).await,
        _ => Err(Failure::NotFound),
    }
}

fn segments<'a>(visit: &'a Visit<'_>) -> Vec<&'a str> {
    visit.path.split('/').filter(|segment| !segment.is_empty()).collect()
}
