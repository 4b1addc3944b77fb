//! The functions' roles.

use serde_json::Value;

use crate::expanded::{Expanded, bucket, listed, text};

/// A role names its actions, and each thing that it may use: the only wildcard is at the end, for the objects under a prefix and
/// for what the service appends to the name of a secret. A bucket is named as it is called: a role that names another one is
/// refused at run time.
pub fn name_what_they_use(template: &Expanded) -> Vec<String> {
    let buckets: Vec<&str> = template.bucket_names().collect();
    let mut findings = Vec::new();
    for (id, role) in template.of_type("AWS::IAM::Role") {
        for statement in statements(role) {
            for action in listed(&statement["Action"]).into_iter().filter_map(Value::as_str) {
                if action.contains('*') {
                    findings.push(format!("{id}: it may {action}"));
                }
            }
            for resource in listed(&statement["Resource"]).into_iter().filter_map(text) {
                if is_wide(resource) || is_unknown_bucket(resource, &buckets) {
                    findings.push(format!("{id}: it may use {resource}"));
                }
            }
        }
    }
    findings
}

/// The console shows what the API shows to whoever is looking, and can show nothing else: it may touch no data, and writes its log
/// like every function.
pub fn of_the_console_touches_nothing(template: &Expanded) -> Vec<String> {
    let console = template.of_type("AWS::IAM::Role").filter(|(id, _)| id.starts_with("ServeConsole"));
    let touching = console.filter(|(_, role)| statements(role).next().is_some());
    touching.map(|(id, _)| format!("{id}: the console may touch data")).collect()
}

/// The statements of the policies that the role has for itself.
fn statements(role: &Value) -> impl Iterator<Item = &Value> {
    let policies = role["Properties"]["Policies"].as_array();
    policies.into_iter().flatten().flat_map(|policy| listed(&policy["PolicyDocument"]["Statement"]))
}

fn is_wide(resource: &str) -> bool {
    let named = resource.strip_suffix("/*").or_else(|| resource.strip_suffix("-*")).unwrap_or(resource);
    named.contains('*')
}

fn is_unknown_bucket(resource: &str, buckets: &[&str]) -> bool {
    bucket(resource).is_some_and(|name| !buckets.contains(&name))
}
