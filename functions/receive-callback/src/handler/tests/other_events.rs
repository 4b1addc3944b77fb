//! A known sender tells of something that is not booked: it is told that we heard it, and people can see what it was.

use paywarden_domain::timeline::EntryKind;
use serde_json::json;

use super::TOKEN;
use super::sender::Sender;
use crate::deps::Deps;

#[tokio::test]
async fn what_is_not_booked_is_taken_and_listed_by_its_name() {
    let events = [
        "payment_token.activation",
        "payment_method.activated",
        "payment_session.completed",
        "payment_request.expiry",
        "recurring.cycle.created",
        "refund.failed",
        "refund.pending",
        "payout.pending",
        "something.new",
    ];
    for event in events {
        let sender = Sender::xendit().await;
        let body = json!({"event": event, "business_id": "6094", "created": "2026-11-20T07:55:00Z",
            "data": {"id": "x", "reference_id": "INV0045", "status": "ACTIVE"}});
        assert_eq!(sender.reports_that(&body).await, 200, "{event}");
        assert!(sender.nothing_is_queued(), "{event}");
        let [entry] = sender.unmatched().await.try_into().unwrap();
        assert_eq!(entry.kind, EntryKind::ProviderMessage);
        assert_eq!(entry.detail["event"], event);
        assert!(entry.summary.contains(event), "{}", entry.summary);
        assert!(entry.detail["body"].as_str().unwrap().contains("INV0045"), "{event}");
    }
}

#[tokio::test]
async fn a_virtual_account_that_was_made_and_a_body_without_a_name_are_listed_too() {
    let sender = Sender::xendit().await;
    let made = json!({"id": "57e2", "external_id": "VA-77", "bank_code": "BCA", "merchant_code": "26215",
        "account_number": "1000016980", "is_closed": true, "is_single_use": true, "status": "ACTIVE",
        "expiration_date": "2026-12-20T07:55:00Z", "name": "BUDI", "owner_id": "5f2"});
    assert_eq!(sender.reports_that(&made).await, 200);
    sender.stage.clock.advance_seconds(1);
    assert_eq!(sender.reports_that(&json!({"balance": 1000})).await, 200);
    let entries = sender.unmatched().await;
    let names: Vec<_> = entries.iter().map(|entry| entry.detail["event"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 2);
    assert!(sender.nothing_is_queued());
    assert!(!entries[0].detail["body"].as_str().unwrap().contains("1000016980"), "personal data is masked");
}

#[tokio::test]
async fn what_cannot_be_the_senders_is_refused_all_the_same() {
    let sender = Sender::xendit().await;
    let event = json!({"event": "payment_method.activated", "data": {}});
    assert_eq!(sender.send(&[("x-callback-token", "wrong")], &event.to_string()).await, 401);
    assert_eq!(sender.send(&[("x-callback-token", TOKEN)], "{\"event\": ").await, 400);
    assert_eq!(sender.send(&[("x-callback-token", TOKEN)], "[]").await, 400);
    assert!(sender.nothing_is_queued());
}

/// What cannot be listed is sent again by whoever sent it.
#[tokio::test]
async fn an_event_that_could_not_be_listed_is_not_acknowledged() {
    let mut sender = Sender::xendit().await;
    let stores = sender.stage.stores_with(None, &[("TIMELINE_TABLE", "NoSuchTable")]);
    sender.deps = Deps::of(&stores).unwrap();
    let event = json!({"event": "payment_method.activated", "data": {}});
    assert_eq!(sender.reports_that(&event).await, 503);
}
