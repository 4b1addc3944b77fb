//! Nothing is stored here, so there is nothing to start.

use paywarden_domain::access::Role;
use paywarden_lambda_kit::answer::Answer;
use paywarden_testing::{TestClock, builders, events};

use super::*;
use crate::DOOR;

async fn answer(request: ApiRequest) -> Result<Answer, Problem> {
    DOOR.answer(&TestClock::at("2026-11-20T08:00:00Z"), &(), handle, request).await
}

async fn get(query: &str) -> Result<Answer, Problem> {
    let caller = builders::caller(&builders::merchant("one"), Role::Finance);
    let request = ApiRequest::new(lambda_http::http::Method::GET, "/lookups");
    answer(request.with_caller(&caller).with_query(query)).await
}

#[tokio::test]
async fn every_status_and_method_has_an_id_a_word_and_a_name() {
    let body = get("").await.unwrap().body_json();
    let lookups = body["lookups"].as_array().unwrap();
    assert_eq!(lookups.len(), Status::ALL.len() + Method::ALL.len());
    let paid = json!({"id": "loo_qbt7afx13y52427dt2203rdy7k", "kind": "transaction_status", "code": "PAID",
        "name": "Paid", "group": "success"});
    let qris = json!({"id": "pam_ybwmz2g77skyk1d0yh64k6gc5z", "kind": "payment_method", "code": "QRIS",
        "name": "QR Code Payment", "direction": "receive", "service": "QR_CODE_PAYMENT"});
    for expected in [paid, qris] {
        assert!(lookups.contains(&expected), "{expected} is not in {body}");
    }
}

#[tokio::test]
async fn one_kind_alone() {
    for (kind, count) in [("transaction_status", Status::ALL.len()), ("payment_method", Method::ALL.len())] {
        let body = get(&format!("kind={kind}")).await.unwrap().body_json();
        let lookups = body["lookups"].as_array().unwrap();
        assert_eq!(lookups.len(), count);
        assert!(lookups.iter().all(|lookup| lookup["kind"] == kind));
    }
}

#[tokio::test]
async fn another_kind_is_refused_with_the_allowed_ones() {
    let problem = get("kind=colour").await.unwrap_err();
    let expected = "expected one of transaction_status, payment_method";
    assert_eq!((problem.status(), problem.message()), (422, expected));
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = events::statuses(&[("all", 200), ("payment-methods", 200), ("unknown-kind", 422)]);
    assert_eq!(events::answers("list-lookups", answer).await, expected);
}
