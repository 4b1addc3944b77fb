//! The stream of the providers table: the changes that were made.

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use paywarden_domain::provider::change::Change;

use super::history::Row;
use crate::StoreError;

/// Reads the history rows that a batch brought, in order. Rows of providers themselves tell nothing more.
///
/// # Errors
/// [`StoreError::Corrupt`] when an image is no change; the batch must not be taken as handled then.
pub fn changes(event: Event) -> Result<Vec<Change>, StoreError> {
    event.records.into_iter().filter(is_new_history).map(change).collect()
}

fn is_new_history(record: &EventRecord) -> bool {
    let id = record.change.keys.get("id").map(|id| format!("{id:?}")).unwrap_or_default();
    record.event_name == "INSERT" && id.contains('#')
}

fn change(record: EventRecord) -> Result<Change, StoreError> {
    let row = serde_dynamo::from_item::<_, Row>(record.change.new_image);
    row.map(|row| row.change).map_err(|error| StoreError::Corrupt {
        table: "providers stream".to_owned(),
        key: record.event_id,
        detail: error.to_string(),
    })
}
