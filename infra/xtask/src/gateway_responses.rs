//! What the gateway answers by itself. AWS applies the template's `GatewayResponses`; the emulator has answers of its
//! own, so the front door puts the template's in their place, and a local stack looks like the deployed one.

use std::collections::BTreeMap;

use anyhow::Context;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use serde_norway::Value as Yaml;

use crate::paths::root;

/// How the emulator words each kind of answer.
const WORDS: [(&str, &str); 5] = [
    ("Unauthorized", "UNAUTHORIZED"),
    ("Missing Authentication Token", "MISSING_AUTHENTICATION_TOKEN"),
    ("User is not authorized to access this resource", "ACCESS_DENIED"),
    (
        "User is not authorized to access this resource with an explicit deny in an identity-based policy",
        "ACCESS_DENIED",
    ),
    ("Request Too Long", "REQUEST_TOO_LARGE"),
];

/// An answer of the gateway.
#[derive(Clone)]
pub struct GatewayResponse {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    body: String,
}

/// The template's answers, by kind.
#[derive(Clone)]
pub struct GatewayResponses(BTreeMap<String, GatewayResponse>);

impl GatewayResponses {
    /// Reads them from the template.
    pub fn read() -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(root().join("infra/template.yaml"))?;
        let template: Yaml = serde_norway::from_str(&text)?;
        let responses = ["Resources", "Api", "Properties", "GatewayResponses"]
            .iter()
            .try_fold(&template, |value, name| value.get(*name))
            .and_then(Yaml::as_mapping)
            .context("the template's API has gateway responses")?;
        let mut known = BTreeMap::new();
        for (kind, response) in responses {
            // Those without a status of their own keep the gateway's, which only AWS knows.
            if let Some(response) = read(response)? {
                known.insert(kind.as_str().unwrap_or_default().to_owned(), response);
            }
        }
        Ok(Self(known))
    }

    /// What stands for an answer of the emulator's gateway, if it is one, and its body.
    pub fn find(&self, answer: &[u8], request_id: &str) -> Option<(&GatewayResponse, String)> {
        let answer: Value = serde_json::from_slice(answer).ok()?;
        let members = answer.as_object().filter(|members| members.len() == 1)?;
        // Of a denial, AWS and the emulator write the member with a capital.
        let message = members.get("message").or_else(|| members.get("Message"))?.as_str()?;
        let (_, kind) = WORDS.iter().find(|(words, _)| *words == message)?;
        let response = self.0.get(*kind)?;
        Some((response, response.body.replace("$context.requestId", request_id)))
    }
}

fn read(response: &Yaml) -> anyhow::Result<Option<GatewayResponse>> {
    let Some(status) = response.get("StatusCode").and_then(Yaml::as_u64) else {
        return Ok(None);
    };
    let mut headers = HeaderMap::from_iter([(
        axum::http::header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    )]);
    let given = response.get("ResponseParameters").and_then(|parameters| parameters.get("Headers"));
    for (name, value) in given.and_then(Yaml::as_mapping).into_iter().flatten() {
        // Constants stand in quotes; anything else is taken from the request, which the door does itself.
        let constant = value.as_str().and_then(|text| text.strip_prefix('\'')?.strip_suffix('\''));
        if let (Some(name), Some(constant)) = (name.as_str(), constant) {
            headers.insert(name.to_lowercase().parse::<HeaderName>()?, constant.parse()?);
        }
    }
    let templates = response.get("ResponseTemplates").and_then(|templates| templates.get("application/json"));
    let body = templates.and_then(Yaml::as_str).unwrap_or_default().to_owned();
    Ok(Some(GatewayResponse { status: StatusCode::from_u16(u16::try_from(status)?)?, headers, body }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_templates_answers_are_json_in_the_apis_shape() {
        let responses = GatewayResponses::read().unwrap();
        let (response, body) = responses.find(br#"{"message": "Unauthorized"}"#, "req-1").unwrap();
        assert_eq!(response.status, StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers["www-authenticate"], "Bearer");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["error"]["request_id"], "req-1");
        for (kind, response) in &responses.0 {
            let body: Value = serde_json::from_str(&response.body).unwrap();
            assert_eq!(body["status"], false, "{kind}");
            assert!(body["error"]["code"].is_string(), "{kind}");
        }
    }

    #[test]
    fn a_denial_is_answered_like_a_missing_token() {
        let responses = GatewayResponses::read().unwrap();
        let denial = json!({"Message": WORDS[3].0}).to_string();
        let (response, _) = responses.find(denial.as_bytes(), "req-1").unwrap();
        assert_eq!(response.status, StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn a_body_that_is_too_long_is_answered_in_the_apis_shape() {
        let responses = GatewayResponses::read().unwrap();
        let (response, body) = responses.find(br#"{"message": "Request Too Long"}"#, "req-1").unwrap();
        assert_eq!(response.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(body.contains("body_too_large"), "{body}");
    }

    #[test]
    fn a_functions_own_answer_stays() {
        let responses = GatewayResponses::read().unwrap();
        for answer in [r#"{"message": "Unauthorized", "status": 401}"#, r#"{"message": "else"}"#, "", "[]"] {
            assert!(responses.find(answer.as_bytes(), "req-1").is_none(), "{answer}");
        }
    }
}
