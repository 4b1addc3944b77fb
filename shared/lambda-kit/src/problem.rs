//! Refusals and failures at the edge: what the caller is told, and apart from it what operators need.

use http::header::{HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use paywarden_domain::access::Scope;
use paywarden_domain::fields::InvalidField;
use paywarden_store::StoreError;
use serde_json::{Value, json};

use crate::answer::Answer;

/// A request that is not answered with what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(Box<Parts>);

/// Boxed, because every answer of every function carries the room for it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    status: u16,
    code: &'static str,
    message: String,
    parameter: Option<String>,
    /// For the log only.
    detail: Option<String>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Problem {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Parts { status, code, message, parameter: None, detail: None, header: None }))
    }

    fn about(mut self, parameter: &str) -> Self {
        self.0.parameter = Some(parameter.to_owned());
        self
    }

    fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.0.header = Some((name, HeaderValue::from_static(value)));
        self
    }

    /// 400: this part of the request cannot be read. `message` says what was expected.
    #[must_use]
    pub fn invalid(parameter: &str, message: impl Into<String>) -> Self {
        Self::new(400, "invalid_parameter", message).about(parameter)
    }

    /// 422: this part can be read but not accepted. `message` says what was expected.
    #[must_use]
    pub fn unprocessable(parameter: &str, message: impl Into<String>) -> Self {
        Self::new(422, "invalid_parameter", message).about(parameter)
    }

    /// 401: nobody we know.
    #[must_use]
    pub fn unauthorized() -> Self {
        let message = "a valid access token is required: POST /oauth/token";
        Self::new(401, "unauthorized", message).with_header(WWW_AUTHENTICATE, "Bearer")
    }

    /// 403: known, but without this permission.
    #[must_use]
    pub fn forbidden(scope: Scope) -> Self {
        Self::new(403, "forbidden", format!("this needs the scope {scope}"))
    }

    /// 404. What belongs to another merchant is answered with the same bytes as what does not exist.
    #[must_use]
    pub fn not_found(noun: &str) -> Self {
        Self::new(404, "not_found", format!("no such {noun}"))
    }

    /// 409: it contradicts what is there.
    #[must_use]
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(409, code, message)
    }

    /// 422: this key stands for another request.
    #[must_use]
    pub fn key_reused(header: &str) -> Self {
        let message =
            "this key was sent with another request: expected another key, or the same path, query and body";
        Self::new(422, "idempotency_key_reused", message).about(header)
    }

    /// 409: the same request is being answered, or whoever answered it was cut off a moment ago.
    #[must_use]
    pub fn under_way() -> Self {
        let message = "a request with this key is under way: expected the same again in a moment";
        Self::new(409, "request_under_way", message).with_header(RETRY_AFTER, "1")
    }

    /// 412: what the caller has seen is not what is there any more.
    #[must_use]
    pub fn outdated(version: u64) -> Self {
        let message = format!("it was changed meanwhile and is at version {version}: read it again");
        Self::new(412, "outdated", message).about("If-Match")
    }

    /// 413: the body is longer than `limit` bytes.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        let message = format!("expected a body of at most {limit} bytes");
        Self::new(413, "body_too_large", message).about("body")
    }

    /// 429: too much of something; there is more again in so many seconds.
    #[must_use]
    pub fn throttled(message: impl Into<String>, seconds: u64) -> Self {
        let mut problem = Self::new(429, "throttled", message);
        problem.0.header = Some((RETRY_AFTER, HeaderValue::from(seconds)));
        problem
    }

    /// 503: try again in a moment.
    #[must_use]
    pub fn unavailable() -> Self {
        let message = "temporarily unavailable, try again in a moment";
        Self::new(503, "unavailable", message).with_header(RETRY_AFTER, "1")
    }

    /// 500: our fault; `detail` goes to the log and nowhere else.
    #[must_use]
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::new(500, "internal_error", "internal server error").with_detail(detail)
    }

    /// The same problem, told in other words.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// The same problem with a detail for the log.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// What the caller is told.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What operators need.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The `error` member of the answer.
    #[must_use]
    pub fn error_json(&self, request_id: &str) -> Value {
        let mut error = json!({"code": self.0.code, "message": self.0.message, "request_id": request_id});
        if let (Some(parameter), Value::Object(members)) = (&self.0.parameter, &mut error) {
            members.insert("parameter".to_owned(), json!(parameter));
        }
        error
    }

    /// The answer in the API's default shape.
    #[must_use]
    pub fn to_answer(&self, request_id: &str) -> Answer {
        let error = self.error_json(request_id);
        let body = match self.0.status {
            401 => json!({"status": false, "message": "Unauthorized", "error": error}),
            _ => json!({"status": false, "error": error}),
        };
        self.to_answer_with(&body)
    }

    /// The answer with a body of another shape.
    #[must_use]
    pub fn to_answer_with(&self, body: &Value) -> Answer {
        let status =
            http::StatusCode::from_u16(self.0.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let mut headers = http::HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some((name, value)) = &self.0.header {
            headers.insert(name.clone(), value.clone());
        }
        Answer { status, headers, body: body.to_string(), changed: None }
    }

    /// Writes the operator's detail to the log, if there is one.
    pub fn log(&self) {
        if let Some(detail) = &self.0.detail {
            tracing::error!(error_code = self.0.code, error_detail = detail.as_str(), "a request failed");
        }
    }
}

/// A member of a body that can be read but not accepted.
impl From<InvalidField> for Problem {
    fn from(invalid: InvalidField) -> Self {
        Self::unprocessable(&invalid.name, invalid.expected)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        match error {
            StoreError::Conflict => {
                Self::conflict("conflict", "somebody else changed this at the same time, try again")
            }
            StoreError::Unavailable { .. } => Self::unavailable(),
            StoreError::Corrupt { .. } => Self::internal(""),
        }
        .with_detail(detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_shape_names_parameter_and_request() {
        let answer = Problem::invalid("charged_end_date", "expected a date").to_answer("req-1");
        assert_eq!(answer.status.as_u16(), 400);
        assert_eq!(
            answer.body_json(),
            json!({"status": false, "error": {"code": "invalid_parameter", "message": "expected a date",
                "parameter": "charged_end_date", "request_id": "req-1"}})
        );
    }

    #[test]
    fn a_missing_token_is_told_in_the_apis_own_words() {
        let answer = Problem::unauthorized().to_answer("req-1");
        assert_eq!(answer.headers.get("www-authenticate").unwrap(), "Bearer");
        assert_eq!(answer.body_json()["message"], "Unauthorized");
        assert_eq!(answer.body_json()["error"]["code"], "unauthorized");
    }

    #[test]
    fn operators_details_never_reach_the_caller() {
        let error =
            StoreError::Corrupt { table: "t".into(), key: "k".into(), detail: "secret detail".into() };
        let problem = Problem::from(error);
        assert!(problem.detail().unwrap().contains("secret detail"));
        assert!(!problem.to_answer("r").body.contains("secret"));
        assert_eq!(problem.status(), 500);
    }
}
