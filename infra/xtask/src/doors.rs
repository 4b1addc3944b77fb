//! The directory of doors: a table of all functions in `functions/README.md`, made of the template and the API
//! document, and checked to be current; and what has to hold of them beside each other.

mod grants;
mod trail;

use anyhow::{Context, bail};
use serde_norway::Value;

use crate::paths::root;
use crate::template::{events, functions, kebab, name, read_yaml, routes, text};
use grants::Grants;

const README: &str = "functions/README.md";
const BEGIN: &str = "<!-- doors: written by `cargo xtask doors` -->\n";
const END: &str = "<!-- end of doors -->";

/// Writes the table, or checks that it is what would be written.
pub fn run(check: bool) -> anyhow::Result<()> {
    let path = root().join(README);
    let before = std::fs::read_to_string(&path).with_context(|| README.to_owned())?;
    let doors = doors(&read_yaml("infra/template.yaml")?, &read_yaml("infra/openapi.yaml")?)?;
    let after = between_markers(&before, &table(&doors))?;
    if !check {
        return std::fs::write(&path, after).with_context(|| README.to_owned());
    }
    if before != after {
        bail!("the table in {README} is out of date: cargo xtask doors");
    }
    let findings = trail::findings(&doors);
    if !findings.is_empty() {
        bail!("the audit trail is not kept as it is meant:\n  {}", findings.join("\n  "));
    }
    Ok(())
}

/// What does not hold of the functions of a template and a document beside each other, a line each.
#[cfg(test)]
pub fn findings(template: &Value, document: &Value) -> anyhow::Result<Vec<String>> {
    Ok(trail::findings(&doors(template, document)?))
}

