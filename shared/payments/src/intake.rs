//! How callbacks go on their way, those that came in and those that are read again.

use std::sync::Arc;

use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_store::StoreError;
use paywarden_store::queue::{Message, Queue};

/// Queues a callback for whoever applies it. Fair among providers: one that floods the queue does not delay the others.
pub(crate) async fn queue(events: &Arc<dyn Queue>, callback: &VerifiedCallback) -> Result<(), StoreError> {
    queue_later(events, callback, 0).await
}

/// The same, for nobody to get before so many seconds have passed.
pub(crate) async fn queue_later(
    events: &Arc<dyn Queue>,
    callback: &VerifiedCallback,
    delay_seconds: u32,
) -> Result<(), StoreError> {
    let body = serde_json::to_string(callback).map_err(|error| StoreError::Corrupt {
        table: "transaction events".to_owned(),
        key: callback.correlation_id.clone(),
        detail: error.to_string(),
    })?;
    let message = Message {
        body,
        delay_seconds,
        group: Some(callback.provider.id.to_string()),
        correlation_id: Some(callback.correlation_id.clone()),
    };
    events.send(message).await
}
