//! `POST /reconciliation/statements`: a provider's statement is announced, to be uploaded, or given as it is.
//!
//! - Called by finance with the scope `reconciliation:write`.
//! - Reads `providers`; writes `reconciliation`. An announced file is PUT to the presigned address and read by
//!   `parse-statement`; one that is given here is read at once, and its rows go to the bucket under `parsed/`.
//! - The same bytes given again answer the statement that they are.

mod deps;
mod handler;
mod input;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ReconciliationWrite).creating();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
