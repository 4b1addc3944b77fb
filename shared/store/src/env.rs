//! Configuration: environment variables, read once when the process starts, so that a missing one fails at once.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

/// The environment as it was when the process started.
#[derive(Debug, Clone, Default)]
pub struct Env(HashMap<String, String>);

/// A variable that is not there or not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {name}: {problem}")]
pub struct InvalidVariable {
    name: String,
    problem: String,
}

impl InvalidVariable {
    /// A variable with which something is wrong, or with others that belong to it.
    pub(crate) fn new(name: &str, problem: &dyn fmt::Display) -> Self {
        Self { name: name.to_owned(), problem: problem.to_string() }
    }
}

impl Env {
    /// This process's environment.
    #[must_use]
    pub fn process() -> Self {
        Self(std::env::vars().collect())
    }

    /// An environment of these variables.
    #[must_use]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        Self(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// The variable's value, if it has one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The variable's value.
    ///
    /// # Errors
    /// When it has none.
    pub fn required(&self, name: &str) -> Result<String, InvalidVariable> {
        let value = self.find(name).map(str::to_owned);
        value.ok_or_else(|| InvalidVariable { name: name.to_owned(), problem: "is not set".to_owned() })
    }

    /// The variable's value, read as a `T`.
    ///
    /// # Errors
    /// When it has none, or it is no `T`.
    pub fn parsed<T: FromStr<Err: fmt::Display>>(&self, name: &str) -> Result<T, InvalidVariable> {
        self.parsed_with(name, str::parse)
    }

    /// The variable's value, read by `parse`.
    ///
    /// # Errors
    /// When it has none, or `parse` refuses it.
    pub fn parsed_with<T, E: fmt::Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, InvalidVariable> {
        let value = self.required(name)?;
        parse(&value).map_err(|error| InvalidVariable { name: name.to_owned(), problem: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_empty_and_malformed_variables_are_named() {
        let env = Env::of(&[("EMPTY", ""), ("DAYS", "many"), ("GOOD", "7")]);
        assert_eq!(env.required("EMPTY").unwrap_err().to_string(), "environment variable EMPTY: is not set");
        assert!(
            env.parsed::<i64>("DAYS").unwrap_err().to_string().starts_with("environment variable DAYS: ")
        );
        assert_eq!(env.parsed::<i64>("GOOD"), Ok(7));
    }
}
