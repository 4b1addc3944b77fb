//! Objects have names. Generators of clients make a type of each object: one that stands inside another has no name
//! but what they make up, and where it may also be null some of them give up. So an object is a component of its own,
//! or the whole of a body, and whether it may be null is said where it is used, as `anyOf` of the component and null. An
//! object without a list of members says that it takes any: to some generators it has none otherwise.

use serde_json::{Map, Value};

const UNNAMED: &str = "an object within another schema; give it a name in components/schemas and refer to it";
const NULLABLE: &str = "an object that may be null by itself; say so where it is used, with anyOf";
const EMPTY: &str = "an object that lists no members; say what it takes with additionalProperties";

/// Where schemas stand, each with what is wrong.
pub fn faults(document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, schema) in members(&document["components"]["schemas"]) {
        judge(&format!("components/schemas/{name}"), schema, true, &mut faults);
    }
    find(document, "", &mut faults);
    faults
}

/// The schemas of bodies, parameters and headers: whatever stands behind the word.
fn find(value: &Value, place: &str, faults: &mut Vec<String>) {
    for (name, member) in members(value) {
        let place = if place.is_empty() { name.clone() } else { format!("{place}/{name}") };
        match name.as_str() {
            "schema" => judge(&place, member, true, faults),
            // Judged by name.
            "schemas" => {}
            _ => find(member, &place, faults),
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        find(item, &format!("{place}/{index}"), faults);
    }
}

/// `whole`: whether an object may stand here, as a component or a body or a part that `allOf` joins to one.
fn judge(place: &str, schema: &Value, whole: bool, faults: &mut Vec<String>) {
    let types = &schema["type"];
    let listed = types.as_array().is_some_and(|types| types.iter().any(|one| one == "object"));
    let has_members = schema["properties"].is_object();
    if listed {
        faults.push(format!("{place}: {NULLABLE}"));
    } else if !whole && (types == "object" || has_members) {
        faults.push(format!("{place}: {UNNAMED}"));
    } else if types == "object" && !has_members && schema["additionalProperties"].is_null() {
        faults.push(format!("{place}: {EMPTY}"));
    }
    for (name, property) in members(&schema["properties"]) {
        judge(&format!("{place}/properties/{name}"), property, false, faults);
    }
    for name in ["items", "additionalProperties", "not"] {
        if schema[name].is_object() {
            judge(&format!("{place}/{name}"), &schema[name], false, faults);
        }
    }
    for (name, whole) in [("anyOf", false), ("oneOf", false), ("prefixItems", false), ("allOf", whole)] {
        for (index, part) in schema[name].as_array().into_iter().flatten().enumerate() {
            judge(&format!("{place}/{name}/{index}"), part, whole, faults);
        }
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn places(document: &Value) -> Vec<String> {
        faults(document).iter().filter_map(|fault| Some(fault.split_once(": ")?.0.to_owned())).collect()
    }

    fn component(schema: &Value) -> Vec<String> {
        let place = "components/schemas/Thing/";
        let found = places(&json!({"components": {"schemas": {"Thing": schema}}}));
        found.iter().map(|found| found.strip_prefix(place).unwrap_or(found).to_owned()).collect()
    }

    #[test]
    fn an_object_within_another_is_named_by_its_place() {
        let object = json!({"type": "object", "properties": {}});
        let nullable = json!({"type": ["object", "null"]});
        let either = json!({"anyOf": [{"type": "null"}, &object]});
        let cases = [
            (json!({"properties": {"tax": &object}}), "properties/tax"),
            (json!({"properties": {"tax": {"properties": {}}}}), "properties/tax"),
            (json!({"properties": {"tax": &nullable}}), "properties/tax"),
            (json!({"properties": {"tax": &either}}), "properties/tax/anyOf/1"),
            (json!({"properties": {"all": {"type": "array", "items": &object}}}), "properties/all/items"),
            (json!({"properties": {"all": {"allOf": [&object]}}}), "properties/all/allOf/0"),
            (json!({"additionalProperties": &nullable}), "additionalProperties"),
            (json!({"oneOf": [&object]}), "oneOf/0"),
            (json!({"allOf": [{"properties": {"schema": &object}}]}), "allOf/0/properties/schema"),
        ];
        for (schema, place) in cases {
            assert_eq!(component(&schema), [place], "{schema}");
        }
        for alone in [nullable, json!({"type": "object"})] {
            assert_eq!(component(&alone), ["components/schemas/Thing"]);
        }
        let body = json!({"paths": {"/things": {"post": {"requestBody": {"content": {"application/json": {
            "schema": {"type": "object", "properties": {"rules": &object}}}}}}}}});
        let place = "paths//things/post/requestBody/content/application/json/schema/properties/rules";
        assert_eq!(places(&body), [place]);
    }

    #[test]
    fn whole_bodies_components_and_joined_parts_may_be_objects() {
        let thing = json!({"$ref": "#/components/schemas/Thing"});
        let fine = json!({
            "allOf": [&thing, {"type": "object", "properties": {
                "tax": {"anyOf": [&thing, {"type": "null"}]},
                "words": {"type": "array", "items": {"enum": ["a"]}},
            }}],
            "additionalProperties": true,
        });
        assert_eq!(component(&fine), [""; 0]);
        let body = json!({"paths": {"/things": {"get": {"responses": {"200": {"content": {
            "application/json": {"schema": {"type": "object", "properties": {"thing": &thing}}}}}}}}}});
        assert_eq!(places(&body), [""; 0]);
    }
}
