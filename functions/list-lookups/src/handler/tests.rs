//! Everybody reads the same; nothing of it is stored.

use paywarden_domain::access::Role;
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<()> {
    TestDoor::open(DOOR, |_| Ok(()), handle).await
}

#[tokio::test]
async fn every_status_and_method_has_an_id_a_word_and_a_name() {
    let door = open().await;
    let body = door.body(door.request(Role::Finance)).await;
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
    let door = open().await;
    for (kind, count) in [("transaction_status", Status::ALL.len()), ("payment_method", Method::ALL.len())] {
        let body = door.body(door.request(Role::Finance).with_query(&format!("kind={kind}"))).await;
        let lookups = body["lookups"].as_array().unwrap();
        assert_eq!(lookups.len(), count);
        assert!(lookups.iter().all(|lookup| lookup["kind"] == kind));
    }
}

#[tokio::test]
async fn another_kind_is_refused_with_the_allowed_ones() {
    let door = open().await;
    let problem = door.refusal(door.request(Role::Finance).with_query("kind=colour")).await;
    let expected = "expected one of transaction_status, payment_method";
    assert_eq!((problem.status(), problem.message()), (422, expected));
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("all", 200), ("payment-methods", 200), ("unknown-kind", 422)];
    open().await.samples_are_answered(&expected).await;
}
