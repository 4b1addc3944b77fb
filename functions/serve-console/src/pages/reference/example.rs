//! A value as a schema describes it, to begin with: what is required, and little more.

use serde_json::{Map, Value, json};

use super::document::Content;
use super::schema::{alternatives, id_prefix, plain};

/// How deep an example goes.
const DEEPEST: usize = 6;

/// A body to begin with; the document's own example if it has one.
pub fn body(content: &Content) -> Value {
    content.example.cloned().unwrap_or_else(|| of(content.schema, 0))
}

/// A value to begin with.
fn of(schema: &'static Value, depth: usize) -> Value {
    let shapes = alternatives(schema);
    let Some(first) = shapes.first() else { return Value::Null };
    if let Some(given) = given(first) {
        return given;
    }
    if depth >= DEEPEST {
        return Value::Null;
    }
    match kind(first) {
        "object" => object(first, depth),
        "array" => json!([of(&first["items"], depth + 1)]),
        "integer" | "number" => number(first),
        "boolean" => json!(true),
        "string" => Value::String(text(first)),
        _ => Value::Null,
    }
}

/// What the schema itself names.
fn given(shape: &Value) -> Option<Value> {
    let places = [shape["examples"].get(0), shape.get("const"), shape["enum"].get(0), shape.get("default")];
    places.into_iter().flatten().find(|value| !value.is_null()).cloned()
}

fn kind(shape: &'static Value) -> &'static str {
    match &shape["type"] {
        Value::String(name) => name,
        Value::Array(names) => names.first().and_then(Value::as_str).unwrap_or_default(),
        _ if shape["properties"].is_object() => "object",
        _ => "",
    }
}

/// Its required members; of one that requires none, the first.
fn object(shape: &'static Value, depth: usize) -> Value {
    let required: Vec<&str> =
        shape["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let members = shape["properties"].as_object().into_iter().flatten();
    let wanted = |(place, (name, _)): &(usize, (&String, &Value))| {
        required.contains(&name.as_str()) || (required.is_empty() && *place == 0)
    };
    let made =
        members.enumerate().filter(wanted).map(|(_, (name, inner))| (name.clone(), of(inner, depth + 1)));
    Value::Object(made.collect::<Map<_, _>>())
}

fn number(shape: &Value) -> Value {
    match &shape["minimum"] {
        Value::Null => json!(1),
        least => least.clone(),
    }
}

fn text(shape: &Value) -> String {
    match shape["format"].as_str() {
        Some("date") => return "2026-11-20".to_owned(),
        Some("date-time") => return "2026-11-20T10:30:00+07:00".to_owned(),
        Some("uri") => return "https://example.com/".to_owned(),
        _ => {}
    }
    let pattern = shape["pattern"].as_str().unwrap_or_default();
    match (id_prefix(pattern), pattern) {
        (Some(prefix), _) => format!("{prefix}_…"),
        (None, "^[A-Z]{3}$") => "IDR".to_owned(),
        (None, pattern) if pattern.starts_with("^[0-9]{4}-") => "2026-11-20 10:30:00".to_owned(),
        _ => "…".to_owned(),
    }
}

/// What stands in an empty field as an example.
pub fn placeholder(schema: &'static Value) -> String {
    let shapes = alternatives(schema);
    let example = shapes.first().and_then(|shape| shape["examples"].get(0));
    let made = shapes.first().filter(|shape| shape["pattern"].is_string()).map(|shape| text(shape));
    example.map(plain).or(made).unwrap_or_default()
}
