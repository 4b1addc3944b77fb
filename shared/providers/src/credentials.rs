//! Credentials: what a merchant got from the provider. They are never printed.

use std::collections::BTreeMap;
use std::fmt;

use crate::registry::Adapter;

/// Longest value of one field, in bytes.
const MAX_VALUE_BYTES: usize = 4096;

/// Values by field key.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Credentials(BTreeMap<String, String>);

impl Credentials {
    /// Reads what [`Credentials::to_json_text`] wrote. `None` when it is something else.
    #[must_use]
    pub fn from_json_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// The values as JSON text, to be sealed.
    #[must_use]
    pub fn to_json_text(&self) -> String {
        serde_json::json!(self.0).to_string()
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
    /// The field.
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
    for field in adapter.fields() {
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
    for key in values.keys().filter(|key| adapter.fields().iter().all(|field| field.key != key.as_str())) {
        problem(key, "unknown field".to_owned());
    }
    if problems.is_empty() { Ok(Credentials(values.clone())) } else { Err(problems) }
}
