//! The totals table: running sums by day and dimensions, and the markers that make each change count once.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | sums | merchant # month # shard | day # currency # provider # method # status |
//! | marker | `applied#` transaction | version |
//!
//! Streams deliver at least once and cut their batches anew when they repeat. So one atomic write holds the markers of
//! the changes it adds up; a change whose marker is there already is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, ReturnConsumedCapacity, TransactWriteItem, Update};
use paywarden_domain::id::{MerchantId, ProviderId, TransactionId};
use paywarden_domain::money::{Currency, parse_decimal};
use paywarden_domain::time::{Clock, Day, days};
use paywarden_domain::totals::{Sums, Totals, TotalsKey, merge};
use paywarden_domain::vocabulary::{Method, Status};
use rust_decimal::Decimal;

use crate::StoreError;
use crate::dynamo::{Dynamo, Item, key2, number, text};

/// Actions that one atomic write takes.
const ACTIONS: usize = 100;

/// Times an atomic write is sent again when others write the same sums.
const ATTEMPTS: u32 = 6;

/// How long a marker is kept: longer than a stream (a day) or the queue of failed batches (14 days) can repeat a change.
const MARKER_DAYS: i64 = 30;

/// Stands for the provider of payments that have none yet.
const NO_PROVIDER: &str = "-";

/// What one version of one transaction adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalsChange {
    pub transaction_id: TransactionId,
    /// The version that the change led to.
    pub version: u64,
    pub totals: Totals,
}

/// Running totals.
pub struct TotalsTable {
    dynamo: Dynamo,
    table: String,
    clock: Arc<dyn Clock>,
}

/// Why an atomic write did not happen.
enum Refused {
    /// These changes (by their place in the chunk) were applied before.
    Applied(BTreeSet<usize>),
    /// Somebody else wrote the same sums.
    Clash,
    Failed(StoreError),
}

type Marker = (TransactionId, u64);

impl TotalsTable {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String, clock: Arc<dyn Clock>) -> Self {
        Self { dynamo: dynamo.clone(), table, clock }
    }

    /// Adds changes, each once however often it is given. Changes that add nothing cost nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Conflict`]; what was added before the error stays added, and giving
    /// all changes again adds the rest.
    pub async fn apply(&self, changes: &[TotalsChange]) -> Result<(), StoreError> {
        let mut pending: BTreeMap<Marker, &Totals> = BTreeMap::new();
        for change in changes.iter().filter(|change| !change.totals.is_empty()) {
            pending.insert((change.transaction_id.clone(), change.version), &change.totals);
        }
        let mut chunk = Chunk::default();
        for (marker, totals) in pending {
            if !chunk.fits(totals) {
                self.write_chunk(std::mem::take(&mut chunk)).await?;
            }
            chunk.push(marker, totals);
        }
        self.write_chunk(chunk).await
    }

    async fn write_chunk(&self, mut chunk: Chunk<'_>) -> Result<(), StoreError> {
        for attempt in 0..ATTEMPTS {
            if chunk.changes.is_empty() {
                return Ok(());
            }
            match self.try_chunk(&chunk).await {
                Ok(()) => return Ok(()),
                Err(Refused::Applied(places)) => chunk.leave_out(&places),
                // The sums of a day are written by every batch of its shard: give the other one a moment.
                Err(Refused::Clash) => tokio::time::sleep(Duration::from_millis(20 << attempt)).await,
                Err(Refused::Failed(error)) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    async fn try_chunk(&self, chunk: &Chunk<'_>) -> Result<(), Refused> {
        let mut actions = Vec::new();
        for (marker, _) in &chunk.changes {
            actions.push(TransactWriteItem::builder().put(self.marker(marker)?).build());
        }
        for (key, sums) in chunk.sums() {
            actions.push(TransactWriteItem::builder().update(self.addition(&key, &sums)?).build());
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
            Err(error) => {
                Err(refusal(error.as_service_error()).unwrap_or_else(|| {
                    match StoreError::from_sdk("TransactWriteItems", &error) {
                        StoreError::Conflict => Refused::Clash,
                        other => Refused::Failed(other),
                    }
                }))
            }
        }
    }

    fn marker(&self, (transaction, version): &Marker) -> Result<Put, Refused> {
        let mut item = key2(("pk", &format!("applied#{transaction}")), ("sk", &format!("{version:020}")));
        let expires_at = self.clock.now().plus_seconds(days(MARKER_DAYS)).as_seconds();
        item.insert("expires_at".to_owned(), number(expires_at));
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(|error| unbuildable(&error))
    }

    fn addition(&self, key: &TotalsKey, sums: &Sums) -> Result<Update, Refused> {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(key2(
                ("pk", &partition(&key.merchant_id, &key.day.month(), key.shard)),
                ("sk", &sort(key)),
            )))
            .update_expression("ADD debit :debit, credit :credit, entries :count")
            .expression_attribute_values(":debit", number(sums.debit))
            .expression_attribute_values(":credit", number(sums.credit))
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
                self.read_partition(merchant, shard, &pk, (from, until), &mut totals).await?;
            }
        }
        Ok(totals)
    }

    async fn read_partition(
        &self,
        merchant: &MerchantId,
        shard: u16,
        pk: &str,
        (from, until): (Day, Day),
        totals: &mut Totals,
    ) -> Result<(), StoreError> {
        let query = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :until")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":from", text(from.to_string()))
            .expression_attribute_values(":until", text(format!("{until}#\u{7f}")));
        for item in self.dynamo.query_all(query).await? {
            let (key, sums) = self.read(merchant, shard, &item)?;
            merge(totals, Totals::from([(key, sums)]));
        }
        Ok(())
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
        let amount = |name: &str| -> Option<Decimal> { parse_decimal(digits(name)?).ok() };
        let sums = Sums {
            debit: amount("debit").ok_or_else(corrupt)?.normalize(),
            credit: amount("credit").ok_or_else(corrupt)?.normalize(),
            count: digits("entries").and_then(|count| count.parse().ok()).ok_or_else(corrupt)?,
        };
        Ok((key, sums))
    }
}

