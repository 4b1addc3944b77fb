//! `POST /providers/{id}/test`: would its callbacks be taken, and what would come of them?
//!
//! - Called with the scope `providers:write`.
//! - Reads what applying a callback reads: `providers` and, through KMS, the provider's credentials; `merchants`,
//!   `transactions`, `provider-references` and `report-keys`.
//! - Writes nothing, and may not: it is wired with the applier, and its role has no write in it.

mod deps;
mod handler;
mod input;
mod shown;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ProvidersWrite);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
