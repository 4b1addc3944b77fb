//! The transactions table, and the provider-references table that finds a transaction by its provider's id.

mod item;
pub mod keys;
pub mod list;
pub mod stream;

use std::ops::Deref;

use aws_sdk_dynamodb::types::{Put, ReturnConsumedCapacity, TransactWriteItem, Update};
use paywarden_domain::id::{MerchantId, ProviderId, TransactionId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::Transaction;

use crate::StoreError;
use crate::dynamo::{Dynamo, Item, from_item, key, number, text, to_item, unbuildable};

use item::TransactionItem;

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

/// Writes transactions together with the providers' ids that they are found by.
#[derive(Clone)]
pub struct TransactionsBinder {
    writer: TransactionsWriter,
    references_table: String,
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

/// What has to be true of a record for a write to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It is not there.
    Absent,
    /// It has this version.
    Version(u64),
}

/// One decision, written at once or not at all.
#[derive(Debug, Clone)]
pub struct Write<'a> {
    /// The record as it is to be.
    pub transaction: &'a Transaction,
    /// What has to be true of it now.
    pub expected: Expected,
    /// A provider's id of the payment to be found by from now on.
    pub bind: Option<Binding<'a>>,
    /// The first occurrence, when this write opens a further one: it keeps the count.
    pub first_occurrence: Option<&'a Transaction>,
}

/// A provider's id of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding<'a> {
    pub provider: &'a ProviderId,
    pub payment: &'a str,
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

    /// Writes a record in the place of the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else wrote first.
    pub async fn replace(&self, next: &Transaction, version: u64) -> Result<(), StoreError> {
        self.put(next, Expected::Version(version)).await
    }

    async fn put(&self, transaction: &Transaction, expected: Expected) -> Result<(), StoreError> {
        let item = self.item(transaction)?;
        match condition(expected) {
            (condition, Some(values)) => self.dynamo.put_if(&self.table, item, condition, values).await,
            (condition, None) => self.dynamo.put(&self.table, item, Some(condition)).await,
        }
    }

    fn item(&self, transaction: &Transaction) -> Result<Item, StoreError> {
        to_item(&self.table, &TransactionItem::from(transaction))
    }
}

impl TransactionsBinder {
    /// What `writer` writes, with the references in the table called `references_table`.
    #[must_use]
    pub fn new(writer: TransactionsWriter, references_table: String) -> Self {
        Self { writer, references_table }
    }

    /// The record that a provider's payment id was bound to.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find_bound(&self, binding: Binding<'_>) -> Result<Option<TransactionId>, StoreError> {
        let reference =
            self.dynamo.get(&self.references_table, key("id", keys::binding(binding)), true).await?;
        let Some(reference) = reference else {
            return Ok(None);
        };
        let id = reference.get("transaction_id").and_then(|value| value.as_s().ok());
        id.and_then(|id| TransactionId::parse(id).ok()).map(Some).ok_or_else(|| StoreError::Corrupt {
            table: self.references_table.clone(),
            key: keys::binding(binding),
            detail: "no transaction id".to_owned(),
        })
    }

    /// Carries out a decision: one conditional write, atomic with the binding and the occurrence count when there are
    /// any.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else wrote first; nothing was written then.
    pub async fn write(&self, write: Write<'_>) -> Result<(), StoreError> {
        if write.bind.is_none() && write.first_occurrence.is_none() {
            return self.put(write.transaction, write.expected).await;
        }
        let mut actions = vec![action_put(self.transaction_put(&write)?)];
        if let Some(binding) = write.bind {
            actions.push(action_put(self.reference_put(&write, binding)?));
        }
        if let Some(first) = write.first_occurrence {
            actions.push(TransactWriteItem::builder().update(self.count_update(&write, first)?).build());
        }
        self.dynamo.write_together(actions).await
    }

    fn transaction_put(&self, write: &Write<'_>) -> Result<Put, StoreError> {
        let (condition, version) = condition(write.expected);
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(self.item(write.transaction)?))
            .condition_expression(condition)
            .set_expression_attribute_values(version)
            .build()
            .map_err(|error| unbuildable(&error))
    }

    fn reference_put(&self, write: &Write<'_>, binding: Binding<'_>) -> Result<Put, StoreError> {
        let transaction = write.transaction;
        let item = Item::from([
            ("id".to_owned(), text(keys::binding(binding))),
            ("transaction_id".to_owned(), text(transaction.id.as_str())),
            ("merchant_id".to_owned(), text(transaction.merchant_id.as_str())),
        ]);
        Put::builder()
            .table_name(&self.references_table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(id) OR transaction_id = :transaction")
            .expression_attribute_values(":transaction", text(transaction.id.as_str()))
            .build()
            .map_err(|error| unbuildable(&error))
    }

    fn count_update(&self, write: &Write<'_>, first: &Transaction) -> Result<Update, StoreError> {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(key("id", first.id.as_str())))
            .update_expression("SET occurrences = :count, version = :next")
            .condition_expression("version = :version")
            .expression_attribute_values(":count", number(write.transaction.occurrence))
            .expression_attribute_values(":next", number(first.version.saturating_add(1)))
            .expression_attribute_values(":version", number(first.version))
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

fn condition(expected: Expected) -> (&'static str, Option<Item>) {
    match expected {
        Expected::Absent => ("attribute_not_exists(id)", None),
        Expected::Version(version) => {
            ("version = :version", Some(Item::from([(":version".to_owned(), number(version))])))
        }
    }
}

fn action_put(put: Put) -> TransactWriteItem {
    TransactWriteItem::builder().put(put).build()
}