/// Changes that are written together.
#[derive(Default)]
struct Chunk<'a> {
    changes: Vec<(Marker, &'a Totals)>,
    keys: BTreeSet<&'a TotalsKey>,
}

impl<'a> Chunk<'a> {
    fn fits(&self, totals: &Totals) -> bool {
        let new_keys = totals.keys().filter(|key| !self.keys.contains(key)).count();
        let actions = self.changes.len().saturating_add(self.keys.len()).saturating_add(new_keys);
        actions < ACTIONS
    }

    fn push(&mut self, marker: Marker, totals: &'a Totals) {
        self.keys.extend(totals.keys());
        self.changes.push((marker, totals));
    }

    fn sums(&self) -> Totals {
        let mut sums = Totals::new();
        for (_, totals) in &self.changes {
            merge(&mut sums, (*totals).clone());
        }
        sums
    }

    fn leave_out(&mut self, places: &BTreeSet<usize>) {
        let mut place = 0_usize;
        self.changes.retain(|_| {
            let kept = !places.contains(&place);
            place = place.saturating_add(1);
            kept
        });
    }
}

/// What a cancelled write says. Its reasons stand in the order of the actions, and markers come first.
fn refusal(error: Option<&TransactWriteItemsError>) -> Option<Refused> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error else {
        return None;
    };
    let failed = |code: &str| {
        let reasons = cancelled.cancellation_reasons().iter().enumerate();
        reasons
            .filter(|(_, reason)| reason.code() == Some(code))
            .map(|(place, _)| place)
            .collect::<BTreeSet<_>>()
    };
    let applied = failed("ConditionalCheckFailed");
    if !applied.is_empty() {
        return Some(Refused::Applied(applied));
    }
    (!failed("TransactionConflict").is_empty()).then_some(Refused::Clash)
}

fn unbuildable(error: &dyn std::error::Error) -> Refused {
    Refused::Failed(StoreError::Unavailable { operation: "TransactWriteItems", detail: error.to_string() })
}

fn partition(merchant: &MerchantId, month: &str, shard: u16) -> String {
    format!("{merchant}#{month}#{shard}")
}

fn sort(key: &TotalsKey) -> String {
    let provider = key.provider.as_ref().map_or(NO_PROVIDER, |provider| provider.as_str());
    format!("{}#{}#{provider}#{}#{}", key.day, key.currency, key.method, key.status)
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
    parts.next().is_none().then_some(key)
}
