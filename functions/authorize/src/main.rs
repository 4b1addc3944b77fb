//! The authorizer: an access token becomes a caller.
//!
//! - Called by the gateway before every route but the token's, the callbacks and the API document; its answer is kept
//!   there for up to a minute.
//! - Reads the signing keys (cached), and no table.
//! - Writes nothing.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_lambda_kit::token::Tokens;
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_store::keys::SecretKeySource;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let keys = SecretKeySource::new(&config, env.required("SIGNING_KEYS_SECRET_ID")?, clock.clone());
    let deps = Arc::new(Deps { tokens: Tokens::new(Arc::new(keys), env.required("TOKEN_ISSUER")?, clock) });
    worker::run("authorize", move |event| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, event).await }
    })
    .await
}
