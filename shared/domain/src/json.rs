//! Free-form JSON that callers attach to a record, bounded at the door.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A JSON object whose text is at most [`JsonObject::MAX_BYTES`] long.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JsonObject(Map<String, Value>);

impl JsonObject {
    /// The longest text of one object, in bytes: a record stays well under 8 KB with four of them.
    pub const MAX_BYTES: usize = 2048;

    /// Takes an object if its compact text is short enough.
    ///
    /// # Errors
    /// [`TooLarge`] when it is not.
    pub fn new(map: Map<String, Value>) -> Result<Self, TooLarge> {
        let object = Self(map);
        if object.to_text().len() > Self::MAX_BYTES { Err(TooLarge) } else { Ok(object) }
    }

    /// Reads back what [`JsonObject::to_text`] wrote. `None` when the text is no JSON object.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// The compact JSON text, members in the order they came in.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.to_value().to_string()
    }

    /// The object as a JSON value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// Whether it has no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The member's text, if it is a string.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_str)
    }

    /// The member called `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The members' names.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// This object with the members of `other` that it lacks, as far as they fit.
    #[must_use]
    pub fn filled_from(&self, other: &Self) -> Self {
        let mut map = self.0.clone();
        for (key, value) in &other.0 {
            map.entry(key.clone()).or_insert_with(|| value.clone());
        }
        Self::new(map).unwrap_or_else(|TooLarge| self.clone())
    }
}

/// An object whose text is longer than [`JsonObject::MAX_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an object of at most {} bytes of JSON", JsonObject::MAX_BYTES)]
pub struct TooLarge;
