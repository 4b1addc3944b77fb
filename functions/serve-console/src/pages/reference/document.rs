//! The API's document, as it was compiled in: read once, when somebody first looks at it.

use std::sync::LazyLock;

use http::Method;
use paywarden_domain::access::Scope;
use serde_json::Value;

static ROOT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../../infra/openapi.json")).unwrap_or_default()
});

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let mut operations = read(&root()["paths"], false);
    operations.extend(read(&root()["webhooks"], true));
    operations
});

fn root() -> &'static Value {
    &ROOT
}

/// Longest chain of references that is followed.
const LONGEST_CHAIN: usize = 8;

/// An operation.
pub struct Operation {
    pub id: &'static str,
    pub method: Method,
    pub path: &'static str,
    pub tag: &'static str,
    pub summary: &'static str,
    pub description: &'static str,
    pub access: Access,
    pub parameters: Vec<Parameter>,
    /// What it takes, by the kinds that it may be of.
    pub bodies: Vec<Content>,
    pub answers: Vec<Described>,
}

/// Who may ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever has a token with this scope.
    Scope(Scope),
    /// Whoever has a token.
    Token,
    /// Everybody: it is asked without a token.
    Open,
    /// Nobody: the API asks it, of the merchant's own systems.
    Ours,
}

/// A parameter.
pub struct Parameter {
    pub name: &'static str,
    pub place: Place,
    pub description: &'static str,
    pub is_required: bool,
    pub schema: &'static Value,
    /// Whether several values are several parameters; else they are one with commas.
    pub is_repeated: bool,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Path,
    Query,
    Header,
}

impl Place {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

/// A body of some kind, such as `application/json`.
pub struct Content {
    pub kind: &'static str,
    pub schema: &'static Value,
    /// One of the document's own examples, if it has any.
    pub example: Option<&'static Value>,
}

/// An answer.
pub struct Described {
    pub status: &'static str,
    pub description: &'static str,
    pub contents: Vec<Content>,
}

/// All operations in the document's order; those that the API asks of others are last.
pub fn operations() -> &'static [Operation] {
    &OPERATIONS
}

/// The operation of an id.
pub fn find(id: &str) -> Option<&'static Operation> {
    operations().iter().find(|operation| operation.id == id)
}

/// The groups of operations, in their order.
pub fn tags() -> impl Iterator<Item = &'static str> {
    root()["tags"].as_array().into_iter().flatten().map(|tag| text(&tag["name"]))
}

/// What holds for all of them.
pub fn introduction() -> &'static str {
    root().pointer("/info/description").map(text).unwrap_or_default()
}

/// What a reference leads to.
pub fn resolved(value: &'static Value) -> &'static Value {
    let mut value = value;
    for _ in 0..LONGEST_CHAIN {
        let reference = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        match reference.and_then(|pointer| root().pointer(pointer)) {
            Some(found) => value = found,
            None => return value,
        }
    }
    value
}

fn text(value: &'static Value) -> &'static str {
    value.as_str().unwrap_or_default().trim()
}

fn list(value: &'static Value) -> impl Iterator<Item = &'static Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &'static Value) -> impl Iterator<Item = (&'static str, &'static Value)> {
    value.as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member))
}

fn read(paths: &'static Value, is_ours: bool) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, methods) in members(paths) {
        for (method, described) in members(methods) {
            let Ok(method) = method.to_ascii_uppercase().parse::<Method>() else { continue };
            operations.push(operation(method, path, described, is_ours));
        }
    }
    operations
}

fn operation(method: Method, path: &'static str, described: &'static Value, is_ours: bool) -> Operation {
    let answers = members(&described["responses"]).map(|(status, answer)| {
        let answer = resolved(answer);
        Described { status, description: text(&answer["description"]), contents: contents(answer) }
    });
    Operation {
        id: text(&described["operationId"]),
        method,
        path,
        tag: list(&described["tags"]).map(text).next().unwrap_or_default(),
        summary: text(&described["summary"]),
        description: text(&described["description"]),
        access: if is_ours { Access::Ours } else { access(&described["security"]) },
        parameters: list(&described["parameters"]).filter_map(|one| parameter(resolved(one))).collect(),
        bodies: contents(resolved(&described["requestBody"])),
        answers: answers.collect(),
    }
}

/// An operation that may be asked without anything, or only with a client's own credentials, is open.
fn access(security: &'static Value) -> Access {
    let mut schemes = list(security).flat_map(members).filter(|(scheme, _)| *scheme == "oauth2");
    match schemes.next() {
        None => Access::Open,
        Some((_, scopes)) => {
            let scope = list(scopes).find_map(|scope| Scope::parse(text(scope)).ok());
            scope.map_or(Access::Token, Access::Scope)
        }
    }
}

fn parameter(described: &'static Value) -> Option<Parameter> {
    let place = match text(&described["in"]) {
        "path" => Place::Path,
        "query" => Place::Query,
        "header" => Place::Header,
        _ => return None,
    };
    Some(Parameter {
        name: text(&described["name"]),
        place,
        description: text(&described["description"]),
        is_required: described["required"] == true,
        schema: resolved(&described["schema"]),
        is_repeated: described["explode"] != false,
    })
}

fn contents(value: &'static Value) -> Vec<Content> {
    let content = |(kind, content): (&'static str, &'static Value)| Content {
        kind,
        schema: &content["schema"],
        example: members(&content["examples"]).map(|(_, example)| &example["value"]).next(),
    };
    members(&value["content"]).map(content).collect()
}
