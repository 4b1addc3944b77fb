//! The API document, `infra/openapi.yaml`, as the judge of what functions answer and of the words they know.

mod closed;
mod enums;
mod parameters;
mod scopes;

use std::sync::OnceLock;

use lambda_http::http::Method;
use lambda_http::http::header::CONTENT_TYPE;
use paywarden_lambda_kit::answer::Answer;
use serde_json::{Value, json};

pub use enums::{Enum, enums, security_scopes};
pub use parameters::refuses_what_is_not_documented;
pub use scopes::asks_for_the_documented_scope;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/openapi.yaml");

/// The document as it is written.
fn document() -> &'static Value {
    static DOCUMENT_ONCE: OnceLock<Value> = OnceLock::new();
    DOCUMENT_ONCE.get_or_init(|| {
        let text = std::fs::read_to_string(DOCUMENT).expect("the API document can be read");
        serde_norway::from_str(&text).expect("the API document is YAML")
    })
}

/// The document with its schemas closed: a member that they do not list is an error.
fn closed_document() -> &'static Value {
    static CLOSED_ONCE: OnceLock<Value> = OnceLock::new();
    CLOSED_ONCE.get_or_init(|| closed::close(document()))
}

/// An operation of the document: a method on a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    method: String,
    path: String,
}

impl Operation {
    /// The operation of a route.
    ///
    /// # Panics
    /// When the document does not describe the route.
    #[must_use]
    pub fn of(method: &Method, path: &str) -> Self {
        let operation = Self { method: method.as_str().to_ascii_lowercase(), path: path.to_owned() };
        assert!(operation.described(document()).is_object(), "the document does not describe {operation}");
        operation
    }

    /// The scopes that a token needs for it; none where the route is open.
    #[must_use]
    pub fn scopes(&self) -> Vec<String> {
        let schemes = self.described(document())["security"].as_array().into_iter().flatten();
        let scopes = schemes.filter_map(Value::as_object).flat_map(serde_json::Map::values);
        scopes.filter_map(Value::as_array).flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Whether the answer is as the document says: its status, its content type, its body to the last member.
    ///
    /// # Errors
    /// What is not.
    pub fn judge(&self, answer: &Answer) -> Result<(), String> {
        let status = answer.status.as_str();
        let responses = &self.described(closed_document())["responses"];
        let response = resolved(closed_document(), &responses[status]);
        if response.is_null() {
            return Err(format!("{self} is not described as answering {status}"));
        }
        let content_type =
            answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let content_type = content_type.split(';').next().unwrap_or("").trim();
        let described = &response["content"][content_type];
        if described.is_null() {
            return Err(format!("{self} is not described as answering {status} with {content_type:?}"));
        }
        let body = match content_type {
            "application/json" => serde_json::from_str(&answer.body).map_err(|error| error.to_string())?,
            _ => json!(answer.body),
        };
        match &described["schema"] {
            Value::Null => Ok(()),
            schema => {
                fits(schema, &body).map_err(|error| format!("{self} answers {status} otherwise: {error}"))
            }
        }
    }

    fn described<'a>(&self, document: &'a Value) -> &'a Value {
        &document["paths"][&self.path][&self.method]
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.method.to_ascii_uppercase(), self.path)
    }
}

/// What a value or the `$ref` in its place stands for.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).unwrap_or(&Value::Null),
        None => value,
    }
}

/// Whether the body fits a schema of the closed document, formats included.
fn fits(schema: &Value, body: &Value) -> Result<(), String> {
    // The schema's references point into the components, so they have to stand beside it.
    let rooted = json!({"allOf": [schema], "components": closed_document()["components"]});
    let options =
        jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
    let validator = options.build(&rooted).map_err(|error| error.to_string())?;
    let errors: Vec<String> =
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("; ")) }
}

#[cfg(test)]
mod tests {
    use paywarden_domain::webhook::Health;

    use super::*;
    use crate::builders;

    fn lookups() -> Operation {
        Operation::of(&Method::GET, "/lookups")
    }

    fn body() -> Value {
        json!({"status": true, "next_cursor": null, "lookups": [
            {"id": "loo_1", "kind": "transaction_status", "code": "PAID", "name": "Paid", "group": "success"}]})
    }

    #[test]
    fn an_answer_as_described_passes() {
        lookups().judge(&Answer::ok(&body()).unwrap()).unwrap();
    }

    #[test]
    fn a_status_or_content_type_that_is_not_described_fails() {
        let error = lookups().judge(&Answer::json(418, &body()).unwrap()).unwrap_err();
        assert_eq!(error, "GET /lookups is not described as answering 418");
        let mut answer = Answer::ok(&body()).unwrap();
        answer.headers.insert(CONTENT_TYPE, "text/csv".parse().unwrap());
        let error = lookups().judge(&answer).unwrap_err();
        assert_eq!(error, "GET /lookups is not described as answering 200 with \"text/csv\"");
    }

    #[test]
    fn a_word_or_member_that_is_not_described_fails_by_name() {
        let mut other = body();
        other["lookups"][0]["group"] = json!("unknown");
        assert!(lookups().judge(&Answer::ok(&other).unwrap()).unwrap_err().contains("unknown"));
        let mut more = body();
        more["lookups"][0]["colour"] = json!("green");
        assert!(lookups().judge(&Answer::ok(&more).unwrap()).unwrap_err().contains("colour"));
    }

    #[test]
    fn members_of_joined_schemas_are_described_by_any_of_them() {
        let created = Operation::of(&Method::POST, "/webhook-endpoints");
        let merchant = builders::merchant("Kopi Nusantara");
        let plain = builders::endpoint(&merchant);
        let mut endpoint = plain.to_json(&merchant.zone);
        endpoint["health"] = Health::default().to_json(0, plain.created_at, &merchant.zone);
        endpoint["secret"] = json!("whsec_");
        let answer = |endpoint: &Value| {
            let body = json!({"status": true, "webhook_endpoint": endpoint, "delivery": null});
            Answer::created(&body).unwrap()
        };
        created.judge(&answer(&endpoint)).unwrap();
        endpoint["colour"] = json!("green");
        assert!(created.judge(&answer(&endpoint)).unwrap_err().contains("colour"));
    }
}
