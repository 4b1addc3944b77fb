//! Requests over the network: HTTP for a stack on this machine, TLS everywhere else.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use paywarden_api_client::{Transport, TransportError};
use reqwest::{Client, redirect};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

/// Longest time for one answer. The gateway gives a page 29 seconds, and what is behind a slow part of it wants to be shown, too.
const TIME_LIMIT: Duration = Duration::from_secs(12);

const AGENT: &str = concat!("Paywarden console/", env!("CARGO_PKG_VERSION"));

/// A client that is made when it is first needed.
#[derive(Default)]
pub struct OverTheNetwork {
    client: OnceCell<Client>,
}

#[async_trait]
impl Transport for OverTheNetwork {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let address = request.uri().to_string();
        self.exchange(request).await.map_err(|cause| TransportError { address, cause })
    }
}

impl OverTheNetwork {
    async fn exchange(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Box<dyn Error + Send + Sync>> {
        let client = self.client.get_or_try_init(async || client()).await?;
        let answer: Response<reqwest::Body> = client.execute(request.try_into()?).await?.into();
        let (parts, body) = answer.into_parts();
        Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
    }
}

/// A client that follows no redirect, asks no proxy, and trusts the authorities that are compiled in.
fn client() -> Result<Client, Box<dyn Error + Send + Sync>> {
    let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = Client::builder().tls_backend_preconfigured(tls).user_agent(AGENT).timeout(TIME_LIMIT);
    Ok(client.redirect(redirect::Policy::none()).no_proxy().build()?)
}
