//! The law: whatever the order, the repetitions and the crashes in which something was said, it looks the same in the end.

use serde_json::Value;

use crate::remains::Remains;
use crate::views::views;
use crate::world::{CROOKED, STRAIGHT, World};

pub(super) fn check(world: &World, remains: &Remains) -> Vec<String> {
    let crooked = views(world, remains, &world.parties[CROOKED]);
    let straight = views(world, remains, &world.parties[STRAIGHT]);
    let mut wrong = Vec::new();
    for (name, view) in &crooked {
        differing(name, view, straight.get(name).unwrap_or(&Value::Null), &mut wrong);
    }
    wrong
}

/// What differs, by its path: texts of whole records would hide it.
fn differing(path: &str, crooked: &Value, straight: &Value, wrong: &mut Vec<String>) {
    match (crooked, straight) {
        (one, other) if one == other => {}
        (Value::Object(one), Value::Object(other)) => {
            for name in one.keys().chain(other.keys().filter(|name| !one.contains_key(*name))) {
                let [one, other] = [one, other].map(|members| members.get(name).unwrap_or(&Value::Null));
                differing(&format!("{path}.{name}"), one, other, wrong);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                differing(&format!("{path}[{index}]"), one, other, wrong);
            }
        }
        (one, other) => wrong.push(format!("the law: {path} is {one} in disorder, {other} in order")),
    }
}
