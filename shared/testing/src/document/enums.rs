//! The sets of words in the document.

use serde_json::Value;

use super::document;

/// A set of words, and where it stands in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    /// The members on the way to it, joined by slashes; items of a list by their `name` or place.
    pub place: String,
    /// The words, in order. An allowed null is none.
    pub words: Vec<String>,
}

/// Every set of words, in the order of the document.
#[must_use]
pub fn enums() -> Vec<Enum> {
    let mut found = Vec::new();
    collect("", document(), &mut found);
    found
}

/// The scopes that tokens can have.
#[must_use]
pub fn security_scopes() -> Vec<String> {
    let schemes = document()["components"]["securitySchemes"]
        .as_object()
        .into_iter()
        .flat_map(|schemes| schemes.values());
    let flows = schemes.filter_map(|scheme| scheme["flows"].as_object()).flat_map(|flows| flows.values());
    flows.filter_map(|flow| flow["scopes"].as_object()).flat_map(|scopes| scopes.keys().cloned()).collect()
}

fn collect(place: &str, value: &Value, found: &mut Vec<Enum>) {
    let below = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}/{name}") };
    match value {
        Value::Object(members) => {
            if let Some(Value::Array(words)) = members.get("enum") {
                let words = words.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                found.push(Enum { place: place.to_owned(), words });
            }
            for (name, member) in members {
                collect(&below(name), member, found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let name = item["name"].as_str().map_or_else(|| index.to_string(), str::to_owned);
                collect(&below(&name), item, found);
            }
        }
        _ => {}
    }
}
