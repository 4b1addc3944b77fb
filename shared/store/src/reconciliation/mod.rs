//! The reconciliation table: statements, runs, their shards and what they found. Files are in [`crate::objects`].
//!
//! | item | pk | sk | index `listed` |
//! |---|---|---|---|
//! | statement | statement | `statement` | merchant `#statements`, created # id |
//! | content: which statement has these bytes | merchant `#contents` | hash of provider, bytes and reading | |
//! | reading: how a provider's files were last read | merchant `#readings` | provider | |
//! | run | run | `run` | merchant `#runs`, created # id |
//! | part of the ledger: it is read | run | `part#` attempt # number | |
//! | shard: it is done, and what is open in it | run | `shard#` attempt # number | |
//! | finding: the run has this exception | run | `finding#` outcome # exception | |
//! | window: the run that counts for these days | merchant `#windows` | provider # first # last day | |
//! | fees: what the run that counts for these days found of a month | merchant `#fees#` provider | month # first # last day | |
//! | export: the ledger's day is in files | merchant `#exports` | day | |
//! | exception | exception | `exception` | while it is open: merchant # provider `#open`, id |
//!
//! The table's stream announces runs that have ended.

mod exceptions;
mod exports;
mod fees;
mod runs;
mod statements;
pub mod stream;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::dynamo::{Dynamo, Item, from_item, just_before, key2, text, to_item};
use crate::error::readable;

pub use exceptions::FindingsPage;

const LISTED: &str = "listed";

/// Statements, runs and exceptions.
pub struct Reconciliation {
    dynamo: Dynamo,
    table: String,
}

/// A part of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next part begins, if there may be more.
    pub next: Option<String>,
}

/// An item with its keys.
#[derive(Serialize, Deserialize)]
struct Row<T> {
    pk: String,
    sk: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    list_pk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    list_sk: Option<String>,
    #[serde(flatten)]
    value: T,
}

impl Reconciliation {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    async fn read<T: DeserializeOwned>(&self, pk: &str, sk: &str) -> Result<Option<T>, StoreError> {
        let item = self.dynamo.get(&self.table, key2(("pk", pk), ("sk", sk)), true).await?;
        item.map(|item| from_item::<Row<T>>(&self.table, item).map(|row| row.value)).transpose()
    }

    fn item<T: Serialize>(&self, row: &Row<T>) -> Result<Item, StoreError> {
        to_item(&self.table, row)
    }

    fn query(&self) -> QueryFluentBuilder {
        self.dynamo.client.query().table_name(&self.table)
    }

    /// A page of the index, newest first, from behind the position `after` and not before `from`. What cannot be read is passed
    /// over: each stands by itself.
    async fn list<T: DeserializeOwned, U>(
        &self,
        partition: &str,
        (after, from): (Option<&str>, &str),
        limit: u16,
        parse: impl Fn(&T) -> Result<U, StoreError>,
    ) -> Result<Page<U>, StoreError> {
        let query = self
            .query()
            .index_name(LISTED)
            .key_condition_expression("list_pk = :pk AND list_sk BETWEEN :from AND :until")
            .expression_attribute_values(":pk", text(partition))
            .expression_attribute_values(":from", text(from))
            // Just before the position: what sorts there is shorter than any key.
            .expression_attribute_values(":until", text(after.map_or("~".to_owned(), just_before)))
            .scan_index_forward(false);
        let (items, more) = self.dynamo.query_page(query, limit).await?;
        let last = last_of(&items, "list_sk");
        let rows = items.into_iter().map(|item| parse(&from_item::<Row<T>>(&self.table, item)?.value));
        Ok(Page { items: readable(rows)?, next: last.filter(|_| more) })
    }
}

/// Where a page ends, whether or not its last row can be read.
fn last_of(items: &[Item], key: &str) -> Option<String> {
    items.last().and_then(|item| item.get(key)?.as_s().ok()).cloned()
}
