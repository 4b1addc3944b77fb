//! A bank signs the path that it calls. A custom domain that mounts the API under a base path has that in both paths of its
//! events.

use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::report::TrustGrade;
use paywarden_lambda_kit::public_url::PublicUrl;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_providers::{Callback, Credentials, adapter};
use paywarden_testing::events;
use serde_json::{Value, json};

/// A notification that the bank signed for `/v1/callbacks/prv_example`.
const SAMPLE: &str = include_str!("../../../../../events/providers/snap/va-paid.json");

const ROUTE: &str = "/callbacks/{provider_id}";
const GREEDY_ROUTE: &str = "/callbacks/{provider_id}/{tail+}";

/// What the gateway hands over of a call of `called` at a domain, with or without a base path, or at its own address.
fn event(resource: &str, path: &str, called: &str, parameters: &Value) -> ApiRequest {
    let event = json!({
        "resource": resource,
        "path": path,
        "httpMethod": "POST",
        "headers": {}, "multiValueHeaders": {},
        "queryStringParameters": {}, "multiValueQueryStringParameters": {},
        "pathParameters": parameters,
        "requestContext": {"resourcePath": resource, "path": called, "stage": "live", "httpMethod": "POST",
            "domainName": "pay.example.com", "requestId": "req-1", "identity": {}},
        "body": "", "isBase64Encoded": false,
    });
    events::api_request(&event.to_string())
}

/// What the address ends with, the route's parameters, and what stands before it.
fn calls() -> [(&'static str, &'static str, Value); 4] {
    [
        (ROUTE, "/callbacks/prv_example", json!({"provider_id": "prv_example"})),
        (ROUTE, "/callbacks/prv_example/", json!({"provider_id": "prv_example"})),
        (
            GREEDY_ROUTE,
            "/callbacks/prv_example/pws_x/v1.0/transfer-va/payment",
            json!({"provider_id": "prv_example", "tail": "pws_x/v1.0/transfer-va/payment"}),
        ),
        (
            GREEDY_ROUTE,
            "/callbacks/prv_example/a%20b",
            json!({"provider_id": "prv_example", "tail": "a%20b"}),
        ),
    ]
}

#[test]
fn the_path_is_the_one_that_was_called() {
    let set = |url: &str| PublicUrl::new(Some(url).filter(|url| !url.is_empty()));
    // The address that was set, the path before the route in `path` and in the context, and in what the bank called.
    let mounts = [
        ("", "", "/live", "/live"),
        ("", "", "", ""),
        ("", "/pay/v1", "/pay/v1", "/pay/v1"),
        ("https://pay.example.com", "", "", ""),
        ("https://pay.example.com/v1", "", "/live", "/v1"),
        ("https://pay.example.com/v1", "/v1", "/v1", "/v1"),
        ("https://pay.example.com/callbacks", "/callbacks", "/callbacks", "/callbacks"),
    ];
    for (address, before, before_in_context, expected) in mounts {
        for (resource, path, parameters) in calls() {
            let called = format!("{before_in_context}{path}");
            let request = event(resource, &format!("{before}{path}"), &called, &parameters);
            assert_eq!(request.path, path, "{address} {before}");
            assert_eq!(set(address).path_of(&request), format!("{expected}{path}"), "{address} {before}");
        }
    }
}

#[test]
fn the_signature_of_a_bank_holds_behind_a_base_path() {
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    let text = |name: &str| sample[name].as_str().unwrap().to_owned();
    let credentials: Credentials = serde_json::from_value(sample["credentials"].clone()).unwrap();
    let headers = sample["headers"].as_object().unwrap().iter();
    let headers =
        headers.map(|(name, value)| (name.parse().unwrap(), value.as_str().unwrap().parse().unwrap()));
    let headers = headers.collect();
    let (path, body) = ("/v1/callbacks/prv_example", text("body"));
    let request = event(ROUTE, path, path, &json!({"provider_id": "prv_example"}));
    for address in [None, Some("https://pay.example.com/v1")] {
        let callback = Callback {
            headers: &headers,
            path: &PublicUrl::new(address).path_of(&request),
            path_token: None,
            body: body.as_bytes(),
            received_at: Timestamp::parse(&text("received_at")).unwrap(),
        };
        let verified = adapter(ProviderType::Snap).verify(&callback, &credentials);
        assert_eq!(verified, Ok(TrustGrade::Signed), "{address:?}");
    }
}
