//! What is different between two states of a thing, member by member.

use askama::Template;
use serde_json::Value;

use crate::view::cell;
use crate::view::html::Html;

#[derive(Debug, PartialEq, Eq)]
struct Difference {
    /// `fees.QRIS.amount`, `events[1]`.
    path: String,
    before: String,
    after: String,
}

#[derive(Template)]
#[template(path = "differences.html")]
struct Differences {
    differences: Vec<Difference>,
}

/// The members that differ, with both values.
///
/// # Errors
/// When the template fails, which it does not.
pub fn between(before: &Value, after: &Value) -> Result<Html, askama::Error> {
    let mut differences = Vec::new();
    compare("", Some(before), Some(after), &mut differences);
    if differences.is_empty() {
        return cell::text("the same before and after");
    }
    Html::of(&Differences { differences })
}

/// Walks down both sides as long as they are of the same kind.
fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (Some(Value::Object(left)), Some(Value::Object(right))) => {
            let added = right.keys().filter(|name| !left.contains_key(*name));
            for name in left.keys().chain(added) {
                let separator = if path.is_empty() { "" } else { "." };
                let path = format!("{path}{separator}{name}");
                compare(&path, left.get(name), right.get(name), found);
            }
        }
        (Some(Value::Array(left)), Some(Value::Array(right))) => {
            for place in 0..left.len().max(right.len()) {
                compare(&format!("{path}[{place}]"), left.get(place), right.get(place), found);
            }
        }
        (before, after) if before != after => {
            let [before, after] = [before, after].map(shown);
            found.push(Difference { path: path.to_owned(), before, after });
        }
        _ => {}
    }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_named() {
        let before = json!({"name": "A", "same": 1, "gone": true, "fee": {"amount": 1.50, "kept": null}, "list": ["x"]});
        let after = json!({"name": "B", "same": 1, "fee": {"amount": 1.75, "kept": null}, "list": ["x", "y"], "new": null});
        let mut found = Vec::new();
        compare("", Some(&before), Some(&after), &mut found);
        let lines: Vec<String> =
            found.iter().map(|one| format!("{}: {} → {}", one.path, one.before, one.after)).collect();
        assert_eq!(
            lines,
            [
                "name: A → B",
                "gone: true → nothing",
                "fee.amount: 1.5 → 1.75",
                "list[1]: nothing → y",
                "new: nothing → null",
            ]
        );
    }
}
