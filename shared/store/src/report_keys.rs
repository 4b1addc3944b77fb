//! The report-keys table: where reports and records meet by what they recognise each other by.
//!
//! | pk | sk | row |
//! |---|---|---|
//! | merchant # key | report # id | a report that waits for a record with that key, gone after its time to live |
//! | merchant # account key | record # created # transaction | a record that is paid to that account number |
//!
//! Whoever parks a report looks for its record once more behind the write; whoever is told of a record looks for reports
//! behind the record's. Both read what was last written, so whichever comes second sees the other.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use paywarden_domain::id::{EntryId, MerchantId, TransactionId};
use paywarden_domain::time::days;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::key::{AccountNumber, ReportKey};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::dynamo::{BatchWrite, Dynamo, Item, from_item, key2, text, to_item};
use crate::error::readable;

/// How long a report waits. What nobody asked for by then never comes.
const RETENTION_DAYS: i64 = 400;

/// Records of one account number that are looked at: the latest ones.
const LATEST: i32 = 20;

/// Sorts behind every character of a key.
const AFTER_ANY: char = '~';

const REPORT: &str = "report#";
const RECORD: &str = "record#";

/// Reports and records by key.
pub struct ReportKeys {
    dynamo: Dynamo,
    table: String,
}

#[derive(Serialize, Deserialize)]
struct ReportRow {
    pk: String,
    sk: String,
    /// JSON text, so that numbers keep their digits.
    callback: String,
    expires_at: i64,
}

#[derive(Serialize, Deserialize)]
struct RecordRow {
    pk: String,
    sk: String,
    transaction_id: TransactionId,
}

impl ReportKeys {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// Lets a callback of one report, known as `id`, wait under these keys. Parking it again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; parking it again completes what is missing.
    pub async fn park(
        &self,
        callback: &VerifiedCallback,
        id: &EntryId,
        keys: &[ReportKey],
    ) -> Result<(), StoreError> {
        let callback_text = serde_json::to_string(callback)
            .map_err(|error| self.corrupt(id.as_str().to_owned(), error.to_string()))?;
        let expires_at = callback.received_at.plus_seconds(days(RETENTION_DAYS)).as_seconds();
        let rows = with_listed(keys, id).map(|key| {
            let (pk, sk) = report_key(&callback.merchant_id, &key, id);
            to_item(&self.table, &ReportRow { pk, sk, callback: callback_text.clone(), expires_at })
        });
        let writes = rows.map(|item| item.map(BatchWrite::Put)).collect::<Result<_, _>>()?;
        self.dynamo.write_batch(&self.table, writes).await
    }

    /// Takes a report away that waits no longer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn remove(
        &self,
        merchant: &MerchantId,
        id: &EntryId,
        keys: &[ReportKey],
    ) -> Result<(), StoreError> {
        let keys = with_listed(keys, id).map(|key| {
            let (pk, sk) = report_key(merchant, &key, id);
            BatchWrite::Delete(key2(("pk", &pk), ("sk", &sk)))
        });
        self.dynamo.write_batch(&self.table, keys.collect()).await
    }

    /// The callbacks that wait under a key, as last written: one read unit when there are none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn waiting(
        &self,
        merchant: &MerchantId,
        key: &ReportKey,
    ) -> Result<Vec<VerifiedCallback>, StoreError> {
        let query = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :key AND begins_with(sk, :report)")
            .expression_attribute_values(":key", text(partition(merchant, key)))
            .expression_attribute_values(":report", text(REPORT))
            .consistent_read(true);
        let items = self.dynamo.query_all(query).await?;
        readable(items.into_iter().map(|item| self.callback(item)))
    }

    /// Makes a record known by the account number that it is paid to.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn add_account(&self, number: &AccountNumber, record: &Transaction) -> Result<(), StoreError> {
        let row = RecordRow {
            pk: partition(&record.merchant_id, &ReportKey::Account(number.clone())),
            sk: format!("{RECORD}{}#{}", record.created_at, record.id),
            transaction_id: record.id.clone(),
        };
        self.dynamo.put(&self.table, to_item(&self.table, &row)?, None).await
    }

    /// The latest records that are paid to an account number, as last written.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn of_account(
        &self,
        merchant: &MerchantId,
        number: &AccountNumber,
    ) -> Result<Vec<TransactionId>, StoreError> {
        let output = self
            .dynamo
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :key AND sk BETWEEN :low AND :high")
            .expression_attribute_values(
                ":key",
                text(partition(merchant, &ReportKey::Account(number.clone()))),
            )
            .expression_attribute_values(":low", text(RECORD))
            .expression_attribute_values(":high", text(format!("{RECORD}{AFTER_ANY}")))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(LATEST)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let rows = output.items.unwrap_or_default().into_iter();
        readable(rows.map(|item| from_item(&self.table, item).map(|row: RecordRow| row.transaction_id)))
    }

    fn callback(&self, item: Item) -> Result<VerifiedCallback, StoreError> {
        let row: ReportRow = from_item(&self.table, item)?;
        serde_json::from_str(&row.callback).map_err(|error| self.corrupt(row.pk, error.to_string()))
    }

    fn corrupt(&self, key: String, detail: String) -> StoreError {
        StoreError::Corrupt { table: self.table.clone(), key, detail }
    }
}

/// Whatever a report can be recognised by, and what it is listed as.
fn with_listed<'a>(keys: &'a [ReportKey], id: &EntryId) -> impl Iterator<Item = ReportKey> + use<'a> {
    keys.iter().cloned().chain([ReportKey::Listed(id.clone())])
}

fn partition(merchant: &MerchantId, key: &ReportKey) -> String {
    format!("{merchant}#{key}")
}

fn report_key(merchant: &MerchantId, key: &ReportKey, id: &EntryId) -> (String, String) {
    (partition(merchant, key), format!("{REPORT}{id}"))
}
