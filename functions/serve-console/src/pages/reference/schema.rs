//! A schema as a table: each member by its whole name, what it is, and what is said of it.

use serde_json::Value;

use super::document::resolved;

/// How far down members are listed; what is deeper is told by the page of what it is.
const DEEPEST: usize = 6;

/// A member of a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Member {
    /// `transactions[].amount`.
    pub name: String,
    pub kind: String,
    pub is_required: bool,
    pub description: &'static str,
    /// Which values it may have: `one of PAID, FAILED`, `1 to 128 characters`.
    pub rules: Vec<String>,
}

/// All members of a body, each before its own. A body that has none is one member without a name.
pub fn members(schema: &'static Value) -> Vec<Member> {
    let mut found = Vec::new();
    walk("", schema, 0, &mut found);
    if found.is_empty() && schema.is_object() {
        found.push(member(String::new(), schema, true));
    }
    found
}

fn walk(prefix: &str, schema: &'static Value, depth: usize, found: &mut Vec<Member>) {
    if depth >= DEEPEST {
        return;
    }
    for schema in alternatives(schema) {
        let required: Vec<&str> = texts(&schema["required"]).collect();
        for (name, inner) in object(&schema["properties"]) {
            let name_here = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
            if found.iter().any(|member| member.name == name_here) {
                continue;
            }
            found.push(member(name_here.clone(), inner, required.contains(&name)));
            walk(&name_here, inner, depth + 1, found);
        }
        if schema["items"].is_object() {
            walk(&format!("{prefix}[]"), &schema["items"], depth + 1, found);
        }
        let others = &schema["additionalProperties"];
        if others.is_object() && !alternatives(others).iter().all(|other| other["properties"].is_null()) {
            walk(&format!("{prefix}.{{any}}"), others, depth + 1, found);
        }
    }
}

fn member(name: String, schema: &'static Value, is_required: bool) -> Member {
    let own = schema["description"].as_str();
    let shapes = alternatives(schema);
    let inherited = shapes.iter().find_map(|shape| shape["description"].as_str());
    Member {
        name,
        kind: kind(schema),
        is_required,
        description: own.or(inherited).unwrap_or_default().trim(),
        rules: shapes.iter().flat_map(|shape| rules(shape)).collect(),
    }
}

/// The schemas that a value may be of or is of, without null.
pub fn alternatives(schema: &'static Value) -> Vec<&'static Value> {
    let schema = resolved(schema);
    let of: Vec<&Value> =
        ["allOf", "anyOf", "oneOf"].iter().filter_map(|name| schema[*name].as_array()).flatten().collect();
    if of.is_empty() {
        return vec![schema];
    }
    of.into_iter().filter(|one| one["type"] != "null").flat_map(alternatives).collect()
}

/// What kind of value it is: `string`, `array of integer`, `object or null`.
pub fn kind(schema: &'static Value) -> String {
    let schema = resolved(schema);
    let mut kinds: Vec<String> = Vec::new();
    for shape in alternatives(schema) {
        for kind in plain_kinds(shape) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
    }
    let may_be_null = ["anyOf", "oneOf"]
        .iter()
        .filter_map(|name| schema[*name].as_array())
        .flatten()
        .any(|one| one["type"] == "null");
    if may_be_null && !kinds.iter().any(|kind| kind == "null") {
        kinds.push("null".to_owned());
    }
    kinds.join(" or ")
}

fn plain_kinds(shape: &'static Value) -> Vec<String> {
    let named = |name: &str| match name {
        "array" => format!("array of {}", kind(&shape["items"])),
        name => name.to_owned(),
    };
    match &shape["type"] {
        Value::String(name) => vec![named(name)],
        Value::Array(names) => names.iter().filter_map(Value::as_str).map(named).collect(),
        _ if shape["properties"].is_object() => vec!["object".to_owned()],
        _ if shape["const"].is_boolean() => vec!["boolean".to_owned()],
        _ if shape["enum"].is_array() || shape["const"].is_string() => vec!["string".to_owned()],
        _ => vec!["any value".to_owned()],
    }
}

/// Which values it may have.
pub fn rules(shape: &'static Value) -> Vec<String> {
    let mut rules = Vec::new();
    let words: Vec<String> = shape["enum"].as_array().into_iter().flatten().map(plain).collect();
    if !words.is_empty() {
        rules.push(format!("one of {}", words.join(", ")));
    }
    if !shape["const"].is_null() {
        rules.push(format!("always {}", plain(&shape["const"])));
    }
    rules.extend(range(&shape["minimum"], &shape["maximum"], ""));
    rules.extend(range(&shape["minLength"], &shape["maxLength"], " characters"));
    rules.extend(range(&shape["minItems"], &shape["maxItems"], " of them"));
    for (name, said) in [("exclusiveMinimum", "more than"), ("format", "a"), ("default", "by default")] {
        if !shape[name].is_null() {
            rules.push(format!("{said} {}", plain(&shape[name])));
        }
    }
    rules.extend(shape["pattern"].as_str().map(|pattern| match id_prefix(pattern) {
        Some(prefix) => format!("an id, {prefix}_…"),
        None => format!("as {pattern}"),
    }));
    let examples: Vec<String> = shape["examples"].as_array().into_iter().flatten().map(plain).collect();
    if !examples.is_empty() {
        rules.push(format!("such as {}", examples.join(", ")));
    }
    if shape["items"].is_object() {
        rules.extend(
            alternatives(&shape["items"])
                .iter()
                .filter(|item| item["properties"].is_null())
                .flat_map(|item| rules_of_items(item)),
        );
    }
    rules
}

/// How ids begin that have a pattern.
pub fn id_prefix(pattern: &str) -> Option<&str> {
    let (prefix, _) = pattern.strip_prefix('^')?.split_once("_[")?;
    // Of ids that may begin in several ways, all begin as the first does, if not always.
    Some(prefix.trim_start_matches('(').split('|').next().unwrap_or(prefix))
}

fn rules_of_items(item: &'static Value) -> Vec<String> {
    rules(item).into_iter().map(|rule| format!("each {rule}")).collect()
}

fn range(least: &Value, most: &Value, unit: &str) -> Option<String> {
    match (least.is_null(), most.is_null()) {
        (true, true) => None,
        (false, true) => Some(format!("at least {least}{unit}")),
        (true, false) => Some(format!("at most {most}{unit}")),
        (false, false) => Some(format!("{least} to {most}{unit}")),
    }
}

/// A value as people write it.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn texts(value: &'static Value) -> impl Iterator<Item = &'static str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn object(value: &'static Value) -> impl Iterator<Item = (&'static str, &'static Value)> {
    value.as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member))
}
