//! The items of the stage's tables, as they lie there.

use serde_json::json;

use super::{TestStage, request};

impl TestStage {
    /// How many items a table (by its logical id) holds.
    #[must_use]
    pub fn count(&self, table: &str) -> usize {
        let scanned = self.database.scan(request(json!({"TableName": table, "Select": "COUNT"})));
        let scanned = scanned.unwrap_or_else(|error| panic!("{table}: {error}"));
        scanned.count
    }

    /// Makes the rows of a table that are meant rows that this code cannot read, as a newer version of it may write them: a
    /// member has a value that is not known yet.
    pub fn spoil(&self, table: &str, member: &str, is_meant: impl Fn(&serde_json::Value) -> bool) {
        for mut item in self.items(table).into_iter().filter(is_meant) {
            item[member] = json!({"S": "A_WORD_OF_THE_NEXT_VERSION"});
            self.put_item(table, &item);
        }
    }

    /// Leaves what functions have taken on under a key as if they had been cut off before they kept their answers.
    pub fn forget_answers(&self) {
        for mut item in self.items("IdempotencyTable") {
            item.as_object_mut().expect("an item").remove("answer");
            self.put_item("IdempotencyTable", &item);
        }
    }

    /// Writes an item of a table, as DynamoDB's JSON.
    pub fn put_item(&self, table: &str, item: &serde_json::Value) {
        let put = self.database.put_item(request(json!({"TableName": table, "Item": item})));
        put.unwrap_or_else(|error| panic!("{table}: {error}"));
    }

    /// All items of a table (by its logical id) as DynamoDB's JSON, in the order of their text.
    #[must_use]
    pub fn items(&self, table: &str) -> Vec<serde_json::Value> {
        let scanned = self.database.scan(request(json!({"TableName": table})));
        let scanned = scanned.unwrap_or_else(|error| panic!("{table}: {error}"));
        let mut scanned = serde_json::to_value(scanned).expect("an answer is JSON");
        let mut items: Vec<_> = scanned["Items"].as_array_mut().map(std::mem::take).unwrap_or_default();
        items.iter_mut().for_each(serde_json::Value::sort_all_objects);
        items.sort_by_key(ToString::to_string);
        items
    }
}
