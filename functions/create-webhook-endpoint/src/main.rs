//! `POST /webhook-endpoints`: a merchant wants to be told.
//!
//! - Called by merchants' systems and engineers with the scope `webhooks:write`.
//! - Reads and writes `webhooks`; the signing secret is made here, sealed with KMS, and shown this once.
//! - Sending the same again makes another endpoint; a merchant has at most twenty.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_domain::webhook::address::AddressPolicy;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::{SystemClock, SystemEntropy};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::vault::KmsVault;
use paywarden_store::webhooks::Endpoints;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let deps = Arc::new(Deps {
        endpoints: Endpoints::new(&dynamo, env.required("WEBHOOKS_TABLE")?),
        vault: Arc::new(KmsVault::new(&config, env.required("KMS_KEY_ID")?)),
        policy: AddressPolicy::allowing_loopback(env.parsed("WEBHOOK_ALLOW_LOOPBACK")?),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    });
    paywarden_lambda_kit::http::run("create-webhook-endpoint", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
