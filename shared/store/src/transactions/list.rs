//! Lists: the narrowest index for the filters given, its partitions merged by time, the rest filtered, and a bound on what
//! one request reads.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use paywarden_domain::id::MerchantId;
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::Transaction;

use crate::StoreError;
use crate::dynamo::text;
use crate::error::readable;
use crate::transactions::{Transactions, keys, read};

pub use crate::transactions::filters::{AmountRange, Filters, TimeRange};

/// Rows one request looks at before it answers with what it has and a position to go on from.
pub const MAX_ROWS_READ: usize = 1_000;

/// Rows first fetched from a run that others are merged with. Which run the page comes from shows only then, and what lies
/// in the others is read for nothing.
const FIRST_FETCH: usize = 8;

/// Least rows fetched at a time: what half a read unit holds.
const MIN_FETCH: usize = 4;

/// The character before every character of a key: the lower end of a prefix. The table takes no empty bound.
const BEFORE_ANY: char = ' ';

/// The character behind every character of a key: the upper end of a prefix.
const AFTER_ANY: char = '\u{7f}';

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    Descending,
    /// Oldest first.
    Ascending,
}

/// A page to be read.
#[derive(Debug, Clone)]
pub struct ListQuery<'a> {
    pub merchant: &'a MerchantId,
    /// How many partitions they are in.
    pub shard_count: u16,
    pub filters: &'a Filters,
    pub order: Order,
    pub limit: usize,
    /// Behind which position, as a page before gave it.
    pub after: Option<String>,
    /// The present moment, by which a payment is stuck or not.
    pub now: Timestamp,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    pub transactions: Vec<Transaction>,
    /// Where the next page begins, if there may be more.
    pub next: Option<String>,
    /// The index that was read.
    pub index: &'static str,
    /// Rows that were looked at.
    pub rows_read: usize,
}

/// Which index serves a list, and what it sorts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Status, then the time of its last change.
    ByStatus,
    /// The time of payment.
    ByCharged,
    /// Creation, of those only that wait for a person.
    ByHeld,
    /// Provider, then creation.
    ByProvider,
    /// Creation.
    ByCreated,
}

impl Plan {
    /// The index for these filters. A status filter orders by the time of its change, a charged filter by that time;
    /// everything else by creation.
    #[must_use]
    pub fn choose(filters: &Filters) -> Self {
        if !filters.statuses.is_empty() || filters.stuck.is_some() || filters.status_changed.is_bounded() {
            Self::ByStatus
        } else if filters.charged.is_bounded() {
            Self::ByCharged
        } else if filters.held == Some(true) {
            Self::ByHeld
        } else if !filters.providers.is_empty() {
            Self::ByProvider
        } else {
            Self::ByCreated
        }
    }

    /// The index's name.
    #[must_use]
    pub const fn index(self) -> &'static str {
        match self {
            Self::ByStatus => "by-status",
            Self::ByCharged => "by-charged",
            Self::ByHeld => "by-held",
            Self::ByProvider => "by-provider",
            Self::ByCreated => "by-created",
        }
    }

    const fn sort_key(self) -> &'static str {
        match self {
            Self::ByStatus => "status_sk",
            Self::ByCharged => "charged_sk",
            Self::ByHeld => "held_sk",
            Self::ByProvider => "provider_sk",
            Self::ByCreated => "created_sk",
        }
    }

    /// What the sort keys begin with, one run per prefix.
    fn prefixes(self, filters: &Filters) -> Vec<String> {
        match self {
            Self::ByStatus => filters.possible_statuses().into_iter().map(keys::status_prefix).collect(),
            Self::ByProvider => filters.providers.iter().map(|provider| format!("{provider}#")).collect(),
            Self::ByCharged | Self::ByHeld | Self::ByCreated => vec![String::new()],
        }
    }

    fn range(self, filters: &Filters) -> TimeRange {
        match self {
            Self::ByStatus => filters.status_changed,
            Self::ByCharged => filters.charged,
            Self::ByHeld | Self::ByProvider | Self::ByCreated => filters.created,
        }
    }

    /// Where a record stands in the list's order.
    fn position(self, transaction: &Transaction) -> String {
        let at = match self {
            Self::ByStatus => transaction.status_changed_at,
            Self::ByCharged => transaction.charged_at().unwrap_or(transaction.created_at),
            Self::ByHeld | Self::ByProvider | Self::ByCreated => transaction.created_at,
        };
        keys::position(at, &transaction.id)
    }
}

