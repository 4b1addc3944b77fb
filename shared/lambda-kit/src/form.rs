//! The parameters of an OAuth request: a form in the body (RFC 6749, section 3.2).

use std::collections::HashMap;

/// Longest request that is read, in bytes. An ID token that lists two hundred groups is the longest parameter.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// A body that is no such form; the text says what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidForm(pub &'static str);

/// Parameters by name.
#[derive(Debug, Default)]
pub struct Form(HashMap<String, String>);

impl Form {
    /// Reads the body. No parameter may come twice, known or not.
    ///
    /// # Errors
    /// [`InvalidForm`].
    pub fn parse(body: &[u8]) -> Result<Self, InvalidForm> {
        if body.len() > MAX_BODY_BYTES {
            return Err(InvalidForm("expected a shorter body"));
        }
        let mut parameters = HashMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(InvalidForm("expected each parameter once"));
            }
        }
        Ok(Self(parameters))
    }

    /// A parameter. One without a value counts as left out.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
