//! How callbacks go on their way, those that came in and those that are read again.

use std::sync::Arc;

use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_store::StoreError;
use paywarden_store::queue::{Message, Queue};

/// Queues a callback for whoever applies it. Fair among providers: one that floods the queue does not delay the others.
pub(crate) async fn queue(events: &Arc<dyn Queue>, callback: &VerifiedCallback) -> Result<(), StoreError> {
    let body = serde_json::to_string(callback).map_err(|error| StoreError::Corrupt {
        table: "transaction events".to_owned(),
        key: callback.correlation_id.clone(),
        detail: error.to_string(),
    })?;
    let message = Message {
        body,
        delay_seconds: 0,
        group: Some(callback.provider.id.to_string()),
        correlation_id: Some(callback.correlation_id.clone()),
    };
    events.send(message).await
}
