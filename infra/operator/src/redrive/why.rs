//! Why a webhook's message is a dead letter: what stood in its way is looked for where it may still be. What cannot be found any
//! more was out of reach for a while, and nothing keeps the message from going back.

use paywarden_domain::webhook::delivery::Pointer;
use paywarden_domain::webhook::signing::SigningKey;
use paywarden_domain::webhook::{Delivery, DeliveryStatus};
use paywarden_store::stores::Stores;
use paywarden_store::vault::Context;
use paywarden_webhooks::errand::Errand;
use serde_json::Value;

/// Says what a message asks for, and why that was not done.
pub async fn of(stores: &Stores, body: &str) -> anyhow::Result<String> {
    match serde_json::from_str::<Errand>(body) {
        Ok(Errand::Attempt(pointer)) => {
            let (key, number) = (&pointer.key, pointer.attempt);
            let reason = of_attempt(stores, &pointer).await?;
            Ok(format!("attempt {number} at {} of {}: {reason}", key.delivery_id, key.endpoint_id))
        }
        Ok(_) => Ok(format!("{}: nothing is known to stand in its way", words(body))),
        Err(error) => Ok(format!("no message that this version understands: {error}")),
    }
}

async fn of_attempt(stores: &Stores, pointer: &Pointer) -> anyhow::Result<String> {
    let delivery = match stores.deliveries()?.find(&pointer.key).await {
        Ok(Some(delivery)) => delivery,
        Ok(None) => return Ok("the delivery is gone, and nothing is left to do".to_owned()),
        Err(error) => return Ok(format!("the delivery cannot be read: {error}")),
    };
    if delivery.status != DeliveryStatus::Pending || delivery.attempts >= pointer.attempt {
        let (status, made) = (delivery.status, delivery.attempts);
        return Ok(format!("it is {status} after {made} attempts, and nothing is left to do"));
    }
    of_endpoint(stores, &delivery).await
}

async fn of_endpoint(stores: &Stores, delivery: &Delivery) -> anyhow::Result<String> {
    let stored = match stores.endpoints()?.find(&delivery.merchant_id, &delivery.endpoint_id).await {
        Ok(Some(stored)) => stored,
        Ok(None) => return Ok("the endpoint is deleted; sent back, the delivery ends".to_owned()),
        Err(error) => return Ok(format!("the endpoint cannot be read: {error}")),
    };
    let context = Context::endpoint(&delivery.merchant_id, &delivery.endpoint_id);
    let secret = stores.opener().open(&context, &stored.sealed_secret).await;
    Ok(match secret.map(|secret| SigningKey::parse(&secret).is_ok()) {
        Err(error) => format!("the endpoint's secret cannot be opened from here: {error}"),
        Ok(false) => "the endpoint's secret is none".to_owned(),
        Ok(true) => "nothing stands in its way any more".to_owned(),
    })
}

/// The words of a message that is no attempt.
fn words(body: &str) -> String {
    let message: Value = serde_json::from_str(body).unwrap_or_default();
    let members = message.as_object().into_iter().flatten();
    let said = members.map(|(name, value)| format!("{name} {}", value.as_str().unwrap_or_default()));
    said.collect::<Vec<_>>().join(", ")
}
