//! What carries requests.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// Longest time for one request, its answer included. The gateway gives up after 29 seconds.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Carries one request and brings its answer, whatever its status; it follows no redirect.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends a request with an absolute address.
    ///
    /// # Errors
    /// [`TransportError`] when there is no answer.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError>;
}

/// A request that was not answered.
#[derive(Debug, thiserror::Error)]
#[error("{address} did not answer")]
pub struct TransportError {
    pub address: String,
    /// Why there is no answer.
    #[source]
    pub cause: Box<dyn std::error::Error + Send + Sync>,
}

/// HTTP without TLS, for what listens on this machine. Connections are kept and used again.
#[derive(Clone)]
pub struct Plain(Client<HttpConnector, Full<Bytes>>);

impl Default for Plain {
    fn default() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }
}

#[async_trait]
impl Transport for Plain {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let address = request.uri().to_string();
        let answered = async {
            let (parts, body) = self.0.request(request.map(Full::new)).await?.into_parts();
            Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
        };
        let outcome = tokio::time::timeout(TIME_LIMIT, answered).await;
        outcome.unwrap_or_else(|late| Err(late.into())).map_err(|cause| TransportError { address, cause })
    }
}
