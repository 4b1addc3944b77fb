//! The totals table: running sums and counts by day and dimensions, and beside them what was counted of each transaction.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | sums | merchant # month # shard | day # currency # provider # method # status, and # row where it is not the first |
//! | counts | merchant # `counts` # month # shard | day # provider # method, and # row where it is not the first |
//! | counted | `counted#` transaction | `totals` |
//!
//! Sums are by the day on which money moved; a row that was written before fees and taxes were summed has none of them until what
//! it is of is counted anew. Counts are by the day of creation: a row of them has a number for each status.
//!
//! The sums of a day and its dimensions are spread over some rows, of which a process writes one: those of a merchant who is
//! paid a hundred times a second are written by several at once. Whoever reads adds the rows up.
//!
//! Streams deliver at least once and cut their batches anew when they repeat; a batch may be lost and come days later. So what
//! is added is the difference to what was counted of the transaction, and both are written in one atomic write: sums and counts
//! are always those of all that was counted, a change that was counted or overtaken adds nothing, and one that was lost is made
//! up for by the next one of the same transaction.

mod chunk;
mod counted;
mod counts;
mod part;

use std::collections::BTreeSet;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, TransactWriteItem, Update};
use paywarden_domain::entropy::{Entropy, random_bytes};
use paywarden_domain::id::{MerchantId, ProviderId, TransactionId};
use paywarden_domain::money::{Currency, parse_decimal};
use paywarden_domain::time::Day;
use paywarden_domain::totals::{Sums, Totals, TotalsKey, merge};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::vocabulary::{Method, Status};
use rust_decimal::Decimal;

use crate::StoreError;
use crate::dynamo::{Dynamo, Item, is_throttled, key2, number, reasons, text};
use crate::patience::Patience;

pub use counted::Counted;
pub use part::Part;

use chunk::{Chunk, Step, steps};

/// Rows that one sum is spread over. Each is read by whoever lists the day: few are enough.
const ROWS: u8 = 4;

/// Stands for the provider of payments that have none yet.
const NO_PROVIDER: &str = "-";

/// What one version of one transaction changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalsChange {
    pub merchant_id: MerchantId,
    pub transaction_id: TransactionId,
    /// The version that the change led to.
    pub version: u64,
    /// What the transaction added before.
    pub before: Part,
    /// What it adds from then on.
    pub after: Part,
}

impl TotalsChange {
    /// From a version of a record, if there was one, to a later one.
    #[must_use]
    pub fn to(old: Option<&Transaction>, new: &Transaction) -> Self {
        Self {
            merchant_id: new.merchant_id.clone(),
            transaction_id: new.id.clone(),
            version: new.version,
            before: old.map(Part::of).unwrap_or_default(),
            after: Part::of(new),
        }
    }

    /// The record was removed.
    #[must_use]
    pub fn removal(old: &Transaction) -> Self {
        let gone = Self::to(Some(old), old);
        Self { version: old.version.saturating_add(1), after: Part::default(), ..gone }
    }

    /// Whether it adds anything.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.before != self.after
    }
}

/// Running totals.
pub struct TotalsTable {
    dynamo: Dynamo,
    table: String,
    /// Which of a sum's rows this process writes.
    row: u8,
}

/// Why an atomic write did not happen.
enum Refused {
    /// Of these steps (by their place in the chunk) something else was counted than they assume.
    Otherwise(BTreeSet<usize>),
    /// Somebody else wrote the same sums, or they are written faster than they can be. This is said if it does not end.
    Busy(StoreError),
    Failed(StoreError),
}

