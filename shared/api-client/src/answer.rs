//! What came back.

use bytes::Bytes;
use http::HeaderMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::transport::TransportError;

/// An answer of any status.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// Its body. The API answers nothing that is not UTF-8.
    pub text: String,
}

/// Why there is no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The API said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The answer is not what the API's document says.
    #[error("unexpected answer: {detail}: {text}")]
    Unexpected { detail: String, text: String },
}

/// A request that the API refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status} {code}: {message} (request {request_id})")]
pub struct Refusal {
    /// The status of the answer.
    pub status: u16,
    pub code: String,
    /// What was expected, for people.
    pub message: String,
    /// The parameter or member that is wrong, if it is one.
    pub parameter: Option<String>,
    /// Under which the logs know the request.
    pub request_id: String,
}

/// The two shapes of a refusal: the API's own, and that of RFC 6749 for tokens.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    error: ErrorMember,
    error_description: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ErrorMember {
    Detailed { code: String, message: String, parameter: Option<String>, request_id: String },
    Code(String),
}

impl Default for ErrorMember {
    fn default() -> Self {
        Self::Code("unknown".to_owned())
    }
}

impl Answer {
    pub(crate) fn new(response: http::Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        let text = String::from_utf8_lossy(&body).into_owned();
        Self { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// The answer, if its status is a 2xx.
    ///
    /// # Errors
    /// [`ClientError::Refused`].
    pub fn accepted(self) -> Result<Self, ClientError> {
        if (200..300).contains(&self.status) { Ok(self) } else { Err(self.refusal().into()) }
    }

    /// The body as JSON, of whatever status.
    ///
    /// # Errors
    /// [`ClientError::Unexpected`].
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_str(&self.text).map_err(|error| self.unexpected(error.to_string()))
    }

    /// One member of the body.
    ///
    /// # Errors
    /// [`ClientError::Unexpected`].
    pub fn member<T: DeserializeOwned>(&self, name: &str) -> Result<T, ClientError> {
        self.taken(&mut self.body()?, name)
    }

    /// The body, for members to be [`taken`](Self::taken) from.
    pub(crate) fn body(&self) -> Result<Value, ClientError> {
        self.json()
    }

    /// A member of the body.
    pub(crate) fn taken<T: DeserializeOwned>(&self, body: &mut Value, name: &str) -> Result<T, ClientError> {
        let member = body.get_mut(name).map(Value::take).unwrap_or_default();
        serde_json::from_value(member).map_err(|error| self.no_member(name, &error))
    }

    fn no_member(&self, name: &str, error: &serde_json::Error) -> ClientError {
        self.unexpected(format!("{name}: {error}"))
    }

    pub(crate) fn unexpected(&self, detail: String) -> ClientError {
        ClientError::Unexpected { detail, text: self.text.clone() }
    }

    fn refusal(&self) -> Refusal {
        let header = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok());
        let body: ErrorBody = serde_json::from_str(&self.text).unwrap_or_default();
        let (code, message, parameter, request_id) = match body.error {
            ErrorMember::Detailed { code, message, parameter, request_id } => {
                (code, message, parameter, request_id)
            }
            ErrorMember::Code(code) => {
                let message =
                    if body.error_description.is_empty() { &self.text } else { &body.error_description };
                (code, message.clone(), None, header("x-request-id").unwrap_or_default().to_owned())
            }
        };
        Refusal { status: self.status, code, message, parameter, request_id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> Answer {
        let response = http::Response::builder().status(status).header("x-request-id", "req-9");
        Answer::new(response.body(Bytes::from_static(body.as_bytes())).unwrap())
    }

    fn refusal(status: u16, body: &'static str) -> Refusal {
        match answer(status, body).accepted() {
            Err(ClientError::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refusal_says_what_is_wrong_and_under_which_request() {
        let refused = refusal(
            400,
            r#"{"status": false, "error": {"code": "invalid_parameter", "message": "expected a number",
                "parameter": "limit", "request_id": "req-1"}}"#,
        );
        assert_eq!(
            (refused.code.as_str(), refused.parameter.as_deref()),
            ("invalid_parameter", Some("limit"))
        );
        assert_eq!((refused.status, refused.request_id.as_str()), (400, "req-1"));
    }

    #[test]
    fn a_token_is_refused_in_the_words_of_its_rfc() {
        let refused = refusal(401, r#"{"error": "invalid_client", "error_description": "unknown client"}"#);
        assert_eq!((refused.code.as_str(), refused.message.as_str()), ("invalid_client", "unknown client"));
        assert_eq!(refused.request_id, "req-9");
    }

    #[test]
    fn what_is_no_json_is_still_a_refusal() {
        let refused = refusal(502, "<html>bad gateway</html>");
        assert_eq!(
            (refused.code.as_str(), refused.message.as_str()),
            ("unknown", "<html>bad gateway</html>")
        );
    }

    #[test]
    fn amounts_keep_their_digits() {
        let body: Value = answer(200, r#"{"amount": 500.250000000000000001}"#).json().unwrap();
        assert_eq!(body["amount"].to_string(), "500.250000000000000001");
    }
}
