//! Who may do what, and what everybody else is told.

use paywarden_api_client::Method;
use serde_json::json;

use crate::stack::{Stack, call_back, send, unique, xendit_qr_paid};

#[tokio::test]
async fn a_wrong_callback_signature_is_refused_and_leaves_nothing() {
    let stack = Stack::read();
    let (merchant, reference) = (stack.jakarta(), unique("FORGED"));
    let api = stack.sign_in(merchant, "merchant").await;
    let body = xendit_qr_paid(&reference, &unique("qrpy"));
    for token in ["somebody-else", ""] {
        let answer = call_back(merchant.provider("xendit"), token, &unique("corr"), &body).await;
        assert_eq!(answer.expect(401)["error"]["code"], "unauthorized");
    }
    for provider in ["midtrans", "generic"] {
        let body = json!({"order_id": reference});
        let answer = call_back(merchant.provider(provider), "x", &unique("corr"), &body).await;
        assert_eq!(answer.status, 401, "{provider}");
    }
    assert_eq!(api.get(&format!("/transactions/record/{reference}")).await.status, 404);
}

#[tokio::test]
async fn another_merchants_objects_look_like_those_that_do_not_exist() {
    let stack = Stack::read();
    let (own, other) = (stack.jakarta(), stack.merchant("Africa/Johannesburg"));
    let reference = unique("SECRET");
    let id = stack.sign_in(own, "merchant").await.record_qris(&reference).await["id"].clone();
    let id = id.as_str().unwrap();
    let stranger = stack.sign_in(other, "admin").await;
    let absent_id = "tra_00000000000000000000000000";
    let pairs = [
        (format!("/transactions/record/{reference}"), format!("/transactions/record/{}", unique("NOTHING"))),
        (format!("/transactions/status?id={id}"), format!("/transactions/status?id={absent_id}")),
        (
            format!("/transactions/status?id={}", id.replace("tra_", "QR_")),
            "/transactions/status?id=nonsense".to_owned(),
        ),
        (format!("/transactions/{id}/logs"), format!("/transactions/{absent_id}/logs")),
    ];
    for (foreign, absent) in pairs {
        let (foreign_answer, absent_answer) = (stranger.get(&foreign).await, stranger.get(&absent).await);
        assert_eq!((foreign_answer.status, absent_answer.status), (404, 404), "{foreign}");
        assert_eq!(foreign_answer.without_request_id(), absent_answer.without_request_id(), "{foreign}");
    }
    let listed = stranger.get(&format!("/transactions?transaction_reference={reference}")).await.expect(200);
    assert_eq!(listed["transactions"], json!([]));
}

#[tokio::test]
async fn a_token_without_the_scope_is_403() {
    let stack = Stack::read();
    let merchant = stack.jakarta();
    let cases = [
        ("finance", Method::POST, "/transactions"),
        ("operations", Method::POST, "/transactions"),
        ("merchant", Method::GET, "/transactions/tra_00000000000000000000000000/logs"),
        ("finance", Method::GET, "/transactions/tra_00000000000000000000000000/logs"),
        ("finance", Method::GET, "/webhook-endpoints"),
        ("operations", Method::POST, "/webhook-endpoints"),
    ];
    for (role, method, path) in cases {
        let api = stack.sign_in(merchant, role).await;
        let answer = send(api.request(method, path).await.body("{}")).await;
        assert_eq!(answer.expect(403)["error"]["code"], "forbidden", "{role} {path}");
    }
}

#[tokio::test]
async fn tokens_that_are_not_ours_open_nothing() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "merchant").await;
    let good = api.token().await;
    let (head, signature) = good.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    for token in ["nonsense", "a.b.c", &format!("{head}.{turned}"), &format!("{head}.")] {
        assert_eq!(api.with_token(token).get("/transactions").await.status, 401, "{token}");
    }
}

#[tokio::test]
async fn token_requests_are_refused_as_the_rfc_says() {
    let stack = Stack::read();
    let api = stack.anonymous();
    let credentials = &stack.jakarta().clients["merchant"];
    let post = async |secret: &str, body: &'static str| {
        let request = api
            .request(Method::POST, "/oauth/token")
            .await
            .basic(&credentials.client_id, secret)
            .header("content-type", "application/x-www-form-urlencoded");
        send(request.body(body)).await
    };
    let more = ["=x", "&x"].map(|more| format!("{}{more}", credentials.client_secret));
    let cases: [(&str, &'static str, u16, &str); 7] = [
        ("wrong", "grant_type=client_credentials", 401, "invalid_client"),
        (&more[0], "grant_type=client_credentials", 401, "invalid_client"),
        (&more[1], "grant_type=client_credentials", 401, "invalid_client"),
        (&credentials.client_secret, "grant_type=client_credentials&client_id=x", 400, "invalid_request"),
        (&credentials.client_secret, "", 400, "invalid_request"),
        (&credentials.client_secret, "grant_type=password", 400, "unsupported_grant_type"),
        (
            &credentials.client_secret,
            "grant_type=client_credentials&scope=providers%3Awrite",
            400,
            "invalid_scope",
        ),
    ];
    for (secret, body, status, error) in cases {
        let answer = post(secret, body).await;
        assert_eq!(answer.expect(status)["error"], error, "{body}");
        let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
        assert_eq!([header("cache-control"), header("pragma")], ["no-store", "no-cache"], "{body}");
    }
}
