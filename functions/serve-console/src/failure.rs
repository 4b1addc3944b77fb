//! Why a page is not shown as it was asked for.

use paywarden_api_client::{ClientError, Refusal};
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::problem::Problem;

#[derive(Debug)]
pub enum Failure {
    /// Nobody signed in, or not any more.
    SignedOut,
    /// There is no such page or thing.
    NotFound,
    /// A form of some other site.
    Foreign,
    /// A form of more than is read.
    TooLarge,
    /// It needs a scope that this person has not.
    Forbidden(Scope),
    /// The API refused the request, for a reason that people can do something about.
    Refused(Refusal),
    /// The API has no answer now.
    Unavailable { request_id: String, detail: String },
    /// Our own fault.
    Internal(Problem),
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Refused(refusal) => refusal.into(),
            ClientError::Transport(error) => {
                Self::Unavailable { request_id: String::new(), detail: error.to_string() }
            }
            ClientError::Unexpected { detail, .. } => Self::Internal(Problem::internal(detail)),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal.status {
            401 => Self::SignedOut,
            404 => Self::NotFound,
            429 | 500.. => Self::Unavailable { detail: refusal.message, request_id: refusal.request_id },
            _ => Self::Refused(refusal),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Internal(problem)
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Self::Internal(Problem::internal(error.to_string()))
    }
}

/// A refusal that a form can show; every other error is one of the page.
///
/// # Errors
/// [`Failure`].
pub fn refusal(error: ClientError) -> Result<Refusal, Failure> {
    match error {
        ClientError::Refused(refusal) if matches!(refusal.status, 400 | 409 | 412 | 422) => Ok(refusal),
        error => Err(error.into()),
    }
}
