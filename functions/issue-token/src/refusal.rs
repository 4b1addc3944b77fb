//! The refusals of RFC 6749, section 5.2.

use lambda_http::http::header::{HeaderValue, WWW_AUTHENTICATE};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::form::InvalidForm;
use paywarden_lambda_kit::problem::Problem;
use paywarden_store::StoreError;
use serde_json::json;

/// Why there is no token.
#[derive(Debug)]
pub enum Refusal {
    /// The request is not what the RFC describes; the text says what was expected.
    InvalidRequest(&'static str),
    /// Nobody we know, and no word about what of it was wrong.
    InvalidClient,
    UnsupportedGrantType,
    /// No refresh token that is good, and no word about why.
    InvalidGrant,
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
            Self::UnsupportedGrantType => (
                400,
                "unsupported_grant_type",
                "expected client_credentials, refresh_token, or the token-exchange of a stage with an identity provider",
            ),
            Self::InvalidGrant => {
                (400, "invalid_grant", "expected a refresh token that is good: sign in again")
            }
            Self::UnauthorizedClient => {
                (400, "unauthorized_client", "expected a call from one of the client's allowed addresses")
            }
            Self::InvalidScope => {
                (400, "invalid_scope", "expected scopes of the client or the person, separated by spaces")
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

impl From<InvalidForm> for Refusal {
    fn from(invalid: InvalidForm) -> Self {
        Self::InvalidRequest(invalid.0)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}
