//! The provider-health table: what happened to each provider by minute, and what the monitoring remembers of it.
//!
//! | item | provider_id | entry |
//! |---|---|---|
//! | a minute | provider | `minute#` minutes since 1970, 12 digits `#` shard |
//! | memory | provider | `monitor` |
//!
//! Minutes are gone after some weeks; the memory carries on what was learnt from them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::{Put, ReturnConsumedCapacity};
use paywarden_domain::entropy::{Entropy, random_bytes};
use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::monitor::{Memory, Minutes, Tally, minute_of};
use paywarden_domain::provider::record::Observed;
use paywarden_domain::provider::waits::Waits;
use paywarden_domain::time::{Clock, Timestamp, days};

use crate::StoreError;
use crate::dynamo::{Companion, Dynamo, Item, key2, number, text};

/// How long minutes are kept.
const RETENTION_DAYS: i64 = 35;

/// What each write adds to its minute, beside the payments of each step of waiting.
const COUNTS: &str = "expires_at = :expires \
     ADD received :received, refused :refused, used :used, succeeded :succeeded, failed :failed";

/// Rows that a provider's minute is spread over, so that many processes do not write the same one.
const SHARDS: u8 = 4;

/// A process writes what strangers send to a provider this often at most, and apart from it what the provider does.
const WRITE_SECONDS: i64 = 60;

/// Minutes that are looked through at once for the last activity. As a rule it is in the first of them.
const LATEST: i32 = 25;

const MINUTE_PREFIX: &str = "minute#";
/// Sorts behind every minute, so that one query from the end finds it and the last minute.
const MEMORY: &str = "monitor";

/// Health by provider.
pub struct Health {
    dynamo: Dynamo,
    table: String,
    clock: Arc<dyn Clock>,
    shard: u8,
    pending: Mutex<HashMap<ProviderId, Pending>>,
}

/// What a process has counted and not written yet.
#[derive(Clone, Copy, Default)]
struct Pending {
    tally: Tally,
    written_at: Option<Timestamp>,
    /// When something was last written that the provider did.
    active_at: Option<Timestamp>,
}

impl Pending {
    /// What is to be written now. A stranger's callback keeps none of the provider's waiting: the process may be frozen before
    /// there is another.
    fn take_due(&mut self, now: Timestamp) -> Option<Tally> {
        let is_active = is_activity(&self.tally);
        let last = if is_active { self.active_at } else { self.written_at };
        if last.is_some_and(|last| last.plus_seconds(WRITE_SECONDS) > now) {
            return None;
        }
        self.written_at = Some(now);
        if is_active {
            self.active_at = Some(now);
        }
        Some(std::mem::take(&mut self.tally))
    }
}

/// Whether the provider did something. What was refused may be a stranger's.
fn is_activity(tally: &Tally) -> bool {
    Tally { refused: 0, ..*tally } != Tally::default()
}

