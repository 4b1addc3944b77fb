//! The deployed template: its tables, as the requests that create them, its routes, and what its functions find in their
//! environment.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use serde_norway::{Mapping, Value as Yaml};

const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/template.yaml");

/// A table's logical id in the template, and the request that creates it under that name.
pub(crate) struct TableDefinition {
    pub(crate) name: String,
    pub(crate) request: Value,
}

/// Reads every DynamoDB table of `infra/template.yaml`. Only what shapes a table is taken: keys, indexes, stream.
pub(crate) fn tables() -> anyhow::Result<Vec<TableDefinition>> {
    let mut tables = Vec::new();
    for (name, resource) in resources()? {
        if resource.get("Type").and_then(Yaml::as_str) != Some("AWS::DynamoDB::Table") {
            continue;
        }
        let name = name.as_str().unwrap_or_default().to_owned();
        let properties = resource.get("Properties").map(to_json).unwrap_or_default();
        tables.push(TableDefinition { request: request(&name, &properties), name });
    }
    Ok(tables)
}

/// The template, read once a process: tests ask it for every store that they wire.
fn read() -> anyhow::Result<&'static Yaml> {
    static READ: OnceLock<Yaml> = OnceLock::new();
    if let Some(template) = READ.get() {
        return Ok(template);
    }
    let template = serde_norway::from_str(&std::fs::read_to_string(TEMPLATE)?)?;
    Ok(READ.get_or_init(|| template))
}

fn resources() -> anyhow::Result<&'static Mapping> {
    let resources = read()?.get("Resources").and_then(Yaml::as_mapping);
    resources.ok_or_else(|| anyhow::anyhow!("the template has no resources"))
}

/// The properties of one function, or of all of them.
fn functions(function: Option<&str>) -> anyhow::Result<Vec<&'static Yaml>> {
    let is_wanted = |properties: &Yaml| {
        let code = properties.get("CodeUri").and_then(Yaml::as_str);
        code.is_some_and(|code| function.is_none_or(|name| code == format!("../target/lambda/{name}/")))
    };
    let properties = resources()?.values().filter_map(|resource| resource.get("Properties"));
    Ok(properties.filter(|properties| is_wanted(properties)).collect())
}

/// The routes of a function: method and path, as a document of the API writes them.
pub(crate) fn routes(function: &str) -> anyhow::Result<Vec<(String, String)>> {
    let text = |event: &Yaml, name: &str| Some(event.get("Properties")?.get(name)?.as_str()?.to_owned());
    let route = |event: &Yaml| Some((text(event, "Method")?, text(event, "Path")?.replace("+}", "}")));
    let functions = functions(Some(function))?;
    let events = functions.iter().filter_map(|function| function.get("Events")?.as_mapping());
    Ok(events.flat_map(Mapping::values).filter_map(route).collect())
}

/// The variables of one function, or those of all of them. What is another resource's name is its logical id; what is a
/// parameter has the parameter's default.
pub(crate) fn variables(function: Option<&str>) -> anyhow::Result<BTreeMap<String, String>> {
    let template = read()?;
    let mut variables = BTreeMap::new();
    for properties in functions(function)? {
        let own = properties.get("Environment").and_then(|own| own.get("Variables")?.as_mapping());
        for (name, value) in own.into_iter().flatten() {
            variables.insert(name.as_str().unwrap_or_default().to_owned(), variable(template, value));
        }
    }
    Ok(variables)
}

fn variable(template: &Yaml, value: &Yaml) -> String {
    let Yaml::Tagged(tagged) = value else {
        return to_json(value).as_str().unwrap_or_default().to_owned();
    };
    match &tagged.value {
        // `!If [IsLocal, local, else]`: tests are not local but where they say so.
        Yaml::Sequence(parts) => parts.get(2).map(|part| variable(template, part)).unwrap_or_default(),
        name => {
            let name = name.as_str().unwrap_or_default();
            let default = template.get("Parameters").and_then(|all| all.get(name)?.get("Default"));
            let default = default.map(|default| to_json(default).as_str().unwrap_or_default().to_owned());
            default.unwrap_or_else(|| name.to_owned())
        }
    }
}

fn request(name: &str, properties: &Value) -> Value {
    let mut request = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": properties["KeySchema"],
        "AttributeDefinitions": properties["AttributeDefinitions"],
    });
    for optional in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        if !properties[optional].is_null() {
            request[optional] = properties[optional].clone();
        }
    }
    if !properties["StreamSpecification"].is_null() {
        request["StreamSpecification"] =
            json!({"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"});
    }
    request
}

fn to_json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => json!(flag),
        Yaml::Number(number) => json!(number.to_string()),
        Yaml::String(text) => json!(text),
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        Yaml::Mapping(members) => {
            let members = members
                .iter()
                .map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), to_json(value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        // `!Ref` and its like shape no table; their text is kept for whoever looks.
        Yaml::Tagged(tagged) => to_json(&tagged.value),
    }
}
