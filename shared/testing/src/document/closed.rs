//! Closing the document's schemas. For callers they stay open, so that a new member breaks nobody; for our own tests
//! a member that is not listed is one that was forgotten.

use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";
const PARTS: &str = "#/components/parts/";

/// The document in which every schema that lists properties refuses others. A schema that is joined with others by
/// `allOf` knows only its share: there the whole is closed, and the part is referred to as it is before closing.
pub(super) fn close(document: &Value) -> Value {
    let mut closed = closed(document);
    let schemas = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    let parts: Map<_, _> = schemas.iter().map(|(name, schema)| (name.clone(), part(schema))).collect();
    closed["components"]["parts"] = Value::Object(parts);
    closed
}

fn closed(value: &Value) -> Value {
    let mut value = part(value);
    if let Value::Object(schema) = &mut value
        && (schema.contains_key("properties") || schema.contains_key("allOf"))
        && !schema.contains_key("additionalProperties")
    {
        schema.insert("unevaluatedProperties".to_owned(), json!(false));
    }
    value
}

/// The value itself as it is, what it holds closed.
fn part(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(closed).collect(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| (name.clone(), within(name, value));
            Value::Object(members.iter().map(member).collect())
        }
        other => other.clone(),
    }
}

fn within(name: &str, value: &Value) -> Value {
    match (name, value) {
        // A map of schemas by name, which may be any word, is no schema itself.
        ("properties", Value::Object(schemas)) => {
            Value::Object(schemas.iter().map(|(name, schema)| (name.clone(), closed(schema))).collect())
        }
        ("allOf", Value::Array(schemas)) => schemas.iter().map(joined).collect(),
        _ => closed(value),
    }
}

fn joined(schema: &Value) -> Value {
    let mut schema = part(schema);
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix(SCHEMAS)) {
        schema["$ref"] = json!(format!("{PARTS}{name}"));
    }
    schema
}
