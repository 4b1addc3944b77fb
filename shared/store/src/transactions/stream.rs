//! The stream of the transactions table: what changed, as records.

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use paywarden_domain::transaction::Transaction;

use crate::StoreError;
use crate::stream::{read_all, unreadable};
use crate::transactions::item::TransactionItem;

const STREAM: &str = "transactions stream";

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
    read_all(event, change)
}

/// Reads the change that a record of the stream tells.
///
/// # Errors
/// [`StoreError::Corrupt`] when an image is no record.
pub fn change(record: &EventRecord) -> Result<Option<RecordChange>, StoreError> {
    let old = image(record, &record.change.old_image)?;
    let new = image(record, &record.change.new_image)?;
    Ok(match (old, new) {
        (None, Some(new)) => Some(RecordChange::Created(new)),
        (Some(old), Some(new)) => Some(RecordChange::Changed { old, new }),
        (Some(old), None) => Some(RecordChange::Removed(old)),
        (None, None) => None,
    })
}

fn image(record: &EventRecord, image: &serde_dynamo::Item) -> Result<Option<Box<Transaction>>, StoreError> {
    if image.is_empty() {
        return Ok(None);
    }
    let item = serde_dynamo::from_item::<_, TransactionItem>(image.clone());
    let item = item.map_err(|error| unreadable(STREAM, record, error))?;
    let transaction = item.into_transaction().map_err(|detail| unreadable(STREAM, record, detail))?;
    Ok(Some(Box::new(transaction)))
}
