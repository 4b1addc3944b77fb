//! Batches of streams, read record by record: one that cannot be read, as a newer version writes it, takes no other along.

use std::collections::BTreeMap;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use serde_json::Value;

use crate::StoreError;

/// Makes a change of a record, or nothing where there is nothing to tell. [`StoreError::Corrupt`] when it cannot be read.
pub type Read<C> = fn(&EventRecord) -> Result<Option<C>, StoreError>;

/// A batch, in order.
pub struct Batch<C> {
    /// What could be read, and of which record.
    pub readable: Vec<(EventRecord, C)>,
    /// What could not, and why.
    pub unreadable: Vec<(EventRecord, StoreError)>,
}

impl<C> Batch<C> {
    /// Reads all that can be read of an event. A record that tells nothing is in neither part.
    #[must_use]
    pub fn read(event: Event, read: Read<C>) -> Self {
        let (mut readable, mut unreadable) = (Vec::new(), Vec::new());
        for record in event.records {
            match read(&record) {
                Ok(Some(change)) => readable.push((record, change)),
                Ok(None) => {}
                Err(error) => unreadable.push((record, error)),
            }
        }
        Self { readable, unreadable }
    }
}

/// The changes of a batch of which each record can be read, in order.
///
/// # Errors
/// [`StoreError::Corrupt`] when one cannot be read.
pub fn read_all<C>(event: Event, read: Read<C>) -> Result<Vec<C>, StoreError> {
    event.records.iter().filter_map(|record| read(record).transpose()).collect()
}

/// What is wrong with a record, and the key of its row, by which somebody finds it in its table.
pub(crate) fn unreadable(stream: &str, record: &EventRecord, detail: impl ToString) -> StoreError {
    let keys: BTreeMap<String, Value> =
        serde_dynamo::from_item(record.change.keys.clone()).unwrap_or_default();
    let key = serde_json::to_string(&keys).unwrap_or_default();
    StoreError::Corrupt { table: stream.to_owned(), key, detail: detail.to_string() }
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::event::dynamodb::Event;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_row_can_be_found_by_what_is_logged() {
        let event = json!({"Records": [{"awsRegion": "us-east-1", "eventID": "1", "eventName": "INSERT",
            "dynamodb": {"Keys": {"pk": {"S": "rcr_1"}, "sk": {"S": "run"}}, "SizeBytes": 1}}]});
        let event: Event = serde_json::from_value(event).unwrap();
        let error = unreadable("a stream", event.records.first().unwrap(), "no run");
        let expected = r#"a stream holds an item that cannot be read at {"pk":"rcr_1","sk":"run"}: no run"#;
        assert_eq!(error.to_string(), expected);
    }
}
