//! Against the real store code on an in-process DynamoDB, with the queue in memory; what it comes to is tested in
//! `shared/payments`.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

struct Fixture {
    door: TestDoor<Deps>,
    provider: Provider,
    entry: Entry,
}

const PAID: &str = r#"{"event": "qr.payment", "id": "qrpy_1", "amount": 10000, "created": "2026-11-20T07:55:00Z",
    "status": "COMPLETED", "qr_code": {"external_id": "THEIRS", "qr_string": "0002"}}"#;

impl Fixture {
    /// With a callback on the list that is of another order than it says.
    async fn new() -> Self {
        let door = TestDoor::open(DOOR, Deps::of, handle).await;
        let provider = door.stage.add_provider(&door.merchant, ProviderType::Xendit, &json!({})).await;
        let (at, source) = (builders::at("2026-11-20T07:55:03Z"), provider.id.as_str());
        let detail = json!({"trust": "keyed", "body": PAID});
        let entry =
            Entry::new(EntryKind::ProviderMessage, at, source, &["1"], "a callback".to_owned(), detail);
        let subject = Subject::unmatched(&provider.id, at);
        door.stage.timeline_writer().append(&[(subject, entry.clone())]).await.unwrap();
        Self { door, provider, entry }
    }

    fn deciding(&self, body: &Value) -> ApiRequest {
        let request =
            self.door.request(Role::Operations).with_path_parameter("id", self.provider.id.as_str());
        request.with_path_parameter("entry_id", self.entry.id.as_str()).with_body(body.to_string())
    }

    fn queued(&self) -> Vec<VerifiedCallback> {
        let messages = self.door.stage.transaction_events.take().into_iter();
        messages.map(|message| serde_json::from_str(&message.body).unwrap()).collect()
    }
}

#[tokio::test]
async fn looking_changes_nothing() {
    let fixture = Fixture::new().await;
    let answer = fixture.door.body(fixture.deciding(&json!({"day": "2026-11-20"}))).await;
    let callback = &answer["unmatched_callback"];
    assert_eq!((&callback["reports"][0]["status"], &callback["applied"]), (&json!("PAID"), &json!(false)));
    assert!(fixture.queued().is_empty());
}

#[tokio::test]
async fn it_is_sent_on_its_way_as_it_is_or_as_a_report_of_a_transaction() {
    let fixture = Fixture::new().await;
    fixture.door.body(fixture.deciding(&json!({"apply": true, "reason": "again"}))).await;
    let [replayed] = fixture.queued().try_into().unwrap();
    assert_eq!(replayed.reports[0].reference.as_deref(), Some("THEIRS"));
    let transaction =
        fixture.door.stage.add_transaction(&fixture.door.merchant, builders::draft("INV0045")).await;
    let bind =
        json!({"apply": true, "reason": "they said so on the phone", "transaction_id": transaction.id});
    fixture.door.body(fixture.deciding(&bind)).await;
    let [bound] = fixture.queued().try_into().unwrap();
    assert_eq!(bound.reports[0].reference.as_deref(), Some("INV0045"));
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_by_name() {
    let fixture = Fixture::new().await;
    for (body, name) in [
        (json!({"day": "2026-11-31"}), "day"),
        (json!({"apply": true}), "reason"),
        (json!({"apply": "yes"}), "apply"),
        (json!({"transaction_id": "x"}), "transaction_id"),
        (
            json!({"apply": true, "reason": "r", "transaction_id": "tra_00000000000000000000000000"}),
            "transaction_id",
        ),
        (json!({"unknown": 1}), "unknown"),
    ] {
        let refused = fixture.door.refused_parameter(fixture.deciding(&body)).await;
        assert_eq!(refused, (422, name.to_owned()), "{body}");
    }
    let another_day = fixture.deciding(&json!({"day": "2026-11-18"}));
    assert_eq!(fixture.door.refusal(another_day).await.status(), 404);
}

#[tokio::test]
async fn only_those_who_manage_providers_decide_and_only_about_their_own() {
    let fixture = Fixture::new().await;
    let request = fixture.deciding(&json!({}));
    let stranger = fixture.door.foreign_caller(Role::Admin).await;
    assert_eq!(fixture.door.refusal(request.clone().with_caller(&stranger)).await.status(), 404);
    fixture.door.lets_in_those_with(Scope::ProvidersWrite, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("looked-at", 200), ("no-such-provider", 404), ("unknown-parameter", 400)];
    Fixture::new().await.door.samples_are_answered(&expected).await;
}
