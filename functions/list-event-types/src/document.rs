//! The events as the API document describes them, so that there is no second description that could be another.

use std::collections::BTreeSet;

use paywarden_domain::webhook::EventType;
use serde_json::{Map, Value, json};

const DOCUMENT: &str = include_str!("../../../infra/openapi.json");

/// Where the document's schemas stand, and where those that a body needs stand in its own.
const COMPONENTS: &str = "#/components/schemas/";
const DEFINITIONS: &str = "#/$defs/";

/// All of them; a test holds the document to having each.
pub fn events() -> Vec<Value> {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    EventType::ALL.iter().filter_map(|event| described(&document, *event)).collect()
}

fn described(document: &Value, event: EventType) -> Option<Value> {
    let operation = document.get("webhooks")?.get(event.as_str())?.get("post")?;
    let content = operation.pointer("/requestBody/content/application~1json")?;
    let text = |name: &str| operation.get(name).and_then(Value::as_str).map(str::trim);
    let description = [text("summary")?, text("description")?].join(". ");
    Some(json!({
        "event": event,
        "description": description,
        "subscribable": event.is_subscribable(),
        "schema": standing_alone(content.get("schema")?, document.pointer("/components/schemas")?),
        "example": content.get("example")?,
    }))
}

/// A schema with everything that it refers to.
fn standing_alone(schema: &Value, components: &Value) -> Value {
    let (mut definitions, mut seen) = (Map::new(), BTreeSet::new());
    let mut open = names(schema);
    while let Some(name) = open.pop() {
        let Some(component) = components.get(&name).filter(|_| seen.insert(name.clone())) else {
            continue;
        };
        open.extend(names(component));
        definitions.insert(name, moved(component));
    }
    // The keyword and its neighbours count together, so one that is a reference as a whole needs nothing around it.
    let mut schema = moved(schema);
    if let Value::Object(members) = &mut schema {
        members.insert("$defs".to_owned(), Value::Object(definitions));
    }
    schema
}

/// The names of the components that a schema refers to itself.
fn names(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            let name = reference.and_then(|reference| reference.strip_prefix(COMPONENTS));
            name.map(str::to_owned).into_iter().chain(members.values().flat_map(names)).collect()
        }
        Value::Array(items) => items.iter().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

/// A schema whose references lead to its own definitions.
fn moved(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), moved_member(name, value))).collect()
        }
        Value::Array(items) => items.iter().map(moved).collect(),
        other => other.clone(),
    }
}

fn moved_member(name: &str, value: &Value) -> Value {
    let reference = value.as_str().filter(|_| name == "$ref");
    match reference.and_then(|reference| reference.strip_prefix(COMPONENTS)) {
        Some(component) => Value::String(format!("{DEFINITIONS}{component}")),
        None => moved(value),
    }
}

#[cfg(test)]
mod tests;
