//! The stream of the providers table: the changes that were made.

use aws_lambda_events::event::dynamodb::EventRecord;
use paywarden_domain::provider::change::Change;

use super::history::Row;
use crate::StoreError;
use crate::stream::unreadable;

/// Reads the change that a history row brought. Rows of providers themselves tell nothing more.
///
/// # Errors
/// [`StoreError::Corrupt`] when the row cannot be read.
pub fn change(record: &EventRecord) -> Result<Option<Change>, StoreError> {
    if !is_new_history(record) {
        return Ok(None);
    }
    let row = serde_dynamo::from_item::<_, Row>(record.change.new_image.clone());
    row.map(|row| Some(row.change)).map_err(|error| unreadable("providers stream", record, error))
}

fn is_new_history(record: &EventRecord) -> bool {
    let id = record.change.keys.get("id").map(|id| format!("{id:?}")).unwrap_or_default();
    record.event_name == "INSERT" && id.contains('#')
}
