//! The refusals of RFC 6749, section 5.2.

use lambda_http::http::header::{HeaderValue, WWW_AUTHENTICATE};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::problem::Problem;
use serde_json::json;

/// Why there is no token.
#[derive(Debug)]
pub enum Refusal {
    /// The request is not what the RFC describes; the text says what was expected.
    InvalidRequest(&'static str),
    /// Nobody we know, and no word about what of it was wrong.
    InvalidClient,
    UnsupportedGrantType,
    /// The right secret, from where the client may not call.
    UnauthorizedClient,
    InvalidScope,
    /// No fault of the client's.
    Failed(Problem),
}

impl Refusal {
    /// The answer that tells it.
    ///
    /// # Errors
    /// What failed, for whoever writes the log.
    pub fn into_answer(self) -> Result<Answer, Problem> {
        let (status, error, description) = match self {
            Self::InvalidRequest(description) => (400, "invalid_request", description),
            Self::InvalidClient => (401, "invalid_client", "expected a client id with its secret"),
            Self::UnsupportedGrantType => (400, "unsupported_grant_type", "expected client_credentials"),
            Self::UnauthorizedClient => {
                (400, "unauthorized_client", "expected a call from one of the client's allowed addresses")
            }
            Self::InvalidScope => {
                (400, "invalid_scope", "expected scopes of the client, separated by spaces")
            }
            Self::Failed(problem) => return Err(problem),
        };
        let answer = Answer::json(status, &json!({"error": error, "error_description": description}))?;
        Ok(match status {
            401 => {
                let scheme = HeaderValue::from_static("Basic realm=\"paywarden\"");
                answer.with_header(WWW_AUTHENTICATE, scheme)
            }
            _ => answer,
        })
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}
