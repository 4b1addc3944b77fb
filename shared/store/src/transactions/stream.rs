//! The stream of the transactions table: what changed, as records.

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use paywarden_domain::transaction::Transaction;

use crate::StoreError;
use crate::transactions::item::TransactionItem;

/// One change of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordChange {
    /// It was created.
    Created(Box<Transaction>),
    /// It was written again.
    Changed { old: Box<Transaction>, new: Box<Transaction> },
    /// It was removed, which only an operator can do.
    Removed(Box<Transaction>),
}

/// Reads the changes of a batch, in order.
///
/// # Errors
/// [`StoreError::Corrupt`] when an image is no record; the batch must not be taken as handled then.
pub fn changes(event: Event) -> Result<Vec<RecordChange>, StoreError> {
    event.records.into_iter().filter_map(|record| change(record).transpose()).collect()
}

fn change(record: EventRecord) -> Result<Option<RecordChange>, StoreError> {
    let old = image(&record.event_id, record.change.old_image)?;
    let new = image(&record.event_id, record.change.new_image)?;
    Ok(match (old, new) {
        (None, Some(new)) => Some(RecordChange::Created(new)),
        (Some(old), Some(new)) => Some(RecordChange::Changed { old, new }),
        (Some(old), None) => Some(RecordChange::Removed(old)),
        (None, None) => None,
    })
}

fn image(event_id: &str, image: serde_dynamo::Item) -> Result<Option<Box<Transaction>>, StoreError> {
    if image.is_empty() {
        return Ok(None);
    }
    let corrupt = |detail: String| StoreError::Corrupt {
        table: "transactions stream".to_owned(),
        key: event_id.to_owned(),
        detail,
    };
    let item: TransactionItem = serde_dynamo::from_item(image).map_err(|error| corrupt(error.to_string()))?;
    let transaction = item.into_transaction().map_err(|detail| corrupt(detail.to_owned()))?;
    Ok(Some(Box::new(transaction)))
}