impl Health {
    /// The table called `table`. Chance decides which of a minute's rows this process writes.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        let [byte] = random_bytes::<1>(entropy);
        let shard = byte % SHARDS;
        Self { dynamo: dynamo.clone(), table, clock, shard, pending: Mutex::default() }
    }

    /// Counts, and writes what was counted if this process has written none of its kind for a minute: what a stranger can cause
    /// costs next to nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; the counts of this write are lost then, which monitoring can bear.
    pub async fn record(&self, provider: &ProviderId, tally: &Tally) -> Result<(), StoreError> {
        let now = self.clock.now();
        let Some(tally) = self.take_due(provider, tally, now) else {
            return Ok(());
        };
        let sort = format!("{MINUTE_PREFIX}{:012}#{}", minute_of(now), self.shard);
        let is_activity = is_activity(&tally);
        let set = if is_activity { "SET last_at = :now, " } else { "SET " };
        let waits: String =
            tally.waits.steps().map(|(step, _)| format!(", wait_{step} :wait_{step}")).collect();
        let expression = format!("{set}{COUNTS}{waits}");
        let output = self
            .dynamo
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key2(("provider_id", provider.as_str()), ("entry", &sort))))
            .update_expression(expression)
            .set_expression_attribute_values(Some(values(&tally, is_activity.then_some(now), now)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        Ok(())
    }

    fn take_due(&self, provider: &ProviderId, tally: &Tally, now: Timestamp) -> Option<Tally> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let own = pending.entry(provider.clone()).or_default();
        own.tally.add(tally);
        own.take_due(now)
    }

    /// What happened in the minutes after `after` and before the present one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn minutes(&self, provider: &ProviderId, after: i64) -> Result<Minutes, StoreError> {
        let query = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("provider_id = :provider AND entry BETWEEN :from AND :until")
            .expression_attribute_values(":provider", text(provider.as_str()))
            .expression_attribute_values(":from", text(first_of(after.saturating_add(1))))
            .expression_attribute_values(":until", text(first_of(minute_of(self.clock.now()))));
        let mut minutes = Minutes::new();
        for item in self.dynamo.query_all(query).await? {
            if let Some(minute) = minute_in(&item) {
                minutes.entry(minute).or_default().add(&tally_in(&item));
            }
        }
        Ok(minutes)
    }

    /// What the monitoring remembers, as of its last step.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn memory(&self, provider: &ProviderId) -> Result<Option<Memory>, StoreError> {
        let key = key2(("provider_id", provider.as_str()), ("entry", MEMORY));
        let item = self.dynamo.get(&self.table, key, true).await?;
        item.map(|item| self.memory_in(&item)).transpose()
    }

    /// Writes down what the monitoring remembers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn remember(&self, provider: &ProviderId, memory: &Memory) -> Result<(), StoreError> {
        self.dynamo.put(&self.table, memory_item(provider, memory), None).await
    }

    /// [`Health::remember`], to be done together with what was decided.
    #[must_use]
    pub fn remembering(&self, provider: &ProviderId, memory: &Memory) -> Companion {
        Companion(Put::builder().table_name(&self.table).set_item(Some(memory_item(provider, memory))))
    }

    /// When the provider was last active, and what else people are shown: one query, and more only where strangers have filled
    /// minutes that the monitoring has not looked at.
    ///
    /// # Errors
    /// As [`Health::memory`].
    pub async fn observed(&self, provider: &ProviderId) -> Result<Observed, StoreError> {
        let (mut observed, mut seen_until) = (Observed::default(), None);
        let mut after = None;
        loop {
            let page = self.latest(provider, after).await?;
            let (mut last_at, mut oldest) = (None, None);
            for item in page.items() {
                if item.contains_key("memory") {
                    let memory = self.memory_in(item)?;
                    observed.stuck = memory.stuck;
                    observed.last_activity = memory.last_received.and_then(start_of);
                    seen_until = Some(memory.seen_until);
                } else {
                    last_at = last_at.max(last_at_in(item));
                    oldest = minute_in(item).or(oldest);
                }
            }
            observed.last_activity = observed.last_activity.max(last_at);
            // The monitoring remembers what it has seen, and what is further back is older.
            let is_known = last_at.is_some() || oldest.zip(seen_until).is_some_and(|(at, seen)| at <= seen);
            after = page.last_evaluated_key.filter(|_| !is_known);
            if after.is_none() {
                return Ok(observed);
            }
        }
    }

    /// The memory, if there is any, and minutes from the latest on.
    async fn latest(&self, provider: &ProviderId, after: Option<Item>) -> Result<QueryOutput, StoreError> {
        let query = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("provider_id = :provider")
            .expression_attribute_values(":provider", text(provider.as_str()))
            .scan_index_forward(false)
            .limit(LATEST)
            .set_exclusive_start_key(after)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = query.send().await.map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        Ok(output)
    }

    fn memory_in(&self, item: &Item) -> Result<Memory, StoreError> {
        let memory = item.get("memory").and_then(|memory| memory.as_s().ok());
        let memory = memory.and_then(|memory| serde_json::from_str(memory).ok());
        memory.ok_or_else(|| StoreError::Corrupt {
            table: self.table.clone(),
            key: MEMORY.to_owned(),
            detail: "not what the monitoring wrote".to_owned(),
        })
    }
}

fn memory_item(provider: &ProviderId, memory: &Memory) -> Item {
    let mut item = key2(("provider_id", provider.as_str()), ("entry", MEMORY));
    // Numbers and maps of numbers always have a text.
    item.insert("memory".to_owned(), text(serde_json::to_string(memory).unwrap_or_default()));
    item
}

fn values(tally: &Tally, active_at: Option<Timestamp>, now: Timestamp) -> Item {
    let expires_at = now.plus_seconds(days(RETENTION_DAYS)).as_seconds();
    let counts = [
        (":expires".to_owned(), number(expires_at)),
        (":received".to_owned(), number(tally.received)),
        (":refused".to_owned(), number(tally.refused)),
        (":used".to_owned(), number(tally.used)),
        (":succeeded".to_owned(), number(tally.succeeded)),
        (":failed".to_owned(), number(tally.failed)),
    ];
    let waits = tally.waits.steps().map(|(step, payments)| (format!(":wait_{step}"), number(payments)));
    let active_at = active_at.map(|active_at| (":now".to_owned(), text(active_at.to_string())));
    counts.into_iter().chain(waits).chain(active_at).collect()
}

/// Sorts before everything of a minute.
fn first_of(minute: i64) -> String {
    format!("{MINUTE_PREFIX}{minute:012}")
}

fn minute_in(item: &Item) -> Option<i64> {
    let entry = item.get("entry")?.as_s().ok()?;
    entry.strip_prefix(MINUTE_PREFIX)?.split('#').next()?.parse().ok()
}

fn start_of(minute: i64) -> Option<Timestamp> {
    Timestamp::from_seconds(minute.saturating_mul(60)).ok()
}

/// When something of the minute was last written that the provider did.
fn last_at_in(item: &Item) -> Option<Timestamp> {
    Timestamp::parse(item.get("last_at")?.as_s().ok()?).ok()
}

fn tally_in(item: &Item) -> Tally {
    let count = |name: &str| {
        item.get(name).and_then(|count| count.as_n().ok()?.parse::<u32>().ok()).unwrap_or_default()
    };
    let mut waits = Waits::default();
    (0..Waits::STEPS).for_each(|step| waits.count_step(step, count(&format!("wait_{step}"))));
    Tally {
        received: count("received"),
        refused: count("refused"),
        used: count("used"),
        succeeded: count("succeeded"),
        failed: count("failed"),
        waits,
    }
}
