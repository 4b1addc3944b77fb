//! JSON objects from outside, read member by member: what is missing, malformed or unknown is refused by name.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::bounds::is_text;
use crate::json::JsonObject;
use crate::money::decimal_from_json;

/// A member that is missing, malformed or unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {expected}")]
pub struct InvalidField {
    /// The member, with the path to it; `body` for the whole.
    pub name: String,
    /// What was expected, for people.
    pub expected: String,
}

/// The members of an object. `null` counts as absent.
pub struct Fields<'a> {
    members: &'a Map<String, Value>,
    /// Where the object stands in the body, with a dot behind it; nothing for the body itself.
    path: String,
    known: RefCell<BTreeSet<String>>,
}

impl InvalidField {
    /// A refusal of the member `name`.
    #[must_use]
    pub fn new(name: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { name: name.into(), expected: expected.into() }
    }
}

impl<'a> Fields<'a> {
    /// Takes an object.
    ///
    /// # Errors
    /// For anything else.
    pub fn of(value: &'a Value) -> Result<Self, InvalidField> {
        let members = value.as_object().ok_or_else(|| InvalidField::new("body", "expected a JSON object"))?;
        Ok(Self { members, path: String::new(), known: RefCell::default() })
    }

    /// The object in a member, whose own members are named with the path to them.
    ///
    /// # Errors
    /// When it is something else.
    pub fn nested(&self, name: &str) -> Result<Option<Self>, InvalidField> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let members = value.as_object().ok_or_else(|| self.refused(name, "expected an object"))?;
        Ok(Some(Self { members, path: format!("{}{name}.", self.path), known: RefCell::default() }))
    }

    /// The members' names, in the order in which they stand.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.members.keys().map(String::as_str)
    }

    /// Whether the member is there and null: the caller wants it gone.
    pub fn is_cleared(&self, name: &str) -> bool {
        self.known.borrow_mut().insert(name.to_owned());
        self.members.get(name).is_some_and(Value::is_null)
    }

    /// A flag.
    ///
    /// # Errors
    /// For anything else.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, InvalidField> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        value.as_bool().map(Some).ok_or_else(|| self.refused(name, "expected true or false"))
    }

    /// A refusal of a member, which is named with the path to it.
    pub fn refused(&self, name: &str, expected: impl Into<String>) -> InvalidField {
        InvalidField::new(format!("{}{name}", self.path), expected)
    }

    fn missing(&self, name: &str) -> InvalidField {
        self.refused(name, "is required")
    }

    /// The member's value.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.known.borrow_mut().insert(name.to_owned());
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A text of 1 to `max` characters.
    ///
    /// # Errors
    /// When it is something else, empty, longer, or holds control characters.
    pub fn text(&self, name: &str, max: usize) -> Result<Option<String>, InvalidField> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let text = value.as_str().filter(|text| is_text(text, max));
        let text =
            text.ok_or_else(|| self.refused(name, format!("expected a text of 1 to {max} characters")))?;
        Ok(Some(text.to_owned()))
    }

    /// A text that `parse` reads.
    ///
    /// # Errors
    /// With what `parse` expects.
    pub fn parsed<T, E: fmt::Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, InvalidField> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(|| self.refused(name, "expected a text"))?;
        parse(text).map(Some).map_err(|error| self.refused(name, error.to_string()))
    }

    /// A text that `parse` reads and that has to be there.
    ///
    /// # Errors
    /// When it is missing, or with what `parse` expects.
    pub fn required<T, E: fmt::Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, InvalidField> {
        self.parsed(name, parse)?.ok_or_else(|| self.missing(name))
    }

    /// An exact decimal, as a JSON number or a text, that has to be there.
    ///
    /// # Errors
    /// When it is missing or no number.
    pub fn decimal(&self, name: &str) -> Result<Decimal, InvalidField> {
        let value = self.value(name).ok_or_else(|| self.missing(name))?;
        decimal_from_json(value).map_err(|error| self.refused(name, error.to_string()))
    }

    /// A whole number in `range`.
    ///
    /// # Errors
    /// For anything else.
    pub fn integer(&self, name: &str, range: RangeInclusive<u32>) -> Result<Option<u32>, InvalidField> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let number =
            value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|n| range.contains(n));
        let expected = format!("expected a whole number from {} to {}", range.start(), range.end());
        number.map(Some).ok_or_else(|| self.refused(name, expected))
    }

    /// A free-form object, bounded.
    ///
    /// # Errors
    /// When it is something else or too large.
    pub fn object(&self, name: &str) -> Result<Option<JsonObject>, InvalidField> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let map = value.as_object().ok_or_else(|| self.refused(name, "expected an object"))?;
        JsonObject::new(map.clone()).map(Some).map_err(|error| self.refused(name, error.to_string()))
    }

    /// A list of texts that `parse` reads.
    ///
    /// # Errors
    /// When it is something else, or with what `parse` expects.
    pub fn words<T, E: fmt::Display>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<Vec<T>>, InvalidField> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let expected = || self.refused(name, "expected a list of texts");
        let items = value.as_array().ok_or_else(expected)?;
        let read = |item: &Value| {
            let text = item.as_str().ok_or_else(expected)?;
            parse(text).map_err(|error| self.refused(name, error.to_string()))
        };
        items.iter().map(read).collect::<Result<Vec<_>, _>>().map(Some)
    }

    /// Ends the reading: every member must have been asked for.
    ///
    /// # Errors
    /// Naming the first that was not.
    pub fn finish(&self) -> Result<(), InvalidField> {
        let known = self.known.borrow();
        match self.members.keys().find(|name| !known.contains(*name)) {
            Some(name) => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                Err(self.refused(name, format!("unknown member; expected {}", known.join(", "))))
            }
            None => Ok(()),
        }
    }
}
