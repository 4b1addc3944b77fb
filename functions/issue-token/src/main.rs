//! `POST /oauth/token`: client credentials become an access token (RFC 6749, section 4.4).
//!
//! - Called by anybody who has a client id and its secret; throttled at the gateway.
//! - Reads `clients` and `merchants` and the signing keys.
//! - Writes nothing; asking again issues another token.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_lambda_kit::token::Tokens;
use paywarden_store::clients::Clients;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::keys::SecretKeySource;
use paywarden_store::merchants::Merchants;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let keys = SecretKeySource::new(&config, env.required("SIGNING_KEYS_SECRET_ID")?, clock.clone());
    let deps = Arc::new(Deps {
        clients: Clients::new(&dynamo, env.required("CLIENTS_TABLE")?),
        merchants: Merchants::new(&dynamo, env.required("MERCHANTS_TABLE")?, clock.clone()),
        tokens: Tokens::new(Arc::new(keys), env.required("TOKEN_ISSUER")?, clock),
    });
    paywarden_lambda_kit::http::run("issue-token", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
