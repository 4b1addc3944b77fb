//! The stream of the providers table: the changes that were made.

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use paywarden_domain::provider::change::Change;

use super::history::Row;
use crate::StoreError;
use crate::error::readable;
use crate::unreadable::unreadable;

/// Reads the history rows that a batch brought, in order. Rows of providers themselves tell nothing more. One that cannot be
/// read is passed over, logged and counted.
///
/// # Errors
/// None, as yet.
pub fn changes(event: Event) -> Result<Vec<Change>, StoreError> {
    readable(event.records.into_iter().filter(is_new_history).map(change))
}

fn is_new_history(record: &EventRecord) -> bool {
    let id = record.change.keys.get("id").map(|id| format!("{id:?}")).unwrap_or_default();
    record.event_name == "INSERT" && id.contains('#')
}

fn change(record: EventRecord) -> Result<Change, StoreError> {
    let row = serde_dynamo::from_item::<_, Row>(record.change.new_image.clone());
    row.map(|row| row.change).map_err(|error| unreadable("providers stream", &record, error))
}
