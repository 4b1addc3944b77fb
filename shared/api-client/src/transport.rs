//! What carries requests.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// Longest time for one request on this machine. The gateway gives up after 29 seconds.
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

/// HTTP over the connections that `C` makes; they are kept and used again.
#[derive(Clone)]
pub struct OverHttp<C> {
    client: Client<C, Full<Bytes>>,
    time_limit: Duration,
}

/// HTTP without TLS, for what listens on this machine.
pub type Plain = OverHttp<HttpConnector>;

impl Default for Plain {
    fn default() -> Self {
        Self::new(HttpConnector::new(), TIME_LIMIT)
    }
}

impl<C: Connect + Clone> OverHttp<C> {
    /// Over connections of `connector`; a request has as long as `time_limit`, its answer included.
    pub fn new(connector: C, time_limit: Duration) -> Self {
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_timer(TokioTimer::new());
        Self { client: client.build(connector), time_limit }
    }
}

#[async_trait]
impl<C: Connect + Clone + Send + Sync + 'static> Transport for OverHttp<C> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let address = request.uri().to_string();
        let answered = async {
            let (parts, body) = self.client.request(request.map(Full::new)).await?.into_parts();
            Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
        };
        let outcome = tokio::time::timeout(self.time_limit, answered).await;
        outcome.unwrap_or_else(|late| Err(late.into())).map_err(|cause| TransportError { address, cause })
    }
}
