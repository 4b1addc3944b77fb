//! What can go wrong in a store, by what the caller can do about it.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A failed store operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The condition of a write did not hold: somebody else was first. Read again and decide again.
    #[error("a conditional write found another state")]
    Conflict,
    /// The service did not do it: throttled, timed out, refused. May go through later.
    #[error("{operation} failed: {detail}")]
    Unavailable {
        operation: &'static str,
        /// What the service said, for operators.
        detail: String,
    },
    /// What was read is not what this code writes.
    #[error("{table} holds an item that cannot be read at {key}: {detail}")]
    Corrupt {
        table: String,
        key: String,
        /// What is wrong with it.
        detail: String,
    },
}

/// A failure of which it is known whether the same can be done again.
pub trait Retryable: std::error::Error {
    /// Whether trying again can help without anybody changing anything.
    fn is_retryable(&self) -> bool;
}

impl Retryable for StoreError {
    fn is_retryable(&self) -> bool {
        match self {
            Self::Conflict | Self::Unavailable { .. } => true,
            Self::Corrupt { .. } => false,
        }
    }
}

impl StoreError {
    /// Sorts an SDK error: failed conditions apart, everything else unavailable.
    pub(crate) fn from_sdk<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
        let message = error.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or_default();
        match code {
            "ConditionalCheckFailedException" => Self::Conflict,
            // The reasons are listed by action; one failed condition or a clash with another write is a conflict.
            "TransactionCanceledException" if is_conflict(message) => Self::Conflict,
            "TransactionConflictException" => Self::Conflict,
            _ => Self::Unavailable { operation, detail: describe(code, message, error) },
        }
    }
}

/// The rows that this code can read. A newer version may have written one that it cannot: that one is left out, logged and
/// counted, and takes no other along. Only for lists of what stands by itself; a sum must not be made of some of its parts.
///
/// # Errors
/// Whatever else went wrong.
pub(crate) fn readable<T>(
    rows: impl IntoIterator<Item = Result<T, StoreError>>,
) -> Result<Vec<T>, StoreError> {
    let rows = rows.into_iter().map(|row| passing_over(row.map(Some)));
    rows.filter_map(Result::transpose).collect()
}

/// What was found, or nothing where it cannot be read, which is logged and counted: a sweep goes on to the next one.
///
/// # Errors
/// Whatever else went wrong.
pub fn passing_over<T: Default>(found: Result<T, StoreError>) -> Result<T, StoreError> {
    match found {
        Err(StoreError::Corrupt { table, key, detail }) => {
            let error_detail = detail.as_str();
            tracing::error!(table, key, error_detail, metric = "unreadable_row", "a row cannot be read");
            Ok(T::default())
        }
        other => other,
    }
}

fn is_conflict(message: &str) -> bool {
    message.contains("ConditionalCheckFailed") || message.contains("TransactionConflict")
}

fn describe(code: &str, message: &str, error: &dyn std::error::Error) -> String {
    if !code.is_empty() {
        return format!("{code}: {message}");
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
