//! What a form of settings changes. The form has what somebody saw beside what they filled in, so that only what they changed is
//! sent, and somebody else's change of another setting stays.

use serde_json::{Map, Value};

use super::groups::{Group, Setting};
use crate::asked::Asked;

/// The field that has what was seen of a setting.
pub fn seen_name(setting: &Setting) -> String {
    format!("seen.{}", setting.name)
}

/// The members of `PATCH /merchant` that are different from what was seen. An empty field is as usual again; one that the form
/// does not have stays as it is.
pub fn of(group: &Group, form: &Asked) -> Map<String, Value> {
    let mut body = Map::new();
    for setting in group.settings.iter().filter(|setting| is_changed(setting, form)) {
        put(&mut body, setting.place(), form.text(&setting.name));
    }
    body
}

/// Whether somebody filled in something else than they saw.
pub fn is_changed(setting: &Setting, form: &Asked) -> bool {
    let is_there = form.pairs().any(|(name, _)| name == setting.name);
    is_there && form.text(&setting.name) != form.text(&seen_name(setting))
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
