//! The transactions table, and the provider-references table that finds a transaction by its provider's id.

mod filters;
mod item;
pub mod keys;
pub mod list;
pub mod stream;

use std::ops::{Deref, RangeInclusive};

use aws_sdk_dynamodb::types::{Put, ReturnConsumedCapacity, TransactWriteItem};
use futures::{StreamExt, TryStreamExt};
use paywarden_domain::id::{MerchantId, ProviderId, TransactionId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::Transaction;

use crate::StoreError;
use crate::dynamo::{Dynamo, Item, from_item, key, number, text, to_item, unbuildable};

use item::TransactionItem;

/// Records of one reference that are read at the same time.
const AT_ONCE: usize = 16;

/// Reads transactions, for somebody: no record is found but with the merchant who owns it.
#[derive(Clone)]
pub struct Transactions {
    dynamo: Dynamo,
    table: String,
}

/// Reads transactions for workers, whoever owns them, and writes them.
#[derive(Clone)]
pub struct TransactionsWriter {
    transactions: Transactions,
}

/// Reads where the providers' ids of payments lead to.
#[derive(Clone)]
pub struct ProviderReferences {
    dynamo: Dynamo,
    table: String,
}

/// Writes transactions together with the providers' ids that they are found by.
#[derive(Clone)]
pub struct TransactionsBinder {
    writer: TransactionsWriter,
    references: ProviderReferences,
}

impl Deref for TransactionsWriter {
    type Target = Transactions;

    fn deref(&self) -> &Transactions {
        &self.transactions
    }
}

impl Deref for TransactionsBinder {
    type Target = TransactionsWriter;

    fn deref(&self) -> &TransactionsWriter {
        &self.writer
    }
}

/// One decision, written at once or not at all.
#[derive(Debug, Clone, Copy)]
pub struct Write<'a> {
    /// The records as they are to be: one of version 1 must not be there yet, any other takes the place of the version
    /// before it.
    pub records: &'a [Transaction],
    /// Providers' ids of the payment to be found by from now on.
    pub binds: &'a [Bind<'a>],
}

/// A provider's id of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding<'a> {
    pub provider: &'a ProviderId,
    pub payment: &'a str,
}

/// Where a provider's id of a payment is to lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bind<'a> {
    pub binding: Binding<'a>,
    pub merchant: &'a MerchantId,
    /// The record that it is to lead to.
    pub to: &'a TransactionId,
    /// The record that it leads to now, if another.
    pub from: Option<&'a TransactionId>,
}

impl Transactions {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// The merchant's record, as last written: one read unit up to 4 KB. Somebody else's is not found.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find_of(
        &self,
        merchant: &MerchantId,
        id: &TransactionId,
    ) -> Result<Option<Transaction>, StoreError> {
        Ok(self.read(id).await?.filter(|transaction| transaction.merchant_id == *merchant))
    }

    /// All records under a reference that the merchant has, the first one first: one read unit each up to 4 KB.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn family_of(
        &self,
        merchant: &MerchantId,
        reference: &str,
    ) -> Result<Vec<Transaction>, StoreError> {
        let Some(first) = self.find_of(merchant, &TransactionId::of(merchant, reference, 1)).await? else {
            return Ok(Vec::new());
        };
        let further = self.occurrences(merchant, reference, 2..=first.occurrences).await?;
        Ok(std::iter::once(first).chain(further).collect())
    }

    /// Some of the records under a reference, in the order of their occurrence.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn occurrences(
        &self,
        merchant: &MerchantId,
        reference: &str,
        occurrences: RangeInclusive<u32>,
    ) -> Result<Vec<Transaction>, StoreError> {
        let reads = occurrences.map(|occurrence| async move {
            self.find_of(merchant, &TransactionId::of(merchant, reference, occurrence)).await
        });
        let found: Vec<Option<Transaction>> =
            futures::stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn read(&self, id: &TransactionId) -> Result<Option<Transaction>, StoreError> {
        let item = self.dynamo.get(&self.table, key("id", id.as_str()), true).await?;
        item.map(|item| read(&self.table, item)).transpose()
    }
}

impl TransactionsWriter {
    /// What writes to the table that `transactions` reads.
    #[must_use]
    pub fn new(transactions: Transactions) -> Self {
        Self { transactions }
    }

