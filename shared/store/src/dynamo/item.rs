//! Items and keys as the wire has them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;

/// An item as the wire has it.
pub type Item = HashMap<String, AttributeValue>;

/// A string attribute.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The greatest key that sorts before `key`, as far as keys of ids and times go: its last character, one lower.
pub(crate) fn just_before(key: &str) -> String {
    let mut bytes = key.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last = last.saturating_sub(1);
    }
    // A tilde sorts behind every character of a key.
    String::from_utf8(bytes).map_or_else(|_| key.to_owned(), |text| text + "~")
}

/// A key of one attribute.
pub(crate) fn key(name: &str, value: impl Into<String>) -> Item {
    Item::from([(name.to_owned(), text(value))])
}

/// A key of two attributes.
pub(crate) fn key2(first: (&str, &str), second: (&str, &str)) -> Item {
    Item::from([(first.0.to_owned(), text(first.1)), (second.0.to_owned(), text(second.1))])
}

/// Turns a row into an item.
pub(crate) fn to_item<T: Serialize>(table: &str, row: &T) -> Result<Item, StoreError> {
    serde_dynamo::to_item(row).map_err(|error| StoreError::Corrupt {
        table: table.to_owned(),
        key: "(new)".to_owned(),
        detail: error.to_string(),
    })
}

/// Turns an item into a row; one that does not fit is corrupt, never skipped.
pub(crate) fn from_item<T: DeserializeOwned>(table: &str, item: Item) -> Result<T, StoreError> {
    let key = ["id", "pk", "subject"]
        .iter()
        .find_map(|name| item.get(*name)?.as_s().ok().cloned())
        .unwrap_or_default();
    serde_dynamo::from_item(item).map_err(|error| StoreError::Corrupt {
        table: table.to_owned(),
        key,
        detail: error.to_string(),
    })
}
