//! Records of streams that cannot be read.

use std::collections::BTreeMap;

use aws_lambda_events::event::dynamodb::EventRecord;
use serde_json::Value;

use crate::StoreError;

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