/// One stretch of one index partition, read bit by bit.
struct Run {
    partition: String,
    low: String,
    high: String,
    buffer: VecDeque<Transaction>,
    /// Rows that were fetched so far.
    rows_read: usize,
    exhausted: bool,
}

impl Transactions {
    /// Reads a page: the runs of all directions and shards merged by position, so that one position serves them all.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn list(&self, query: &ListQuery<'_>) -> Result<ListPage, StoreError> {
        let plan = Plan::choose(query.filters);
        let mut runs = runs(plan, query);
        let mut page = ListPage { transactions: Vec::new(), next: None, index: plan.index(), rows_read: 0 };
        let mut last = query.after.clone();
        loop {
            self.fill(plan, query, &mut runs, page.transactions.len()).await?;
            page.rows_read = runs.iter().map(|run| run.rows_read).sum();
            let Some(transaction) = take_next(plan, query.order, &mut runs) else {
                return Ok(page);
            };
            let wanted = query.filters.matches(&transaction, query.now);
            if wanted && page.transactions.len() == query.limit {
                page.next = last;
                return Ok(page);
            }
            last = Some(plan.position(&transaction));
            if wanted {
                page.transactions.push(transaction);
            }
            if stop_reading(&page, &runs).is_break() {
                page.next = last;
                return Ok(page);
            }
        }
    }

    /// Sees to it that every run has a row to show or is read out. What several lack is asked for at the same time.
    async fn fill(
        &self,
        plan: Plan,
        query: &ListQuery<'_>,
        runs: &mut [Run],
        found: usize,
    ) -> Result<(), StoreError> {
        let count = runs.len();
        let empty = runs.iter_mut().filter(|run| run.buffer.is_empty() && !run.exhausted);
        let fetches = empty.map(|run| async move {
            while run.buffer.is_empty() && !run.exhausted {
                let rows = run.rows_to_fetch(count, query.limit, found);
                self.fetch(plan, query.order, run, rows).await?;
            }
            Ok(())
        });
        futures::future::try_join_all(fetches).await.map(drop)
    }

    /// Reads the next rows of a run into its buffer.
    async fn fetch(&self, plan: Plan, order: Order, run: &mut Run, rows: usize) -> Result<(), StoreError> {
        let output = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .index_name(plan.index())
            .key_condition_expression("list_pk = :partition AND #sort BETWEEN :low AND :high")
            .expression_attribute_names("#sort", plan.sort_key())
            .expression_attribute_values(":partition", text(&run.partition))
            .expression_attribute_values(":low", text(&run.low))
            .expression_attribute_values(":high", text(&run.high))
            .scan_index_forward(order == Order::Ascending)
            .limit(i32::try_from(rows).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let last_key =
            output.last_evaluated_key().and_then(|key| key.get(plan.sort_key())?.as_s().ok()).cloned();
        run.go_on_behind(last_key, order);
        let items = output.items.unwrap_or_default();
        run.rows_read = run.rows_read.saturating_add(items.len());
        run.buffer.extend(readable(items.into_iter().map(|item| read(&self.table, item)))?);
        Ok(())
    }
}

