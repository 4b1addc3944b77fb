//! `POST /providers/{id}/unmatched-callbacks/{entry_id}`: somebody reads a callback that fits no transaction again, sends it on
//! its way once more, or binds it to a transaction.
//!
//! - Called with the scope `providers:write`.
//! - Reads `providers`, `timeline`, `report-keys` and the transaction.
//! - Writes, if it is to be applied: `provider-references` when it is bound, the queue of provider reports, `report-keys`
//!   (it waits no longer), `timeline`. Doing it again changes nothing twice.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ProvidersWrite).changing();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
