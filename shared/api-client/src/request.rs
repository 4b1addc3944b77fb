//! One request.

use std::sync::Arc;

use bytes::Bytes;
use data_encoding::BASE64;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;

use crate::answer::{Answer, ClientError};
use crate::transport::{Transport, TransportError};

/// A request that is being put together. What is wrong with a header shows when it is sent.
pub struct Request {
    transport: Arc<dyn Transport>,
    address: String,
    builder: http::request::Builder,
    body: Bytes,
}

impl Request {
    /// A request to an absolute address: addresses of callbacks and files come from the API whole.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, method: Method, address: &str) -> Self {
        let builder = http::Request::builder().method(method).uri(address);
        Self { transport, address: address.to_owned(), builder, body: Bytes::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        HeaderName: TryFrom<N, Error: Into<http::Error>>,
        HeaderValue: TryFrom<V, Error: Into<http::Error>>,
    {
        self.builder = self.builder.header(name, value);
        self
    }

    /// Presents an access token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION, format!("Bearer {token}"))
    }

    /// Presents a client's id and secret.
    #[must_use]
    pub fn basic(self, client_id: &str, client_secret: &str) -> Self {
        let credentials = BASE64.encode(format!("{client_id}:{client_secret}").as_bytes());
        self.header(AUTHORIZATION, format!("Basic {credentials}"))
    }

    /// Sets the body as it is.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets a body of JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header(CONTENT_TYPE, "application/json").body(body.to_string())
    }

    /// Sends it; an answer of any status is an answer.
    ///
    /// # Errors
    /// [`ClientError::Transport`] when there is none.
    pub async fn send(self) -> Result<Answer, ClientError> {
        let invalid = |error: http::Error| TransportError { address: self.address, cause: error.into() };
        let request = self.builder.body(self.body).map_err(invalid)?;
        Ok(Answer::new(self.transport.send(request).await?))
    }
}
