//! Endpoints that were switched off, told to the others of the merchant.

use paywarden_domain::time::Clock;
use paywarden_domain::webhook::endpoint::DisabledReason;
use paywarden_domain::webhook::{Endpoint, EndpointStatus, EventType};
use paywarden_store::StoreError;
use paywarden_store::stream::read_all;
use paywarden_store::webhooks::stream::switched_off;
use serde_json::{Value, json};

use crate::workshop::Workshop;

/// The row of an endpoint, as the stream shows it.
fn row(workshop: &Workshop, endpoint: &Endpoint) -> Value {
    let rows = workshop.stage.items("WebhooksTable");
    rows.into_iter().find(|row| row["id"]["S"] == endpoint.id.as_str()).unwrap()
}

/// What the stream tells when a row changes.
fn read(old: &Value, new: &Value) -> Result<Vec<Endpoint>, StoreError> {
    let (keys, size) = (json!({"pk": new["pk"], "sk": new["sk"]}), 600);
    let change = json!({"Keys": keys, "NewImage": new, "OldImage": old, "SizeBytes": size});
    let record = json!({"awsRegion": "us-east-1", "eventID": "1", "eventName": "MODIFY", "dynamodb": change});
    read_all(serde_json::from_value(json!({"Records": [record]})).unwrap(), switched_off)
}

/// A workshop, and one of its endpoints that answered 410, as the stream tells of it.
async fn open() -> (Workshop, Endpoint) {
    let workshop = Workshop::open().await;
    let (stage, merchant) = (&workshop.stage, &workshop.merchant);
    let id = stage.add_endpoint(merchant, EndpointStatus::Enabled, &[EventType::EndpointDisabled]).await;
    let endpoints = stage.endpoints();
    let before = endpoints.find(&merchant.id, &id).await.unwrap().unwrap().endpoint;
    let old = row(&workshop, &before);
    endpoints.disable(&merchant.id, &id, stage.clock.now(), DisabledReason::Gone).await.unwrap();
    let [endpoint] = read(&old, &row(&workshop, &before)).unwrap().try_into().unwrap();
    (workshop, endpoint)
}

#[tokio::test]
async fn others_that_want_to_know_are_told_once() {
    let (workshop, off) = open().await;
    let (stage, merchant) = (&workshop.stage, &workshop.merchant);
    let other = stage.add_endpoint(merchant, EndpointStatus::Enabled, &[EventType::EndpointDisabled]).await;
    stage.add_endpoint(merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    let stranger = stage.add_merchant("other").await;
    stage.add_endpoint(&stranger, EndpointStatus::Enabled, &[EventType::EndpointDisabled]).await;
    for _ in 0..2 {
        let told = workshop.told(vec![off.clone()]).await;
        let [told] = told.try_into().unwrap();
        assert_eq!((told.endpoint_id, told.transaction_id), (other.clone(), None));
        let body: Value = serde_json::from_str(&told.body).unwrap();
        let expected = off.to_json(&merchant.zone);
        assert_eq!(body, json!({"event": "webhook_endpoint.disabled", "webhook_endpoint": expected}));
        assert_eq!((&expected["status"], &expected["disabled_reason"]), (&json!("DISABLED"), &json!("gone")));
    }
}

#[tokio::test]
async fn one_that_is_on_again_is_not_told_of_itself() {
    let (workshop, off) = open().await;
    let endpoints = workshop.stage.endpoints();
    let mut stored = endpoints.find(&workshop.merchant.id, &off.id).await.unwrap().unwrap();
    stored.endpoint.status = EndpointStatus::Enabled;
    stored.endpoint.version += 1;
    endpoints.replace(&stored).await.unwrap();
    assert!(workshop.told(vec![off]).await.is_empty());
}

#[tokio::test]
async fn nothing_else_of_the_table_is_told() {
    let (workshop, off) = open().await;
    let row = row(&workshop, &off);
    let with = |name: &str, value: Value| {
        let mut changed = row.clone();
        changed[name] = value;
        changed
    };
    let by_hand = with("disabled", json!({"NULL": true}));
    let on = with("status", json!({"S": "ENABLED"}));
    let delivery = with("sk", json!({"S": "whd_01kaeb0000000000000000000b"}));
    for (old, new) in [(&row, &row), (&on, &on), (&row, &on), (&on, &by_hand), (&on, &delivery)] {
        assert_eq!(read(old, new), Ok(Vec::new()), "{old} {new}");
    }
    assert!(read(&on, &with("url", json!({"N": "7"}))).is_err());
    assert_eq!(read(&on, &row), Ok(vec![off]));
}
