//! The provider's keys over the network, by way of its description (OpenID Connect Discovery). Bounded in time and size, without
//! redirects: nobody but the provider of the settings says where keys are.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use paywarden_domain::person::Issuer;
use reqwest::header::ACCEPT;
use reqwest::{Client, redirect};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::sync::OnceCell;

use super::signature::VerifyingKey;

/// Time for one document, reading it included. There are two, and the gateway's patience is far longer.
const TIME_LIMIT: Duration = Duration::from_secs(3);

/// Longest document that is read. The largest providers' are a tenth as long.
const LONGEST_BYTES: usize = 256 * 1024;

const AGENT: &str = concat!("Paywarden/", env!("CARGO_PKG_VERSION"));

/// Keys that could not be fetched.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{address}: {problem}")]
pub struct FetchError {
    address: String,
    problem: String,
}

/// Fetches. Its client is made when it is first needed: to read the authorities that it trusts would slow down every cold start.
#[derive(Default)]
pub struct Fetcher {
    client: OnceCell<Client>,
}

impl Fetcher {
    /// The keys that the provider publishes now, at least one.
    pub async fn keys(&self, issuer: &Issuer) -> Result<Vec<VerifyingKey>, FetchError> {
        let address = issuer.discovery_url();
        let failed = |problem: &str| FetchError { address: address.clone(), problem: problem.to_owned() };
        let description = self.get(&address).await?;
        let text = |name: &str| description.get(name).and_then(Value::as_str);
        if text("issuer") != Some(issuer.url()) {
            return Err(failed("describes another issuer"));
        }
        let keys_address = text("jwks_uri").filter(|address| issuer.trusts(address));
        let keys_address = keys_address.ok_or_else(|| failed("has no jwks_uri that can be trusted"))?;
        let set = self.get(keys_address).await?;
        let keys = set.get("keys").and_then(Value::as_array).into_iter().flatten();
        let keys: Vec<VerifyingKey> = keys.filter_map(VerifyingKey::read).collect();
        if keys.is_empty() {
            let problem = "has no key that verifies ID tokens".to_owned();
            return Err(FetchError { address: keys_address.to_owned(), problem });
        }
        Ok(keys)
    }

    async fn get(&self, address: &str) -> Result<Value, FetchError> {
        let failed = |problem: String| FetchError { address: address.to_owned(), problem };
        let client = self.client.get_or_try_init(async || client()).await;
        let client = client.map_err(|error| failed(error.to_string()))?;
        let body = tokio::time::timeout(TIME_LIMIT, body(client, address)).await;
        let body = body.unwrap_or_else(|_| Err("did not answer in time".into()));
        let body = body.map_err(|error| failed(chain(error.as_ref())))?;
        serde_json::from_slice(&body).map_err(|error| failed(format!("is no JSON: {error}")))
    }
}

async fn body(client: &Client, address: &str) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let response = client.get(address).header(ACCEPT, "application/json").send().await?;
    if response.status() != 200 {
        return Err(format!("answered {}", response.status().as_u16()).into());
    }
    let (mut body, mut stream) = (Vec::new(), response.bytes_stream());
    while let Some(chunk) = stream.next().await {
        body.extend_from_slice(&chunk?);
        if body.len() > LONGEST_BYTES {
            return Err("is too long".into());
        }
    }
    Ok(body)
}

/// A client that follows no redirect, asks no proxy, and trusts the authorities that are compiled in. It keeps no connection: between
/// two fetches a process may stand still for minutes, and finds it dead.
fn client() -> Result<Client, Box<dyn Error + Send + Sync>> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = Client::builder().tls_backend_preconfigured(tls).user_agent(AGENT).pool_max_idle_per_host(0);
    Ok(client.redirect(redirect::Policy::none()).no_proxy().build()?)
}

/// An error with what caused it, for the log.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
