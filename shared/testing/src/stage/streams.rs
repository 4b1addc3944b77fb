//! The streams of the stage's tables.

use aws_lambda_events::event::dynamodb::Event;
use serde_json::json;

use super::{TestStage, request};

impl TestStage {
    pub(super) fn changes(&self, table: &str, behind: Option<&str>) -> Event {
        let json =
            |value: serde_json::Value| serde_json::from_value(value).expect("the event is well-formed");
        let (arn, shard) = self.stream(table);
        let iterator = match behind {
            Some(number) => json!({"StreamArn": arn, "ShardId": shard,
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": number}),
            None => json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}),
        };
        let iterator = self.database.get_shard_iterator(request(iterator)).expect("an iterator");
        let iterator = serde_json::to_value(iterator).expect("an answer is JSON");
        let records = json!({"ShardIterator": iterator["ShardIterator"]});
        let records = self.database.get_records(request(records)).expect("records");
        json(json!({"Records": serde_json::to_value(records).expect("an answer is JSON")["Records"]}))
    }

    /// A table's stream and its one shard. The emulation counts the whole table to tell them, so they are asked for once.
    fn stream(&self, table: &str) -> (String, String) {
        let mut streams = self.streams.lock().expect("no test panics while it holds the streams");
        let described = || {
            let arn = self.stream_arn(table);
            let stream = self.database.describe_stream(request(json!({"StreamArn": arn}))).expect("a stream");
            let stream = serde_json::to_value(stream).expect("an answer is JSON");
            let shard = stream["StreamDescription"]["Shards"][0]["ShardId"].as_str();
            (arn, shard.unwrap_or_default().to_owned())
        };
        streams.entry(table.to_owned()).or_insert_with(described).clone()
    }

    fn stream_arn(&self, table: &str) -> String {
        let described = self.database.describe_table(request(json!({"TableName": table}))).expect("a table");
        let described = serde_json::to_value(described).expect("an answer is JSON");
        described["Table"]["LatestStreamArn"].as_str().unwrap_or_default().to_owned()
    }
}
