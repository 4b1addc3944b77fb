//! Credentials: what a merchant got from the provider. They are never printed.

use std::collections::BTreeMap;
use std::fmt;

use paywarden_domain::provider::CredentialSummary;
use paywarden_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::registry::Adapter;

/// Longest value of one field, in bytes.
const MAX_VALUE_BYTES: usize = 4096;

/// Values by field key.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credentials(BTreeMap<String, String>);

impl Credentials {
    /// Values that have been checked before, or that a test makes up.
    #[must_use]
    pub fn new(values: BTreeMap<String, String>) -> Self {
        Self(values)
    }

    /// The same credentials with another value of one field.
    #[must_use]
    pub fn with(mut self, key: &str, value: String) -> Self {
        self.0.insert(key.to_owned(), value);
        self
    }

    /// The fields that have values.
    #[must_use]
    pub fn values(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// A field's value, if it has one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// A field that is not as the provider's type asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct FieldProblem {
    pub key: String,
    /// What is wrong with it, without its value.
    pub problem: String,
}

/// Checks values against the fields of a provider's type.
///
/// # Errors
/// Every missing, unknown and malformed field.
pub fn check_credentials(
    adapter: &dyn Adapter,
    values: &BTreeMap<String, String>,
) -> Result<Credentials, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let mut problem =
        |key: &str, problem: String| problems.push(FieldProblem { key: key.to_owned(), problem });
    for field in adapter.profile().fields {
        match values.get(field.key).map(String::as_str).filter(|value| !value.is_empty()) {
            None if field.required => problem(field.key, "is required".to_owned()),
            Some(value) if value.len() > MAX_VALUE_BYTES => {
                problem(field.key, format!("expected at most {MAX_VALUE_BYTES} bytes"));
            }
            Some(value) if !(field.accepts)(value) => {
                problem(field.key, format!("expected {}", field.format))
            }
            _ => {}
        }
    }
    for key in values.keys().filter(|key| adapter.profile().field(key).is_none()) {
        problem(key, "unknown field".to_owned());
    }
    if problems.is_empty() { Ok(Credentials(values.clone())) } else { Err(problems) }
}

/// What may be shown of credentials: of secrets that they are set, of other fields the value. What did not change keeps
/// the time at which it was set.
#[must_use]
pub fn summaries(
    adapter: &dyn Adapter,
    credentials: &Credentials,
    before: &BTreeMap<String, CredentialSummary>,
    changed: impl Fn(&str) -> bool,
    now: Timestamp,
) -> BTreeMap<String, CredentialSummary> {
    let is_secret = |key: &str| adapter.profile().field(key).is_none_or(|field| field.secret);
    let summary = |(key, value): (&String, &String)| {
        let kept = before.get(key).filter(|_| !changed(key)).cloned();
        let summary = kept.unwrap_or_else(|| CredentialSummary::of(value, is_secret(key), now));
        (key.clone(), summary)
    };
    credentials.0.iter().map(summary).collect()
}
