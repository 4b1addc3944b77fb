//! The ledger table: what each transaction moved on each business day, for the finance view.
//!
//! | pk | sk |
//! |---|---|
//! | merchant # month # shard | day # first movement of the day # transaction |
//!
//! The rows of a transaction follow from the record, so writing them again overwrites them with themselves; when a
//! change moves money to another day, the row of the day before goes.

mod walk;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use paywarden_domain::id::{MerchantId, ProviderId};
use paywarden_domain::ledger::{LedgerRow, Movement};
use paywarden_domain::time::Day;
use paywarden_domain::totals::TotalsKey;
use paywarden_domain::vocabulary::{Method, Status};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::dynamo::{BatchWrite, Dynamo, Item, from_item, key2, text, to_item};

pub use walk::LedgerWalk;

/// Rows that one request looks at, about; then it answers what it has.
pub const MAX_ROWS_READ: usize = 1_000;

/// Fewest rows read from a partition at a time.
const MIN_FETCH: usize = 10;

/// Sorts behind every character of a key.
const AFTER_ANY: char = '~';

/// Ledger rows by merchant and day.
pub struct LedgerTable {
    dynamo: Dynamo,
    table: String,
}

#[derive(Serialize, Deserialize)]
struct Row {
    pk: String,
    sk: String,
    #[serde(flatten)]
    row: LedgerRow,
}

/// Which rows are asked for; an empty set asks for all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerFilters {
    /// Carried by one of these.
    pub providers: BTreeSet<ProviderId>,
    /// Paid by one of these.
    pub methods: BTreeSet<Method>,
    /// In one of these statuses.
    pub statuses: BTreeSet<Status>,
}

impl LedgerFilters {
    /// Whether a row is asked for.
    #[must_use]
    pub fn match_row(&self, row: &LedgerRow) -> bool {
        self.matches(row.provider.as_ref().map(|provider| &provider.id), row.method, row.status)
    }

    /// Whether a sum is of what is asked for.
    #[must_use]
    pub fn match_sums(&self, key: &TotalsKey) -> bool {
        self.matches(key.provider.as_ref(), key.method, key.status)
    }

    fn matches(&self, provider: Option<&ProviderId>, method: Method, status: Status) -> bool {
        (self.providers.is_empty() || provider.is_some_and(|provider| self.providers.contains(provider)))
            && (self.methods.is_empty() || self.methods.contains(&method))
            && (self.statuses.is_empty() || self.statuses.contains(&status))
    }
}

/// A page to be read, newest first.
#[derive(Debug, Clone)]
pub struct LedgerQuery<'a> {
    pub merchant: &'a MerchantId,
    /// How many partitions they are in.
    pub shard_count: u16,
    pub from: Day,
    pub until: Day,
    pub filters: &'a LedgerFilters,
    pub limit: usize,
    /// Behind which position, as a page before gave it.
    pub after: Option<&'a str>,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerPage {
    /// Movements, each with the row it is on.
    pub lines: Vec<(LedgerRow, Movement)>,
    /// Where the next page begins, if there may be more.
    pub next: Option<String>,
    rows_read: usize,
}

impl LedgerTable {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// Takes in changes, each the rows of a transaction before and after it, in the order in which they were made.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; giving all of them again completes what is missing.
    pub async fn project(&self, changes: &[(Vec<LedgerRow>, Vec<LedgerRow>)]) -> Result<(), StoreError> {
        let mut writes: BTreeMap<(String, String), BatchWrite> = BTreeMap::new();
        for (before, after) in changes {
            for row in before {
                let (pk, sk) = row_key(row);
                let key = key2(("pk", &pk), ("sk", &sk));
                writes.insert((pk, sk), BatchWrite::Delete(key));
            }
            for row in after {
                let (pk, sk) = row_key(row);
                let item = Row { pk: pk.clone(), sk: sk.clone(), row: row.clone() };
                writes.insert((pk, sk), BatchWrite::Put(to_item(&self.table, &item)?));
            }
        }
        self.dynamo.write_batch(&self.table, writes.into_values().collect()).await
    }