impl TotalsTable {
    /// The table called `table`. Chance decides which of a sum's rows this process writes.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String, entropy: &dyn Entropy) -> Self {
        let [byte] = random_bytes::<1>(entropy);
        Self { dynamo: dynamo.clone(), table, row: byte % ROWS }
    }

    /// Adds changes, each once however often it is given. Changes that add nothing cost nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Conflict`]; what was added before the error stays added, and giving
    /// all changes again adds the rest.
    pub async fn apply(&self, changes: &[TotalsChange]) -> Result<(), StoreError> {
        let mut chunk = Chunk::default();
        for step in steps(changes) {
            if !chunk.fits(&step) {
                self.write_chunk(std::mem::take(&mut chunk)).await?;
            }
            chunk.push(step);
        }
        self.write_chunk(chunk).await
    }

    /// Sees to it that a transaction is counted as its record says, whatever was counted of it before. A record that is older
    /// than what was counted changes nothing. Answers whether anything was wrong.
    ///
    /// # Errors
    /// As [`TotalsTable::apply`].
    pub async fn recount(&self, change: &TotalsChange) -> Result<bool, StoreError> {
        let mut patience = self.dynamo.patience();
        loop {
            let counted = self.counted(&change.merchant_id, &change.transaction_id).await?;
            let is_settled = counted.as_ref().is_some_and(|counted| {
                counted.version > change.version
                    || (counted.version == change.version && counted.part == change.after)
            });
            if is_settled || (counted.is_none() && change.after.is_empty()) {
                return Ok(false);
            }
            let chunk = Chunk::of(Step::after_reading(change, counted));
            match self.try_chunk(&chunk).await {
                Ok(()) => return Ok(true),
                Err(Refused::Otherwise(_)) => wait(&mut patience, StoreError::Conflict).await?,
                Err(Refused::Busy(error)) => wait(&mut patience, error).await?,
                Err(Refused::Failed(error)) => return Err(error),
            }
        }
    }

    async fn write_chunk(&self, mut chunk: Chunk) -> Result<(), StoreError> {
        let mut patience = self.dynamo.patience();
        loop {
            if chunk.is_empty() {
                return Ok(());
            }
            match self.try_chunk(&chunk).await {
                Ok(()) => return Ok(()),
                Err(Refused::Otherwise(places)) => {
                    for step in chunk.take(&places) {
                        self.catch_up(step).await?;
                    }
                }
                // The sums of a day are written by every batch of its shard: give the other one a moment.
                Err(Refused::Busy(error)) => wait(&mut patience, error).await?,
                Err(Refused::Failed(error)) => return Err(error),
            }
        }
    }

    /// Counts a step of whose transaction something else was counted than it assumes: it is a repeat, or what came between was
    /// lost.
    async fn catch_up(&self, step: Step) -> Result<(), StoreError> {
        let change = step.change();
        let mut patience = self.dynamo.patience();
        loop {
            let counted = self.counted(&change.merchant_id, &change.transaction_id).await?;
            if counted.as_ref().is_some_and(|counted| counted.version >= change.version) {
                return Ok(());
            }
            match self.try_chunk(&Chunk::of(Step::after_reading(&change, counted))).await {
                Ok(()) => return Ok(()),
                Err(Refused::Otherwise(_)) => wait(&mut patience, StoreError::Conflict).await?,
                Err(Refused::Busy(error)) => wait(&mut patience, error).await?,
                Err(Refused::Failed(error)) => return Err(error),
            }
        }
    }

    /// What was counted of a transaction.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn counted(
        &self,
        merchant: &MerchantId,
        transaction: &TransactionId,
    ) -> Result<Option<Counted>, StoreError> {
        let item = self.dynamo.get(&self.table, counted::key(transaction), true).await?;
        item.map(|item| {
            Counted::read(merchant, &item).ok_or_else(|| StoreError::Corrupt {
                table: self.table.clone(),
                key: transaction.to_string(),
                detail: "not what was counted of a transaction".to_owned(),
            })
        })
        .transpose()
    }

    async fn try_chunk(&self, chunk: &Chunk) -> Result<(), Refused> {
        let mut actions = Vec::new();
        for step in chunk.steps() {
            let put = step.put(&self.table).map_err(|error| unbuildable(&error))?;
            actions.push(TransactWriteItem::builder().put(put).build());
        }
        for (key, sums) in chunk.sums() {
            actions.push(TransactWriteItem::builder().update(self.addition(&key, &sums)?).build());
        }
        for (key, counts) in chunk.counts() {
            let update = self.counting(&key, &counts).map_err(|error| unbuildable(&error))?;
            actions.push(TransactWriteItem::builder().update(update).build());
        }
        let sent = self
            .dynamo
            .client
            .transact_write_items()
            .set_transact_items(Some(actions))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match sent {
            Ok(output) => {
                self.dynamo.measure_all(output.consumed_capacity());
                Ok(())
            }
            Err(error) => Err(refusal(&error)),
        }
    }

    fn addition(&self, key: &TotalsKey, sums: &Sums) -> Result<Update, Refused> {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(key2(
                ("pk", &partition(&key.merchant_id, &key.day.month(), key.shard)),
                ("sk", &sort(key, self.row)),
            )))
            .update_expression("ADD debit :debit, credit :credit, fee :fee, tax :tax, entries :count")
            .expression_attribute_values(":debit", number(sums.debit))
            .expression_attribute_values(":credit", number(sums.credit))
            .expression_attribute_values(":fee", number(sums.fee))
            .expression_attribute_values(":tax", number(sums.tax))
            .expression_attribute_values(":count", number(sums.count))
            .build()
            .map_err(|error| unbuildable(&error))
    }

    /// The sums of a merchant from one day through another. The cost grows with days and dimensions, not with
    /// transactions.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn list(
        &self,
        merchant: &MerchantId,
        shard_count: u16,
        from: Day,
        until: Day,
    ) -> Result<Totals, StoreError> {
        let mut totals = Totals::new();
        for month in from.months_until(until) {
            for shard in 0..shard_count.max(1) {
                let pk = partition(merchant, &month.month(), shard);
                for item in self.rows_of_days(&pk, (from, until)).await? {
                    let (key, sums) = self.read(merchant, shard, &item)?;
                    merge(&mut totals, Totals::from([(key, sums)]));
                }
            }
        }
        Ok(totals)
    }

    /// The rows of these days in a partition.
    async fn rows_of_days(&self, pk: &str, (from, until): (Day, Day)) -> Result<Vec<Item>, StoreError> {
        let query = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :until")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":from", text(from.to_string()))
            .expression_attribute_values(":until", text(format!("{until}#\u{7f}")));
        self.dynamo.query_all(query).await
    }

    fn read(&self, merchant: &MerchantId, shard: u16, item: &Item) -> Result<(TotalsKey, Sums), StoreError> {
        let sk = item.get("sk").and_then(|value| value.as_s().ok()).map_or("", String::as_str);
        let corrupt = || StoreError::Corrupt {
            table: self.table.clone(),
            key: sk.to_owned(),
            detail: "not a row of sums".to_owned(),
        };
        let key = parse_sort(merchant, shard, sk).ok_or_else(corrupt)?;
        let digits = |name: &str| item.get(name)?.as_n().ok();
        let amount = |name: &str| {
            let parsed = digits(name).and_then(|digits| parse_decimal(digits).ok());
            parsed.map(|amount| amount.normalize()).ok_or_else(corrupt)
        };
        let charge = |name: &str| if item.contains_key(name) { amount(name) } else { Ok(Decimal::ZERO) };
        let sums = Sums {
            debit: amount("debit")?,
            credit: amount("credit")?,
            fee: charge("fee")?,
            tax: charge("tax")?,
            count: digits("entries").and_then(|count| count.parse().ok()).ok_or_else(corrupt)?,
        };
        Ok((key, sums))
    }
}