    /// The record, as last written, whoever owns it: one read unit up to 4 KB.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find(&self, id: &TransactionId) -> Result<Option<Transaction>, StoreError> {
        self.read(id).await
    }

    /// Ids of open records whose time to pay has run out at `now`, in one shard, the longest overdue first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn due_to_expire(
        &self,
        shard: u8,
        now: Timestamp,
        limit: i32,
    ) -> Result<Vec<TransactionId>, StoreError> {
        let output = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .index_name("by-expiry")
            .key_condition_expression("expiry_pk = :shard AND expiry_sk < :now")
            .expression_attribute_values(":shard", text(keys::expiry_partition(shard)))
            .expression_attribute_values(":now", text(now.next().to_string()))
            .limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let ids = output.items.unwrap_or_default().into_iter();
        let ids = ids.filter_map(|item| item.get("id")?.as_s().ok().cloned());
        Ok(ids.filter_map(|id| TransactionId::parse(&id).ok()).collect())
    }

    /// Writes a record in the place of the version before it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else wrote first.
    pub async fn replace(&self, next: &Transaction) -> Result<(), StoreError> {
        self.put(next).await
    }

    async fn put(&self, transaction: &Transaction) -> Result<(), StoreError> {
        let item = self.item(transaction)?;
        match condition(transaction) {
            (condition, Some(values)) => self.dynamo.put_if(&self.table, item, condition, values).await,
            (condition, None) => self.dynamo.put(&self.table, item, Some(condition)).await,
        }
    }

    fn item(&self, transaction: &Transaction) -> Result<Item, StoreError> {
        to_item(&self.table, &TransactionItem::from(transaction))
    }
}

impl ProviderReferences {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// The record that a provider's payment id was bound to: one read unit.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find_bound(&self, binding: Binding<'_>) -> Result<Option<TransactionId>, StoreError> {
        let reference = self.dynamo.get(&self.table, key("id", keys::binding(binding)), true).await?;
        let Some(reference) = reference else {
            return Ok(None);
        };
        let id = reference.get("transaction_id").and_then(|value| value.as_s().ok());
        id.and_then(|id| TransactionId::parse(id).ok()).map(Some).ok_or_else(|| StoreError::Corrupt {
            table: self.table.clone(),
            key: keys::binding(binding),
            detail: "no transaction id".to_owned(),
        })
    }
}

impl TransactionsBinder {
    /// What `writer` writes, with the references that `references` reads.
    #[must_use]
    pub fn new(writer: TransactionsWriter, references: ProviderReferences) -> Self {
        Self { writer, references }
    }

    /// [`ProviderReferences::find_bound`].
    ///
    /// # Errors
    /// As there.
    pub async fn find_bound(&self, binding: Binding<'_>) -> Result<Option<TransactionId>, StoreError> {
        self.references.find_bound(binding).await
    }

    /// Carries out a decision: one conditional write, of all its records and the binding together.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else wrote first; nothing was written then.
    pub async fn write(&self, write: Write<'_>) -> Result<(), StoreError> {
        if let ([record], []) = (write.records, write.binds) {
            return self.put(record).await;
        }
        let mut actions = Vec::new();
        for record in write.records {
            actions.push(action_put(self.record_put(record)?));
        }
        for bind in write.binds {
            actions.push(action_put(self.reference_put(bind)?));
        }
        if actions.is_empty() {
            return Ok(());
        }
        self.dynamo.write_together(actions).await
    }

    fn record_put(&self, record: &Transaction) -> Result<Put, StoreError> {
        let (condition, version) = condition(record);
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(self.item(record)?))
            .condition_expression(condition)
            .set_expression_attribute_values(version)
            .build()
            .map_err(|error| unbuildable(&error))
    }

    fn reference_put(&self, bind: &Bind<'_>) -> Result<Put, StoreError> {
        let item = Item::from([
            ("id".to_owned(), text(keys::binding(bind.binding))),
            ("transaction_id".to_owned(), text(bind.to.as_str())),
            ("merchant_id".to_owned(), text(bind.merchant.as_str())),
        ]);
        Put::builder()
            .table_name(&self.references.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(id) OR transaction_id IN (:to, :from)")
            .expression_attribute_values(":to", text(bind.to.as_str()))
            .expression_attribute_values(":from", text(bind.from.unwrap_or(bind.to).as_str()))
            .build()
            .map_err(|error| unbuildable(&error))
    }
}

/// The item of a record as DynamoDB's JSON: seeders and tests write it where no client stands between.
///
/// # Errors
/// [`StoreError::Corrupt`] when the record cannot be written.
pub fn item_json(transaction: &Transaction) -> Result<serde_json::Value, StoreError> {
    let corrupt = |detail: String| StoreError::Corrupt {
        table: "transactions".to_owned(),
        key: transaction.id.to_string(),
        detail,
    };
    let item: serde_dynamo::Item = serde_dynamo::to_item(TransactionItem::from(transaction))
        .map_err(|error| corrupt(error.to_string()))?;
    serde_json::to_value(item).map_err(|error| corrupt(error.to_string()))
}

fn read(table: &str, item: Item) -> Result<Transaction, StoreError> {
    let item: TransactionItem = from_item(table, item)?;
    let key = item.id.to_string();
    item.into_transaction().map_err(|detail| StoreError::Corrupt {
        table: table.to_owned(),
        key,
        detail: detail.to_owned(),
    })
}

/// What has to be true for a record to be written.
fn condition(record: &Transaction) -> (&'static str, Option<Item>) {
    match record.version.checked_sub(1) {
        None | Some(0) => ("attribute_not_exists(id)", None),
        Some(before) => ("version = :version", Some(Item::from([(":version".to_owned(), number(before))]))),
    }
}

fn action_put(put: Put) -> TransactWriteItem {
    TransactWriteItem::builder().put(put).build()
}
