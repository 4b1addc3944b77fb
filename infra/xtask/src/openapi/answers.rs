//! Operations tell the answers that whoever calls them has to reckon with: what a generated client does not know of,
//! it throws away.

use serde_json::{Map, Value};

/// Of every operation: the gateway limits them all, and anything may fail.
const ALWAYS: [&str; 2] = ["429", "500"];
/// Of those that ask for a token.
const WITH_TOKEN: [&str; 2] = ["401", "403"];

/// The operations with what they leave out.
pub fn faults(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().into_iter().flat_map(Map::iter);
    let operations = paths.flat_map(|(path, operations)| {
        operations.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
    });
    operations
        .flat_map(|(path, method, operation)| {
            let left_out = expected(operation).filter(|status| operation["responses"][status].is_null());
            left_out.map(move |status| format!("{} {path}: no answer {status}", method.to_uppercase()))
        })
        .collect()
}

fn expected(operation: &Value) -> impl Iterator<Item = &'static str> {
    let schemes = operation["security"].as_array().into_iter().flatten();
    let with_token = schemes.into_iter().any(|scheme| scheme["oauth2"].is_array());
    ALWAYS.into_iter().chain(WITH_TOKEN.into_iter().filter(move |_| with_token))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_that_is_left_out_is_named() {
        let answers = |statuses: &[&str]| {
            statuses.iter().map(|status| ((*status).to_owned(), json!({}))).collect::<Map<_, _>>()
        };
        let document = json!({"paths": {
            "/open": {"get": {"security": [], "responses": answers(&["200", "429"])}},
            "/ours": {
                "get": {"security": [{"oauth2": ["a:read"]}], "responses": answers(&["401", "403", "429", "500"])},
                "post": {"security": [{"oauth2": []}], "responses": answers(&["403", "429", "500"])},
            },
        }});
        assert_eq!(faults(&document), ["GET /open: no answer 500", "POST /ours: no answer 401"]);
    }
}