/// Waits before the next try; when there were enough, the error stands.
async fn wait(patience: &mut Patience, error: StoreError) -> Result<(), StoreError> {
    if patience.wait().await { Ok(()) } else { Err(error) }
}

/// What a refused write says. Its reasons stand in the order of the actions, and what was counted comes first.
fn refusal(error: &SdkError<TransactWriteItemsError>) -> Refused {
    let failed = reasons(error).iter().enumerate();
    let failed = failed.filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"));
    let otherwise: BTreeSet<_> = failed.map(|(place, _)| place).collect();
    if !otherwise.is_empty() {
        return Refused::Otherwise(otherwise);
    }
    match StoreError::from_sdk("TransactWriteItems", error) {
        StoreError::Conflict => Refused::Busy(StoreError::Conflict),
        said if is_throttled(error) => Refused::Busy(said),
        said => Refused::Failed(said),
    }
}

fn unbuildable(error: &dyn std::error::Error) -> Refused {
    Refused::Failed(StoreError::Unavailable { operation: "TransactWriteItems", detail: error.to_string() })
}

fn partition(merchant: &MerchantId, month: &str, shard: u16) -> String {
    format!("{merchant}#{month}#{shard}")
}

/// The first row has no number: sums were one row once.
fn sort(key: &TotalsKey, row: u8) -> String {
    let provider = key.provider.as_ref().map_or(NO_PROVIDER, |provider| provider.as_str());
    let first = format!("{}#{}#{provider}#{}#{}", key.day, key.currency, key.method, key.status);
    if row == 0 { first } else { format!("{first}#{row}") }
}

fn parse_sort(merchant: &MerchantId, shard: u16, sk: &str) -> Option<TotalsKey> {
    let mut parts = sk.split('#');
    let key = TotalsKey {
        merchant_id: merchant.clone(),
        shard,
        day: Day::parse(parts.next()?).ok()?,
        currency: Currency::parse(parts.next()?).ok()?,
        provider: match parts.next()? {
            NO_PROVIDER => None,
            id => Some(ProviderId::parse(id).ok()?),
        },
        method: Method::parse(parts.next()?).ok()?,
        status: Status::parse(parts.next()?).ok()?,
    };
    let is_row = parts.next().is_none_or(|row| row.parse::<u8>().is_ok());
    (is_row && parts.next().is_none()).then_some(key)
}
