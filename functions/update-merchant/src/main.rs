//! `PATCH /merchant`: the merchant's name, zone and settings.
//!
//! - Called by admins with the scope `merchant:write`.
//! - Reads and writes `merchants`, under the version that was read.
//! - Sending the same again changes nothing. Other functions hear of a change within a minute, tokens carry a new zone from the
//!   next one on; records keep the zone that they were recorded under.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::MerchantWrite).changing();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