    /// Reads a page. The partitions of a month are merged by key, so one position serves them all.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn list(&self, query: &LedgerQuery<'_>) -> Result<LedgerPage, StoreError> {
        let after = query.after.map(Position::parse);
        let mut page = LedgerPage::default();
        // A row has three movements as a rule; with many partitions each gives a few rows.
        let partitions = usize::from(query.shard_count.max(1));
        let fetch = query.limit.div_ceil(partitions).max(MIN_FETCH);
        for month in months(query, after.as_ref()) {
            let mut runs: Vec<Run> = (0..query.shard_count.max(1))
                .map(|shard| Run::new(query, shard, &month, after.as_ref()))
                .collect();
            loop {
                let must_read_more = runs.iter().any(Run::must_read_more);
                if must_read_more && page.rows_read >= MAX_ROWS_READ {
                    return Ok(page);
                }
                for run in runs.iter_mut().filter(|run| run.must_read_more()) {
                    page.rows_read = page.rows_read.saturating_add(self.fetch(run, fetch).await?);
                }
                let Some(row) = take_newest(&mut runs) else { break };
                if page.push(query, after.as_ref(), row) {
                    return Ok(page);
                }
            }
        }
        page.next = None;
        Ok(page)
    }

    async fn fetch(&self, run: &mut Run, rows: usize) -> Result<usize, StoreError> {
        if run.low > run.high {
            run.exhausted = true;
            return Ok(0);
        }
        let output = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
            .expression_attribute_values(":pk", text(&run.partition))
            .expression_attribute_values(":low", text(&run.low))
            .expression_attribute_values(":high", text(&run.high))
            .scan_index_forward(false)
            .limit(i32::try_from(rows).unwrap_or(i32::MAX))
            .set_exclusive_start_key(run.start.take())
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        run.start = output.last_evaluated_key;
        run.exhausted = run.start.is_none();
        for item in output.items.unwrap_or_default() {
            run.buffer.push_back(from_item::<Row>(&self.table, item)?.row);
        }
        Ok(run.buffer.len())
    }
}

impl LedgerPage {
    /// Adds what is asked for of a row; answers whether the page is complete.
    fn push(&mut self, query: &LedgerQuery<'_>, after: Option<&Position>, row: LedgerRow) -> bool {
        let (_, sk) = row_key(&row);
        let shown = after.filter(|after| after.sk == sk).map_or(0, |after| after.shown);
        if query.filters.match_row(&row) {
            for (index, movement) in row.movements.iter().enumerate().skip(shown) {
                if self.lines.len() == query.limit {
                    self.next = Some(Position { sk, shown: index }.to_text());
                    return true;
                }
                self.lines.push((row.clone(), movement.clone()));
            }
        }
        // Where to go on, should this have been the last row that this request may look at.
        self.next = Some(Position { sk, shown: row.movements.len() }.to_text());
        false
    }
}

/// A place in the list: a row, and how many of its movements were shown.
struct Position {
    sk: String,
    shown: usize,
}

impl Position {
    fn parse(text: &str) -> Self {
        let (sk, shown) = text.rsplit_once('|').unwrap_or((text, ""));
        Self { sk: sk.to_owned(), shown: shown.parse().unwrap_or(0) }
    }

    fn to_text(&self) -> String {
        format!("{}|{}", self.sk, self.shown)
    }
}

/// One month of one shard, read bit by bit.
struct Run {
    partition: String,
    low: String,
    high: String,
    start: Option<Item>,
    buffer: VecDeque<LedgerRow>,
    exhausted: bool,
}

impl Run {
    fn must_read_more(&self) -> bool {
        self.buffer.is_empty() && !self.exhausted
    }

    fn new(query: &LedgerQuery<'_>, shard: u16, month: &str, after: Option<&Position>) -> Self {
        let high = format!("{}{AFTER_ANY}", query.until);
        let high = after.map_or(high.clone(), |after| after.sk.clone().min(high));
        Self {
            partition: partition(query.merchant, month, shard),
            low: query.from.to_string(),
            high,
            start: None,
            buffer: VecDeque::new(),
            exhausted: false,
        }
    }
}

fn take_newest(runs: &mut [Run]) -> Option<LedgerRow> {
    let heads = runs.iter_mut().filter(|run| !run.buffer.is_empty());
    let newest = heads.max_by_key(|run| run.buffer.front().map(|row| row_key(row).1));
    newest.and_then(|run| run.buffer.pop_front())
}

/// The months of the range, newest first, from the one that the position is in.
fn months(query: &LedgerQuery<'_>, after: Option<&Position>) -> Vec<String> {
    let mut months: Vec<String> = query.from.months_until(query.until).map(Day::month).collect();
    months.retain(|month| after.is_none_or(|after| *month <= after.sk));
    months.reverse();
    months
}

fn row_key(row: &LedgerRow) -> (String, String) {
    let pk = partition(&row.merchant_id, &row.day.month(), row.shard);
    (pk, format!("{}#{}#{}", row.day, row.at, row.transaction_id))
}

fn partition(merchant: &MerchantId, month: &str, shard: u16) -> String {
    format!("{merchant}#{month}#{shard}")
}
