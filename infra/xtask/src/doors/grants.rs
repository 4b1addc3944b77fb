//! What a function's role lets it do, in words.

use serde_norway::Value;

use crate::template::{kebab, listed, text};

/// Names of what may be read and written, each once, in the template's order.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grants {
    reads: Vec<String>,
    writes: Vec<String>,
}

impl Grants {
    /// What the policies of a function allow.
    pub(super) fn of(properties: &Value) -> Self {
        let mut grants = Self::default();
        for policy in listed(properties.get("Policies")) {
            for statement in listed(policy.get("Statement")) {
                let actions = listed(statement.get("Action"));
                for resource in listed(statement.get("Resource")).into_iter().filter_map(text) {
                    for action in actions.iter().filter_map(|action| action.as_str()) {
                        grants.allow(action, resource);
                    }
                }
            }
        }
        grants
    }

    pub(super) fn reads(&self) -> String {
        self.reads.join(", ")
    }

    pub(super) fn writes(&self) -> String {
        self.writes.join(", ")
    }

    pub(super) fn may_read(&self, name: &str) -> bool {
        self.reads.iter().any(|read| read == name)
    }

    pub(super) fn may_write(&self, name: &str) -> bool {
        self.writes.iter().any(|written| written == name)
    }

    fn allow(&mut self, action: &str, resource: &str) {
        let (service, verb) = action.split_once(':').unwrap_or(("", action));
        // Listing a bucket only turns "forbidden" into "not there".
        if action == "s3:ListBucket" {
            return;
        }
        let is_read =
            ["Get", "BatchGet", "Query", "Scan", "Decrypt"].iter().any(|read| verb.starts_with(read));
        let names = if is_read { &mut self.reads } else { &mut self.writes };
        let name = named(service, resource);
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

fn named(service: &str, resource: &str) -> String {
    match service {
        "dynamodb" => kebab(logical_id(resource).trim_end_matches("Table")),
        "sqs" => format!("queue {}", kebab(logical_id(resource).trim_end_matches("Queue"))),
        "kms" => format!("secrets with {}", kebab(logical_id(resource))),
        "s3" => format!(
            "files under {}",
            resource.split_once('/').map_or("", |(_, key)| key).trim_end_matches('*')
        ),
        _ => behind_stage(resource).trim_end_matches("-*").to_owned(),
    }
}

/// `Id` of `Id.Arn` and of `${Id.Arn}/index/name`.
fn logical_id(resource: &str) -> &str {
    let resource = resource.trim_start_matches("${");
    resource.split('.').next().unwrap_or(resource)
}

/// What a name says behind the stage's.
fn behind_stage(resource: &str) -> &str {
    resource.rsplit_once("${Stage}-").map_or(resource, |(_, name)| name)
}