fn between_markers(text: &str, table: &str) -> anyhow::Result<String> {
    let (before, rest) = text.split_once(BEGIN).with_context(|| format!("{README} has no {BEGIN}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("{README} has no {END}"))?;
    Ok(format!("{before}{BEGIN}\n{table}\n{END}{after}"))
}

/// One function. Doors sort by what calls them: routes by path, then whoever guards them, then workers by name.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Door {
    order: (u8, String),
    callers: String,
    name: String,
    scopes: String,
    grants: Grants,
}

/// The functions of a template and a document, in the order of the table.
fn doors(template: &Value, document: &Value) -> anyhow::Result<Vec<Door>> {
    let functions = functions(template)?;
    let doors: anyhow::Result<Vec<Door>> =
        functions.iter().map(|(_, properties)| Door::of(properties, template, document)).collect();
    let mut doors = doors?;
    doors.sort();
    Ok(doors)
}

fn table(doors: &[Door]) -> String {
    let mut table = "| Function | Called by | Scope | Reads | Writes |\n|---|---|---|---|---|\n".to_owned();
    for Door { name, callers, scopes, grants, .. } in doors {
        let (reads, writes) = (grants.reads(), grants.writes());
        table.push_str(&format!("| [{name}]({name}) | {callers} | {scopes} | {reads} | {writes} |\n"));
    }
    table
}

impl Door {
    fn of(properties: &Value, template: &Value, document: &Value) -> anyhow::Result<Self> {
        let name = name(properties)?.to_owned();
        let mut routes: Vec<_> = routes(properties).collect();
        routes.sort_by_key(|(method, path)| (path.clone(), *method));
        let callers: Vec<String> = events(properties)
            .map(|(kind, event)| caller(kind, event, template))
            .collect::<anyhow::Result<_>>()?;
        let order = match (routes.first(), callers.is_empty()) {
            (Some((method, path)), _) => (0, format!("{path} {method}")),
            (None, true) => (1, name.clone()),
            (None, false) => (2, name.clone()),
        };
        let callers =
            if callers.is_empty() { "the API, for every token".to_owned() } else { callers.join("<br>") };
        let scopes = match scopes(&routes, document) {
            none if none.is_empty() && !routes.is_empty() => "open".to_owned(),
            scopes => scopes.join(", "),
        };
        Ok(Self { order, callers, name, scopes, grants: Grants::of(properties) })
    }
}

/// What calls a function, in a few words.
fn caller(kind: &str, event: &Value, template: &Value) -> anyhow::Result<String> {
    let member =
        |name: &str| event.get(name).and_then(text).with_context(|| format!("a {kind} event has a {name}"));
    Ok(match kind {
        "Api" => format!("`{} {}`", member("Method")?, member("Path")?),
        "SQS" => format!("queue {}", kebab(resource(member("Queue")?).trim_end_matches("Queue"))),
        "DynamoDB" => format!("changes of {}", kebab(resource(member("Stream")?).trim_end_matches("Table"))),
        "ScheduleV2" => schedule(member("ScheduleExpression")?, template).to_owned(),
        "S3" => format!("new files in {}", kebab(member("Bucket")?)),
        other => bail!("what calls functions by {other}? say so in doors.rs"),
    })
}

/// The logical id in `Id.Attribute`.
fn resource(attribute: &str) -> &str {
    attribute.split('.').next().unwrap_or(attribute)
}

/// An expression, or the default of the parameter that holds it.
fn schedule<'a>(expression: &'a str, template: &'a Value) -> &'a str {
    let default =
        template.get("Parameters").and_then(|parameters| parameters.get(expression)?.get("Default"));
    default.and_then(Value::as_str).unwrap_or(expression)
}

/// The scopes that the document asks for on these routes.
fn scopes(routes: &[(&str, String)], document: &Value) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for (method, path) in routes {
        let operation =
            document.get("paths").and_then(|paths| paths.get(path.as_str())?.get(method.to_lowercase()));
        let security = operation.and_then(|operation| operation.get("security")?.as_sequence());
        let asked = security.into_iter().flatten().filter_map(|scheme| scheme.get("oauth2")?.as_sequence());
        scopes.extend(asked.flatten().filter_map(Value::as_str).map(|scope| format!("`{scope}`")));
    }
    scopes.sort();
    scopes.dedup();
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = r#"
Parameters:
  Often: { Type: String, Default: rate(5 minutes) }
Resources:
  SweepThingsFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ../target/lambda/sweep-things/
      Policies:
        - Statement:
            - { Effect: Allow, Action: [dynamodb:Query], Resource: !Sub "${ThingsTable.Arn}/index/due" }
            - { Effect: Allow, Action: [sqs:SendMessage], Resource: !GetAtt ThingRetriesQueue.Arn }
      Events:
        Schedule: { Type: ScheduleV2, Properties: { ScheduleExpression: !Ref Often } }
  GetThingFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ../target/lambda/get-thing/
      Policies:
        - Statement:
            - Effect: Allow
              Action: [dynamodb:GetItem, dynamodb:PutItem]
              Resource: !GetAtt ThingsTable.Arn
            - Effect: Allow
              Action: [s3:GetObject]
              Resource: !Sub arn:${AWS::Partition}:s3:::shop-${Stage}-files-${AWS::AccountId}/reports/*
            - Effect: Allow
              Action: [secretsmanager:GetSecretValue]
              Resource: !Sub arn:${AWS::Partition}:secretsmanager:r:a:secret:shop-${Stage}-cursor-keys-*
            - { Effect: Allow, Action: [kms:Decrypt], Resource: !GetAtt SecretsKey.Arn }
      Events:
        Route: { Type: Api, Properties: { Method: GET, Path: "/things/{id}" } }
"#;

    const DOCUMENT: &str =
        r#"paths: { "/things/{id}": { get: { security: [{ oauth2: ["things:read"] }] } } }"#;

    #[test]
    fn routes_come_first_and_grants_are_told_by_what_they_allow() {
        let yaml = |text: &str| serde_norway::from_str::<Value>(text).unwrap();
        let table = table(&doors(&yaml(TEMPLATE), &yaml(DOCUMENT)).unwrap());
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| [get-thing](get-thing) | `GET /things/{id}` | `things:read` | things, files under reports/, \
                 cursor-keys, secrets with secrets-key | things |",
                "| [sweep-things](sweep-things) | rate(5 minutes) |  | things | queue thing-retries |",
            ]
        );
    }

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let text = format!("before\n{BEGIN}old\n{END}\nafter\n");
        assert_eq!(
            between_markers(&text, "new\n").unwrap(),
            format!("before\n{BEGIN}\nnew\n\n{END}\nafter\n")
        );
        assert!(between_markers("no markers", "new").is_err());
    }
}
