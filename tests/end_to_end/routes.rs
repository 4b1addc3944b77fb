//! Every route of the template, so that none is forgotten.

use paywarden_api_client::Method;
use serde_json::{Value as Json, json};
use serde_norway::Value;

use crate::stack::{Stack, send, unique};

struct Route {
    method: Method,
    path: String,
    open: bool,
}

/// The routes of the template's API functions.
fn routes() -> Vec<Route> {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/template.yaml");
    let template: Value = serde_norway::from_str(&std::fs::read_to_string(template).unwrap()).unwrap();
    let mut routes = Vec::new();
    for resource in template["Resources"].as_mapping().unwrap().values() {
        let events = resource.get("Properties").and_then(|properties| properties.get("Events"));
        for event in events.and_then(Value::as_mapping).into_iter().flat_map(|events| events.values()) {
            if event["Type"] == "Api" {
                let properties = &event["Properties"];
                let authorizer = properties.get("Auth").and_then(|auth| auth.get("Authorizer"));
                routes.push(Route {
                    method: properties["Method"].as_str().unwrap().parse().unwrap(),
                    path: properties["Path"].as_str().unwrap().to_owned(),
                    open: authorizer.and_then(Value::as_str) == Some("NONE"),
                });
            }
        }
    }
    routes
}

#[tokio::test]
async fn no_route_but_the_open_ones_answers_without_a_token() {
    let stack = Stack::read();
    let open: Vec<String> = routes().into_iter().filter(|route| route.open).map(|route| route.path).collect();
    assert_eq!(
        open,
        [
            "/oauth/token",
            "/oauth/revoke",
            "/callbacks/{provider_id}",
            "/callbacks/{provider_id}/{tail+}",
            "/openapi.json",
            "/console",
            "/console/{path+}",
            "/console/{path+}"
        ]
    );
    for route in routes().into_iter().filter(|route| !route.open) {
        let path = route.path.replace("{id}", "x").replace("{reference}", "x");
        let answer = send(stack.anonymous().request(route.method.clone(), &path).await).await;
        let body = answer.expect(401);
        assert_eq!(
            (&body["message"], &body["error"]["code"]),
            (&"Unauthorized".into(), &"unauthorized".into())
        );
        assert_eq!(answer.headers["www-authenticate"], "Bearer", "{} {path}", route.method);
    }
}

#[tokio::test]
async fn what_is_no_route_is_404() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "admin").await;
    for path in ["/nothing", "/transactions/record", "/transactions/x/y/z"] {
        assert_eq!(api.get(path).await.expect(404)["error"]["code"], "not_found", "{path}");
    }
}

#[tokio::test]
async fn every_protected_route_answers_its_own_errors_to_a_token_of_another_merchant() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.merchant("Africa/Johannesburg"), "admin").await;
    for route in routes().into_iter().filter(|route| !route.open) {
        let path = route.path.replace("{id}", "tra_00000000000000000000000000").replace("{reference}", "x");
        let answer = send(api.request(route.method.clone(), &path).await.body("{")).await;
        assert!(answer.status < 500, "{} {path}: {} {}", route.method, answer.status, answer.text);
        assert!(answer.headers.contains_key("x-request-id"), "{} {path}", route.method);
        assert_ne!(answer.status, 401, "{} {path}", route.method);
    }
}

/// The scopes that the document, as the API serves it, asks for on a route.
fn scopes<'a>(document: &'a Json, route: &Route) -> Vec<&'a str> {
    let path = route.path.replace("+}", "}");
    let operation = &document["paths"][path][route.method.as_str().to_lowercase()];
    let schemes = operation["security"].as_array().into_iter().flatten();
    let scopes = schemes.filter_map(|scheme| scheme["oauth2"].as_array()).flatten();
    scopes.map(|scope| scope.as_str().unwrap()).collect()
}

#[tokio::test]
async fn no_route_answers_a_token_without_its_scope() {
    let stack = Stack::read();
    let admin = stack.sign_in(stack.jakarta(), "admin").await;
    let body = json!({"name": unique("Narrow"), "role": "merchant", "scopes": ["webhooks:read"]});
    let client = admin.post("/clients", &body).await.expect(201)["client"].clone();
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let api = stack.sign_in_with(&text("id"), &text("secret")).await;
    let document = admin.get("/openapi.json").await.expect(200);
    let mut refused = 0;
    for route in routes().into_iter().filter(|route| !route.open) {
        let asked = scopes(&document, &route);
        let path = route.path.replace("{id}", "tra_00000000000000000000000000").replace("{reference}", "x");
        let answer = send(api.request(route.method.clone(), &path).await.body("{}")).await;
        let may = asked.is_empty() || asked.contains(&"webhooks:read");
        assert_eq!(answer.status == 403, !may, "{} {path}: {} {}", route.method, answer.status, answer.text);
        refused += u32::from(!may);
    }
    assert!(refused > 40, "{refused}");
}
