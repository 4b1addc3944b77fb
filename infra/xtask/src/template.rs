//! Reading the template and the API document.

use anyhow::Context;
use serde_norway::{Mapping, Value};

use crate::paths::root;

/// A file of the project as YAML.
pub fn read_yaml(path: &str) -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(root().join(path)).with_context(|| path.to_owned())?;
    serde_norway::from_str(&text).with_context(|| path.to_owned())
}

/// The template's functions: resource id and properties.
pub fn functions(template: &Value) -> anyhow::Result<Vec<(&str, &Value)>> {
    let resources =
        template.get("Resources").and_then(Value::as_mapping).context("the template has resources")?;
    let is_function =
        |resource: &Value| resource.get("Type").is_some_and(|kind| kind == "AWS::Serverless::Function");
    let named = resources.iter().filter(|(_, resource)| is_function(resource));
    Ok(named.filter_map(|(id, resource)| Some((id.as_str()?, resource.get("Properties")?))).collect())
}

/// The name of a function: the folder of its code.
pub fn name(properties: &Value) -> anyhow::Result<&str> {
    let uri = properties.get("CodeUri").and_then(Value::as_str).context("a function has a CodeUri")?;
    Ok(uri.trim_start_matches("../target/lambda/").trim_end_matches('/'))
}

/// What calls a function: the type and the properties of each of its events.
pub fn events(properties: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let events = properties.get("Events").and_then(Value::as_mapping);
    events
        .into_iter()
        .flat_map(Mapping::values)
        .filter_map(|event| Some((event.get("Type")?.as_str()?, event.get("Properties")?)))
}

/// The routes of a function: method and path, as a document of the API writes them. It knows no tails of several segments.
pub fn routes(properties: &Value) -> impl Iterator<Item = (&str, String)> {
    events(properties)
        .filter(|(kind, _)| *kind == "Api")
        .filter_map(|(_, event)| Some((event.get("Method")?.as_str()?, event.get("Path")?.as_str()?)))
        .map(|(method, path)| (method, path.replace("+}", "}")))
}

/// A text, also behind a short tag such as `!Ref`.
pub fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Tagged(tagged) => text(&tagged.value),
        other => other.as_str(),
    }
}

/// A value that may be one or a list of several, as a list.
pub fn listed(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Sequence(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

/// `list-transactions` as `ListTransactions`.
pub fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    name.split('-').map(capital).collect()
}

/// `TransactionEvents` as `transaction-events`.
pub fn kebab(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push('-');
        }
        words.extend(letter.to_lowercase());
    }
    words
}
