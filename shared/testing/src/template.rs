//! The tables of the deployed template, as the requests that create them.

use serde_json::{Map, Value, json};
use serde_norway::Value as Yaml;

const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/template.yaml");

/// A table's logical id in the template, and the request that creates it under that name.
pub(crate) struct TableDefinition {
    pub(crate) name: String,
    pub(crate) request: Value,
}

/// Reads every DynamoDB table of `infra/template.yaml`. Only what shapes a table is taken: keys, indexes, stream.
pub(crate) fn tables() -> anyhow::Result<Vec<TableDefinition>> {
    let template: Yaml = serde_norway::from_str(&std::fs::read_to_string(TEMPLATE)?)?;
    let resources = template.get("Resources").and_then(Yaml::as_mapping);
    let resources = resources.ok_or_else(|| anyhow::anyhow!("the template has no resources"))?;
    let mut tables = Vec::new();
    for (name, resource) in resources {
        if resource.get("Type").and_then(Yaml::as_str) != Some("AWS::DynamoDB::Table") {
            continue;
        }
        let name = name.as_str().unwrap_or_default().to_owned();
        let properties = resource.get("Properties").map(to_json).unwrap_or_default();
        tables.push(TableDefinition { request: request(&name, &properties), name });
    }
    Ok(tables)
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
