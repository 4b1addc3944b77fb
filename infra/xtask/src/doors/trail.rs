//! Whoever changes something writes it on the audit trail, and can do nothing else to it.

use super::Door;

const TRAIL: &str = "audit";

/// The one who shows it.
const READER: &str = "list-audit-entries";

/// What merchants' own systems record is on each transaction's timeline instead (see `infra/decisions/0078-the-audit-trail.md`),
/// and a test changes nothing.
const NOT_AUDITED: [&str; 2] = ["record-transactions", "test-provider"];

/// What is wrong, a line each.
pub(super) fn findings(doors: &[Door]) -> Vec<String> {
    let wrong = doors.iter().filter_map(|door| Some(format!("{}: {}", door.name, finding(door)?)));
    wrong.collect()
}

fn finding(door: &Door) -> Option<&'static str> {
    let is_route = door.callers.starts_with('`') && door.scopes != "open";
    let changes =
        is_route && !door.callers.starts_with("`GET ") && !NOT_AUDITED.contains(&door.name.as_str());
    match (door.grants.may_write(TRAIL), door.grants.may_read(TRAIL)) {
        (false, _) if changes => Some("it changes something, and may not write on the audit trail"),
        (true, _) if !changes => Some("it changes nothing, and may write on the audit trail"),
        (_, true) if door.name != READER => Some("it may read the audit trail"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_norway::Value;

    use super::super::doors;
    use super::*;

    fn found(name: &str, method: &str, actions: &str) -> Vec<String> {
        let template = format!(
            "Resources: {{ F: {{ Type: 'AWS::Serverless::Function', Properties: {{ CodeUri: ../target/lambda/{name}/,
               Policies: [{{ Statement: [{{ Action: [{actions}], Resource: !GetAtt AuditTable.Arn }}] }}],
               Events: {{ Route: {{ Type: Api, Properties: {{ Method: {method}, Path: /things }} }} }} }} }} }}"
        );
        let document = format!(
            "paths: {{ /things: {{ {}: {{ security: [{{ oauth2: ['a:b'] }}] }} }} }}",
            method.to_lowercase()
        );
        let yaml = |text: &str| serde_norway::from_str::<Value>(text).unwrap();
        findings(&doors(&yaml(&template), &yaml(&document)).unwrap())
    }

    #[test]
    fn whoever_changes_something_writes_and_reads_nothing() {
        assert_eq!(found("update-thing", "PATCH", "'dynamodb:PutItem'"), Vec::<String>::new());
        assert_eq!(found(READER, "GET", "'dynamodb:Query'"), Vec::<String>::new());
        for (name, method, actions) in [
            ("update-thing", "PATCH", ""),
            ("update-thing", "PATCH", "'dynamodb:PutItem', 'dynamodb:Query'"),
            ("get-thing", "GET", "'dynamodb:PutItem'"),
            ("get-thing", "GET", "'dynamodb:Query'"),
        ] {
            assert_eq!(found(name, method, actions).len(), 1, "{name} {actions}");
        }
    }
}
