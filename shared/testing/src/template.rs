//! The deployed template: its tables, as the requests that create them, and its routes.

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
    for (name, resource) in &resources()? {
        if resource.get("Type").and_then(Yaml::as_str) != Some("AWS::DynamoDB::Table") {
            continue;
        }
        let name = name.as_str().unwrap_or_default().to_owned();
        let properties = resource.get("Properties").map(to_json).unwrap_or_default();
        tables.push(TableDefinition { request: request(&name, &properties), name });
    }
    Ok(tables)
}

/// The routes of a function: method and path.
pub(crate) fn routes(function: &str) -> anyhow::Result<Vec<(String, String)>> {
    let code = format!("../target/lambda/{function}/");
    let resources = resources()?;
    let properties = resources.values().filter_map(|resource| resource.get("Properties"));
    let mut functions = properties
        .filter(|properties| properties.get("CodeUri").and_then(Yaml::as_str) == Some(code.as_str()));
    let events = functions.next().and_then(|function| function.get("Events")?.as_mapping());
    let text = |event: &Yaml, name: &str| Some(event.get("Properties")?.get(name)?.as_str()?.to_owned());
    let route = |event: &Yaml| Some((text(event, "Method")?, text(event, "Path")?));
    Ok(events.into_iter().flat_map(Mapping::values).filter_map(route).collect())
}

fn resources() -> anyhow::Result<Mapping> {
    let template: Yaml = serde_norway::from_str(&std::fs::read_to_string(TEMPLATE)?)?;
    let resources = template.get("Resources").and_then(Yaml::as_mapping).cloned();
    resources.ok_or_else(|| anyhow::anyhow!("the template has no resources"))
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
