//! How far the matching of a run is, by shard.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Run, ShardResult};
use crate::reconciliation::BookSide;
use crate::reconciliation::tally::RowTotals;

/// The shards of a run's attempt, and what those that are done came to.
#[derive(Debug)]
pub struct Progress<'a> {
    shards: u16,
    inputs: &'a RowTotals,
    done: &'a BTreeMap<u16, ShardResult>,
}

impl Run {
    /// How far it is, with its shards that are done by their number; nothing before its rows are in shards.
    #[must_use]
    pub fn progress<'a>(&'a self, done: &'a BTreeMap<u16, ShardResult>) -> Option<Progress<'a>> {
        let manifest = self.manifest.as_ref()?;
        Some(Progress { shards: manifest.shards, inputs: &manifest.inputs, done })
    }
}

impl Progress<'_> {
    /// The progress as the API shows it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let all = ShardResult::of_all(self.done.values());
        let rows = |side| self.inputs.rows(side);
        let by_shard: Vec<_> = (0..self.shards).map(|shard| self.shard(shard)).collect();
        json!({
            "shards": self.shards,
            "done": self.done.len(),
            "rows": {"ledger": rows(BookSide::Ledger), "statement": rows(BookSide::Statement)},
            "open": open(&all),
            "by_shard": by_shard,
        })
    }

    fn shard(&self, shard: u16) -> Value {
        let result = self.done.get(&shard);
        json!({"shard": shard, "done": result.is_some(), "open": result.map(open)})
    }
}

/// Rows that shards have left for the last step.
fn open(result: &ShardResult) -> Value {
    json!({"ledger": result.open_ledger, "statement": result.open_statement})
}
