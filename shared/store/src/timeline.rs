//! The timeline table: one partition per subject, entries in time order, gone after their time to live.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use paywarden_domain::time::{Timestamp, days};
use paywarden_domain::timeline::{Entry, Subject};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::StoreError;
use crate::dynamo::{BatchWrite, Dynamo, Item, from_item, text, to_item};
use crate::error::readable;

/// Sorts before and behind everything that follows a position in a key.
const FIRST: &str = "!";
const LAST: &str = "~";

/// Writes timelines, by subject.
pub struct Timeline {
    dynamo: Dynamo,
    table: String,
    retention_days: i64,
}

/// Reads timelines, by subject.
pub struct TimelineReader {
    dynamo: Dynamo,
    table: String,
}

#[derive(Serialize, Deserialize)]
struct Row {
    subject: String,
    entry: String,
    #[serde(flatten)]
    head: Head,
    /// JSON text, so that numbers keep their digits.
    detail: String,
    expires_at: i64,
}

#[derive(Serialize, Deserialize)]
struct Head {
    id: paywarden_domain::id::EntryId,
    at: Timestamp,
    kind: paywarden_domain::timeline::EntryKind,
    source: String,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    request_id: Option<String>,
}

/// A part of a timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelinePage {
    /// The entries, oldest first.
    pub entries: Vec<Entry>,
    /// Where the next part begins, if there is more.
    pub next: Option<String>,
}

impl Timeline {
    /// The table called `table`; entries live for `retention_days`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String, retention_days: i64) -> Self {
        Self { dynamo: dynamo.clone(), table, retention_days }
    }

    /// Writes entries; one that is there already is overwritten with itself, and one that is given twice is written once: a
    /// callback may report the same twice.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the table did not take them all.
    pub async fn append(&self, entries: &[(Subject, Entry)]) -> Result<(), StoreError> {
        let by_key: BTreeMap<(String, String), &(Subject, Entry)> =
            entries.iter().map(|one| ((one.0.key(), position(&one.1)), one)).collect();
        let items = by_key.into_values().map(|(subject, entry)| self.item(subject, entry));
        let writes = items.map(|item| item.map(BatchWrite::Put)).collect::<Result<_, _>>()?;
        self.dynamo.write_batch(&self.table, writes).await
    }

    fn item(&self, subject: &Subject, entry: &Entry) -> Result<Item, StoreError> {
        let row = Row {
            subject: subject.key(),
            entry: position(entry),
            head: Head {
                id: entry.id.clone(),
                at: entry.at,
                kind: entry.kind,
                source: entry.source.clone(),
                summary: entry.summary.clone(),
                request_id: entry.request_id.clone(),
            },
            detail: entry.detail.to_string(),
            expires_at: entry.at.plus_seconds(days(self.retention_days)).as_seconds(),
        };
        to_item(&self.table, &row)
    }
}

/// Where an entry stands among those of its subject. Positions of several subjects are in the order of time, too.
#[must_use]
pub fn position(entry: &Entry) -> String {
    format!("{}#{}#{}", entry.at, entry.kind.rank(), entry.id)
}

impl TimelineReader {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// Reads up to `limit` entries, oldest first, behind `after`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn list(
        &self,
        subject: &Subject,
        limit: u16,
        after: Option<&str>,
    ) -> Result<TimelinePage, StoreError> {
        self.list_between(subject, limit, after, None).await
    }

    /// Reads up to `limit` entries, oldest first, behind `after` and before the moment `until`. A moment's text is a
    /// position too: entries behind it are those of that moment and later.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn list_between(
        &self,
        subject: &Subject,
        limit: u16,
        after: Option<&str>,
        until: Option<Timestamp>,
    ) -> Result<TimelinePage, StoreError> {
        // `BETWEEN` includes its lower end, and a position is an entry's key or the moment before any.
        let low = after.map_or_else(|| FIRST.to_owned(), |after| format!("{after}{FIRST}"));
        let high = until.map_or_else(|| LAST.to_owned(), |until| until.to_string());
        if low > high {
            return Ok(TimelinePage { entries: Vec::new(), next: None });
        }
        let output = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("subject = :subject AND entry BETWEEN :low AND :high")
            .expression_attribute_values(":subject", text(subject.key()))
            .expression_attribute_values(":low", text(low))
            .expression_attribute_values(":high", text(high))
            .limit(i32::from(limit).saturating_add(1))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let items = output.items.unwrap_or_default();
        let more = items.len() > usize::from(limit);
        // Where to go on when none of them can be read.
        let behind = items.last().and_then(|item| item.get("entry")?.as_s().ok()).cloned();
        let mut rows: Vec<Row> = readable(items.into_iter().map(|item| from_item(&self.table, item)))?;
        rows.truncate(usize::from(limit));
        let next = more.then(|| rows.last().map(|row| row.entry.clone()).or(behind)).flatten();
        Ok(TimelinePage { entries: rows.into_iter().map(Row::into_entry).collect(), next })
    }
}

impl Row {
    fn into_entry(self) -> Entry {
        Entry {
            id: self.head.id,
            at: self.head.at,
            kind: self.head.kind,
            source: self.head.source,
            summary: self.head.summary,
            detail: serde_json::from_str(&self.detail).unwrap_or(Value::Null),
            request_id: self.head.request_id,
        }
    }
}
