//! The parameters of a token request: a form in the body (RFC 6749, section 3.2).

use std::collections::HashMap;

use crate::refusal::Refusal;

/// Longest request that is read, in bytes.
const MAX_BODY_BYTES: usize = 8 * 1024;

/// Parameters by name.
#[derive(Debug, Default)]
pub struct Form(HashMap<String, String>);

impl Form {
    /// Reads the body. No parameter may come twice, known or not.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        if body.len() > MAX_BODY_BYTES {
            return Err(Refusal::InvalidRequest("expected a shorter body"));
        }
        let mut parameters = HashMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(Refusal::InvalidRequest("expected each parameter once"));
            }
        }
        Ok(Self(parameters))
    }

    /// A parameter. One without a value counts as left out.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
