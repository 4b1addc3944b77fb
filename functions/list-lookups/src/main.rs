//! `GET /lookups?kind=`: the ids of statuses and payment methods, with what they stand for.
//!
//! - Called by anybody with the scope `transactions:read`.
//! - Reads and writes nothing: the ids are derived from the words.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::system::SystemClock;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let deps = Arc::new(Deps { clock: Arc::new(SystemClock) });
    paywarden_lambda_kit::http::run("list-lookups", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