impl Run {
    /// How many rows to fetch: at first a look, unless the run is the only one; then as many as it will give to the rest of
    /// the page, judged by what it gave to the `found` ones. One more than the page tells whether there is another page.
    fn rows_to_fetch(&self, runs: usize, limit: usize, found: usize) -> usize {
        let page = limit.saturating_add(1);
        if self.rows_read == 0 {
            let share = page.div_ceil(runs.max(1));
            return if runs == 1 { page.max(MIN_FETCH) } else { share.clamp(MIN_FETCH, FIRST_FETCH) };
        }
        let missing = page.saturating_sub(found);
        let expected = self.rows_read.saturating_mul(missing).div_ceil(found.max(1));
        expected.min(page).max(MIN_FETCH)
    }

    /// Narrows the run to what lies behind the last key read; without one it is read out.
    fn go_on_behind(&mut self, last_key: Option<String>, order: Order) {
        match (last_key, order) {
            (None, _) => self.exhausted = true,
            (Some(key), Order::Ascending) => self.low = behind(&key),
            (Some(key), Order::Descending) => self.high = before(&key),
        }
    }
}

fn runs(plan: Plan, query: &ListQuery<'_>) -> Vec<Run> {
    let range = plan.range(query.filters);
    let mut runs = Vec::new();
    for partition in partitions(query) {
        for prefix in plan.prefixes(query.filters) {
            let mut low =
                range.from.map_or_else(|| format!("{prefix}{BEFORE_ANY}"), |from| format!("{prefix}{from}"));
            let mut high = range
                .until
                .map_or_else(|| format!("{prefix}{AFTER_ANY}"), |until| format!("{prefix}{until}"));
            match (&query.after, query.order) {
                (Some(after), Order::Ascending) => low = low.max(behind(&format!("{prefix}{after}"))),
                (Some(after), Order::Descending) => high = high.min(before(&format!("{prefix}{after}"))),
                (None, _) => {}
            }
            // A range that the position has left behind is not asked for: the table refuses an inverted one.
            if low <= high {
                let partition = partition.clone();
                runs.push(Run {
                    partition,
                    low,
                    high,
                    buffer: VecDeque::new(),
                    rows_read: 0,
                    exhausted: false,
                });
            }
        }
    }
    runs
}

fn partitions(query: &ListQuery<'_>) -> Vec<String> {
    let directions = query.filters.possible_directions();
    let shards = 0..query.shard_count.max(1);
    let of_shard = |shard| {
        directions.iter().map(move |direction| keys::list_partition(query.merchant, *direction, shard))
    };
    shards.flat_map(of_shard).collect()
}

/// The first key behind `key`; keys end in an id, and no key is an extension of another.
fn behind(key: &str) -> String {
    format!("{key}{AFTER_ANY}")
}

/// The last key before `key`: its text without the last character sorts before it, and after every key that does.
fn before(key: &str) -> String {
    let mut shorter = key.to_owned();
    match shorter.pop() {
        Some(last) => {
            let previous = char::from_u32(u32::from(last).saturating_sub(1)).unwrap_or(last);
            shorter.push(previous);
            shorter.push(AFTER_ANY);
            shorter
        }
        None => shorter,
    }
}

/// Takes the record that comes next in the list's order from the runs' heads.
fn take_next(plan: Plan, order: Order, runs: &mut [Run]) -> Option<Transaction> {
    let position = |run: &Run| run.buffer.front().map(|transaction| plan.position(transaction));
    let heads = runs.iter_mut().filter(|run| !run.buffer.is_empty());
    let next = match order {
        Order::Descending => heads.max_by_key(|run| position(run)),
        Order::Ascending => heads.min_by_key(|run| position(run)),
    };
    next.and_then(|run| run.buffer.pop_front())
}

/// Enough was read when the bound is reached and something may be left.
fn stop_reading(page: &ListPage, runs: &[Run]) -> ControlFlow<()> {
    let something_left = runs.iter().any(|run| !run.exhausted || !run.buffer.is_empty());
    let must_read_more = runs.iter().any(|run| run.buffer.is_empty() && !run.exhausted);
    if page.rows_read >= MAX_ROWS_READ && something_left && must_read_more {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}
