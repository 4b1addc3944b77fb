//! The stream of the webhooks table: endpoints that were switched off.

use aws_lambda_events::event::dynamodb::EventRecord;
use paywarden_domain::webhook::{Endpoint, EndpointStatus};

use super::endpoints::StoredEndpoint;
use crate::StoreError;
use crate::stream::unreadable;

/// Reads the endpoint that was switched off, because it failed or said that it is gone. All else that is written tells nothing,
/// and is most of this table.
///
/// # Errors
/// [`StoreError::Corrupt`] when the row cannot be read.
pub fn switched_off(record: &EventRecord) -> Result<Option<Endpoint>, StoreError> {
    let (old, new) = (&record.change.old_image, &record.change.new_image);
    let is_off = |image| word(image, "status").as_deref() == Some(EndpointStatus::Disabled.as_str());
    let is_endpoint = word(&record.change.keys, "sk").is_some_and(|sk| sk.starts_with("endpoint#"));
    if !is_endpoint || !is_off(new) || is_off(old) {
        return Ok(None);
    }
    let stored = serde_dynamo::from_item::<_, StoredEndpoint>(new.clone());
    let endpoint = stored.map_err(|error| unreadable("webhooks stream", record, error))?.endpoint;
    Ok(Some(endpoint).filter(|endpoint| endpoint.disabled.is_some()))
}

fn word(item: &serde_dynamo::Item, attribute: &str) -> Option<String> {
    match item.get(attribute)? {
        serde_dynamo::AttributeValue::S(text) => Some(text.clone()),
        _ => None,
    }
}
