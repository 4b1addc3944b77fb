//! What a form of settings changes.

use serde_json::{Map, Value};

use super::groups::Group;
use crate::asked::Asked;

/// The members of `PATCH /merchant` that are different from what is there. An empty field is as usual again; one that the form
/// does not have stays as it is.
pub fn of(group: &Group, merchant: &Value, form: &Asked) -> Map<String, Value> {
    let mut body = Map::new();
    for setting in &group.settings {
        let given = form.text(&setting.name);
        let is_there = form.pairs().any(|(name, _)| name == setting.name);
        if is_there && given != setting.shown(merchant) {
            put(&mut body, setting.place(), given);
        }
    }
    body
}

fn put(body: &mut Map<String, Value>, place: (&str, Option<&str>), given: &str) {
    let (outer, inner) = place;
    let Some(inner) = inner else {
        body.insert(outer.to_owned(), Value::from(given));
        return;
    };
    // An export without a time is none.
    if outer == "ledger_export" && given.is_empty() {
        body.insert(outer.to_owned(), Value::Null);
        return;
    }
    let members = body.entry(outer).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(members) = members {
        members.insert(inner.to_owned(), value(given));
    }
}

/// A number where it is one; what is none is for the API to refuse.
fn value(given: &str) -> Value {
    match given.parse::<i64>() {
        _ if given.is_empty() => Value::Null,
        Ok(number) => Value::from(number),
        Err(_) => Value::from(given),
    }
}
