//! The crate and its sample events.

use serde_json::{Map, Value, json};

use super::{File, Plan};
use crate::template::pascal;

const CRATE: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("skeleton/Cargo.toml.txt")),
    ("src/main.rs", include_str!("skeleton/main.rs.txt")),
    ("src/deps.rs", include_str!("skeleton/deps.rs.txt")),
    ("src/handler.rs", include_str!("skeleton/handler.rs.txt")),
    ("src/handler/tests.rs", include_str!("skeleton/tests.rs.txt")),
];

/// What the function of a route that changes something may do from the beginning.
const TRAIL: &str = include_str!("skeleton/trail.yaml.txt");

impl Plan {
    /// The files of the crate.
    pub(super) fn crate_files(&self) -> Vec<File> {
        let file = |(path, skeleton): &(&str, &str)| File {
            path: format!("functions/{}/{path}", self.name),
            text: self.fill(skeleton),
        };
        CRATE.iter().map(file).collect()
    }

    /// A request that is answered, and one that is refused.
    pub(super) fn samples(&self) -> anyhow::Result<Vec<File>> {
        let cases = [("answered", json!({})), ("unknown-parameter", json!({"colour": "green"}))];
        let file = |(case, query): (&str, Value)| {
            let text = format!("{}\n", serde_json::to_string_pretty(&self.sample(case, &query))?);
            Ok(File { path: format!("events/{}/{case}.json", self.name), text })
        };
        cases.into_iter().map(file).collect()
    }

    /// The gateway's event, as the other samples have it: of the sample merchant, whose token is good until 2100.
    fn sample(&self, case: &str, query: &Value) -> Value {
        let parameters = self.path_parameters();
        let path = parameters
            .iter()
            .fold(self.path.clone(), |path, name| path.replace(&format!("{{{name}}}"), "sample"));
        let parameters: Map<_, _> =
            parameters.into_iter().map(|name| (name.to_owned(), json!("sample"))).collect();
        let headers = [("accept", "application/json"), ("host", "api.example"), ("x-correlation-id", case)];
        let single: Map<_, _> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let multiple: Map<_, _> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), json!([value]))).collect();
        let values = query.as_object().into_iter().flatten();
        let queries: Map<_, _> = values.map(|(name, value)| (name.clone(), json!([value]))).collect();
        json!({
            "resource": self.path, "path": path, "httpMethod": self.method,
            "headers": single, "multiValueHeaders": multiple,
            "queryStringParameters": query, "multiValueQueryStringParameters": queries,
            "pathParameters": parameters, "stageVariables": {},
            "requestContext": {
                "resourcePath": self.path, "httpMethod": self.method, "path": format!("/v1{path}"), "stage": "v1",
                "requestId": "6f1d9f4e-0000-4000-8000-000000000001", "apiId": "local", "accountId": "000000000000",
                "protocol": "HTTP/1.1", "identity": {"sourceIp": "127.0.0.1", "userAgent": "sample"},
                "authorizer": {
                    "merchant_id": "mer_tpgw85xm2z99e64mb1xp7p67g6", "client_id": "cli_kns8dax24brzkrsefbya2tbaw8",
                    "role": "admin", "scopes": self.scope, "zone": "Asia/Jakarta", "exp": "4102444800",
                },
            },
            "body": null, "isBase64Encoded": false,
        })
    }

    /// The names in braces of the route.
    pub(super) fn path_parameters(&self) -> Vec<&str> {
        let segments = self.path.split('/');
        segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')).collect()
    }

    /// A skeleton with the plan's words in it.
    pub(super) fn fill(&self, skeleton: &str) -> String {
        let pascal_name = pascal(&self.name);
        let (first, rest) = pascal_name.split_at(1);
        let changes = self.method != "GET";
        let words = [
            ("name", self.name.clone()),
            ("pascal", pascal_name.clone()),
            ("camel", format!("{}{rest}", first.to_lowercase())),
            ("summary", format!("{first}{}", self.name.replace('-', " ").split_off(1))),
            ("METHOD", self.method.clone()),
            ("method", self.method.to_lowercase()),
            ("path", self.path.clone()),
            ("route", format!("{} {}", self.method, self.path)),
            ("scope", self.scope.clone()),
            ("scope_variant", pascal(&self.scope.replace(':', "-"))),
            ("purpose", (if changes { ".changing()" } else { "" }).to_owned()),
            ("trail", (if changes { TRAIL } else { "" }).to_owned()),
            (
                "writes",
                (if changes {
                    "who called it; nothing else yet"
                } else {
                    "nothing; asking again answers the same"
                })
                .to_owned(),
            ),
        ];
        words
            .iter()
            .fold(skeleton.to_owned(), |text, (name, word)| text.replace(&format!("{{{{{name}}}}}"), word))
    }
}
