//! `GET /provider-types`: which kinds of provider there are, and what each asks for.
//!
//! - Called by staff and consoles with the scope `providers:read`; forms are built from it.
//! - Reads no table: the adapters know.

mod handler;

use paywarden_lambda_kit::system::SystemClock;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    paywarden_lambda_kit::http::run("list-provider-types", async |request| {
        handler::handle(&SystemClock, &request)
    })
    .await
}
