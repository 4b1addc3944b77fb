//! Answers of API functions.

use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use paywarden_domain::audit::Changed;
use serde::Serialize;

use crate::problem::Problem;

/// A response: status, headers, body.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    /// The headers, `content-type` among them.
    pub headers: HeaderMap,
    /// The body, always text.
    pub body: String,
    /// What is different now, for the audit trail.
    pub changed: Option<Changed>,
}

impl Answer {
    /// A JSON answer.
    ///
    /// # Errors
    /// [`Problem::internal`] when the value cannot be written or the status is none.
    pub fn json<T: Serialize + ?Sized>(status: u16, value: &T) -> Result<Self, Problem> {
        let status = StatusCode::from_u16(status).map_err(|error| Problem::internal(error.to_string()))?;
        let body = serde_json::to_string(value).map_err(|error| Problem::internal(error.to_string()))?;
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        Ok(Self { status, headers, body, changed: None })
    }

    /// 200 with a JSON body.
    ///
    /// # Errors
    /// As [`Answer::json`].
    pub fn ok<T: Serialize + ?Sized>(value: &T) -> Result<Self, Problem> {
        Self::json(200, value)
    }

    /// 201 with a JSON body.
    ///
    /// # Errors
    /// As [`Answer::json`].
    pub fn created<T: Serialize + ?Sized>(value: &T) -> Result<Self, Problem> {
        Self::json(201, value)
    }

    /// The same answer with another header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The same answer with what is different now. Only a door for those who change something writes it down.
    #[must_use]
    pub fn with_change(self, changed: Changed) -> Self {
        Self { changed: Some(changed), ..self }
    }

    /// The body as JSON; tests look at it.
    ///
    /// # Panics
    /// When the body is no JSON.
    #[must_use]
    pub fn body_json(&self) -> serde_json::Value {
        #[expect(clippy::expect_used, reason = "only tests call it, on answers that were made from JSON")]
        serde_json::from_str(&self.body).expect("the body is JSON")
    }
}
