//! Against the real store code on an in-process DynamoDB, with the queue in memory.

use paywarden_domain::access::Role;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::TrustGrade;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

struct Fixture {
    door: TestDoor<Deps>,
    provider: Provider,
    transaction: Transaction,
}

impl Fixture {
    async fn new() -> Self {
        let door = TestDoor::open(DOOR, Deps::of, handle).await;
        let provider = door.stage.add_provider(&door.merchant, ProviderType::Xendit, &json!({})).await;
        let transaction = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
        Self { door, provider, transaction }
    }

    /// Puts a callback on the timeline as it was understood when it came, and answers its entry.
    async fn keep(&self, kind: EntryKind, body: &str, status: &str) -> EntryId {
        let reported = json!({"status": status, "occurred_at": "2026-11-20T07:55:00.000000Z", "amount": "10000",
            "currency": "IDR", "provider_transaction_id": "qrpy_1", "code": null, "message": null});
        let detail = json!({"trust": "keyed", "reported": reported, "body": body});
        let (at, source) = (builders::at("2026-11-20T07:55:03Z"), self.provider.id.as_str());
        let entry = Entry::new(kind, at, source, &[body, status], "a callback".to_owned(), detail);
        let subject = Subject::Transaction(self.transaction.id.clone());
        self.door.stage.timeline_writer().append(&[(subject, entry.clone())]).await.unwrap();
        entry.id
    }

    /// An admin's request to read an entry again.
    fn replaying(&self, entry: &EntryId, apply: bool) -> ApiRequest {
        let body = json!({"transaction_id": self.transaction.id, "entry_id": entry, "apply": apply});
        self.door.request(Role::Admin).with_body(body.to_string())
    }

    fn queued(&self) -> Vec<VerifiedCallback> {
        let messages = self.door.stage.transaction_events.take().into_iter();
        messages.map(|message| serde_json::from_str(&message.body).unwrap()).collect()
    }
}

const PAID: &str = r#"{"event": "qr.payment", "id": "qrpy_1", "amount": 10000, "created": "2026-11-20T07:55:00Z",
    "status": "COMPLETED", "qr_code": {"external_id": "INV0045", "qr_string": "****1234"}}"#;

#[tokio::test]
async fn what_is_read_the_same_has_no_differences() {
    let fixture = Fixture::new().await;
    let entry = fixture.keep(EntryKind::ProviderMessage, PAID, "PAID").await;
    let engineer = fixture.door.caller(Role::Engineering);
    let answer = fixture.door.body(fixture.replaying(&entry, false).with_caller(&engineer)).await;
    assert_eq!((&answer["replay"]["differences"], &answer["replay"]["applied"]), (&json!({}), &json!(false)));
    assert!(fixture.queued().is_empty(), "looking changes nothing");
}

#[tokio::test]
async fn what_is_read_otherwise_is_shown_and_applied_when_asked_for() {
    let fixture = Fixture::new().await;
    // An adapter of the past did not know the word.
    let entry = fixture.keep(EntryKind::ProviderMessage, PAID, "unknown").await;
    let answer = fixture.door.body(fixture.replaying(&entry, true)).await;
    assert_eq!(answer["replay"]["differences"], json!({"status": {"then": "unknown", "now": "PAID"}}));
    let [callback] = fixture.queued().try_into().unwrap();
    assert_eq!(
        (callback.grade, callback.received_at),
        (TrustGrade::Keyed, builders::at("2026-11-20T07:55:03Z"))
    );
    let [report] = callback.reports.try_into().unwrap();
    assert_eq!(report.status(), Some(paywarden_domain::vocabulary::Status::Paid));
    assert!(report.attributes.is_empty(), "what was masked is not learnt: {:?}", report.attributes);
}

#[tokio::test]
async fn applying_needs_more_than_looking() {
    let fixture = Fixture::new().await;
    let entry = fixture.keep(EntryKind::ProviderMessage, PAID, "PAID").await;
    for (role, may_look, may_apply) in [
        (Role::Merchant, false, false),
        (Role::Finance, false, false),
        (Role::Engineering, true, false),
        (Role::Operations, true, true),
        (Role::Admin, true, true),
    ] {
        for (apply, may) in [(false, may_look), (true, may_apply)] {
            let request = fixture.replaying(&entry, apply).with_caller(&fixture.door.caller(role));
            assert_eq!(fixture.door.answer(request).await.is_ok(), may, "{role}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_again_is_refused() {
    let fixture = Fixture::new().await;
    let cut = fixture.keep(EntryKind::ProviderMessage, r#"{"event": "qr.pay…"#, "PAID").await;
    let webhook = fixture.keep(EntryKind::WebhookAttempt, PAID, "PAID").await;
    let nothing = EntryId::derived("test", &[b"nothing"]);
    let elsewhere = PAID.replace("INV0045", "ANOTHER").replace("qrpy_1", "qrpy_2");
    let other = fixture.keep(EntryKind::ProviderMessage, &elsewhere, "PAID").await;
    for (entry, status) in [(cut, 422), (webhook, 422), (nothing, 404), (other, 422)] {
        assert_eq!(fixture.door.refusal(fixture.replaying(&entry, true)).await.status(), status);
    }
    assert!(fixture.queued().is_empty());
}

#[tokio::test]
async fn another_merchants_transaction_is_not_there() {
    let fixture = Fixture::new().await;
    let entry = fixture.keep(EntryKind::ProviderMessage, PAID, "PAID").await;
    let foreign = fixture.door.foreign_caller(Role::Admin).await;
    let request = fixture.replaying(&entry, false).with_caller(&foreign);
    assert_eq!(fixture.door.refusal(request).await.status(), 404);
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    fixture.keep(EntryKind::ProviderMessage, PAID, "PAID").await;
    let expected = [("kept", 200), ("not-there", 404), ("may-look-but-not-apply", 403)];
    fixture.door.samples_are_answered(&expected).await;
}

#[tokio::test]
async fn sent_again_under_its_key_it_is_applied_once() {
    let fixture = Fixture::new().await;
    let entry = fixture.keep(EntryKind::ProviderMessage, PAID, "PENDING").await;
    let mut request = fixture.replaying(&entry, true);
    request.headers.insert("idempotency-key", "one".parse().unwrap());
    let first = fixture.door.body(request.clone()).await;
    assert_eq!(fixture.door.body(request).await, first);
    assert_eq!(fixture.queued().len(), 1);
}
