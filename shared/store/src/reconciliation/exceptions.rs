//! Exceptions, and which runs found them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnConsumedCapacity};
use paywarden_domain::id::{ExceptionId, MerchantId, ProviderId, RunId};
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::{Exception, ExceptionStatus};
use serde::{Deserialize, Serialize};

use super::{Reconciliation, Row};
use crate::StoreError;
use crate::dynamo::{BatchWrite, Item, from_item, key2, number, text};

const SK: &str = "exception";

/// Keys that one batch reads.
const BATCH: usize = 100;

/// Times a batch is asked again for what the table did not answer.
const BATCH_ATTEMPTS: usize = 5;

/// An exception as an item: what conditions and indexes need beside it; the rest is one text.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: u64,
    status: ExceptionStatus,
    exception: String,
}

#[derive(Serialize, Deserialize)]
struct Finding {
    exception_id: ExceptionId,
}

/// A part of what a run found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingsPage {
    /// The exceptions, by outcome and id.
    pub exceptions: Vec<Exception>,
    /// Where the next part begins, if there may be more.
    pub next: Option<String>,
}

impl Reconciliation {
    /// The merchant's exception; somebody else's is not found.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn exception(
        &self,
        merchant: &MerchantId,
        id: &ExceptionId,
    ) -> Result<Option<Exception>, StoreError> {
        let stored: Option<Stored> = self.read(id.as_str(), SK).await?;
        let exception: Option<Exception> =
            stored.map(|stored| self.parse_json(&stored.exception)).transpose()?;
        Ok(exception.filter(|exception| exception.merchant_id == *merchant))
    }

    /// The exceptions with these ids that there are.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn exceptions(
        &self,
        ids: &[ExceptionId],
    ) -> Result<BTreeMap<ExceptionId, Exception>, StoreError> {
        let mut found = BTreeMap::new();
        for chunk in ids.chunks(BATCH) {
            for item in self.read_batch(chunk).await? {
                let stored = from_item::<Row<Stored>>(&self.table, item)?.value;
                let exception: Exception = self.parse_json(&stored.exception)?;
                found.insert(exception.id.clone(), exception);
            }
        }
        Ok(found)
    }

    async fn read_batch(&self, ids: &[ExceptionId]) -> Result<Vec<Item>, StoreError> {
        let mut keys: Vec<Item> = ids.iter().map(|id| key2(("pk", id.as_str()), ("sk", SK))).collect();
        let mut items = Vec::new();
        let unavailable = |detail: String| StoreError::Unavailable { operation: "BatchGetItem", detail };
        for _ in 0..BATCH_ATTEMPTS {
            let request = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            let request = request.map_err(|error| unavailable(error.to_string()))?;
            let output = self
                .dynamo
                .client
                .batch_get_item()
                .request_items(&self.table, request)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("BatchGetItem", &error))?;
            self.dynamo.measure_all(output.consumed_capacity());
            items.extend(
                output.responses.and_then(|mut tables| tables.remove(&self.table)).unwrap_or_default(),
            );
            keys = output
                .unprocessed_keys
                .and_then(|mut tables| tables.remove(&self.table))
                .map(|left| left.keys)
                .unwrap_or_default();
            if keys.is_empty() {
                return Ok(items);
            }
        }
        Err(unavailable(format!("{} items were not answered", keys.len())))
    }

    /// Writes an exception: a new one if there is none of its id, else in the place of the version before.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is another by now.
    pub async fn put_exception(&self, exception: &Exception) -> Result<(), StoreError> {
        let item = self.exception_item(exception)?;
        if exception.version == 1 {
            return self.dynamo.put(&self.table, item, Some("attribute_not_exists(pk)")).await;
        }
        let before = number(exception.version.saturating_sub(1));
        let values = Item::from([(":before".to_owned(), before)]);
        self.dynamo.put_if(&self.table, item, "version = :before", values).await
    }

    fn exception_item(&self, exception: &Exception) -> Result<Item, StoreError> {
        let open = exception.status.is_open();
        let partition = || open_partition(&exception.merchant_id, &exception.provider_id);
        self.item(&Row {
            pk: exception.id.to_string(),
            sk: SK.to_owned(),
            list_pk: open.then(partition),
            list_sk: open.then(|| exception.id.to_string()),
            value: Stored {
                version: exception.version,
                status: exception.status,
                exception: self.json_text(exception)?,
            },
        })
    }

    /// The provider's exceptions that are open or assigned.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn open_exceptions(
        &self,
        merchant: &MerchantId,
        provider: &ProviderId,
    ) -> Result<Vec<Exception>, StoreError> {
        let query = self
            .query()
            .index_name(super::LISTED)
            .key_condition_expression("list_pk = :open")
            .expression_attribute_values(":open", text(open_partition(merchant, provider)));
        let items = self.dynamo.query_all(query).await?.into_iter();
        items
            .map(|item| self.parse_json(&from_item::<Row<Stored>>(&self.table, item)?.value.exception))
            .collect()
    }

    /// Notes that a run found these.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn note_findings<'a>(
        &self,
        run: &RunId,
        found: impl Iterator<Item = (Outcome, &'a ExceptionId)>,
    ) -> Result<(), StoreError> {
        let row = |(outcome, id): (Outcome, &ExceptionId)| {
            let (pk, sk) = (run.to_string(), format!("finding#{outcome}#{id}"));
            let value = Finding { exception_id: id.clone() };
            self.item(&Row { pk, sk, list_pk: None, list_sk: None, value }).map(BatchWrite::Put)
        };
        self.dynamo.write_batch(&self.table, found.map(row).collect::<Result<_, _>>()?).await
    }

    /// The ids of all that a run found.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn finding_ids(&self, run: &RunId) -> Result<BTreeSet<ExceptionId>, StoreError> {
        let query = self
            .query()
            .key_condition_expression("pk = :run AND begins_with(sk, :finding)")
            .expression_attribute_values(":run", text(run.as_str()))
            .expression_attribute_values(":finding", text("finding#"));
        let items = self.dynamo.query_all(query).await?.into_iter();
        items.map(|item| Ok(from_item::<Row<Finding>>(&self.table, item)?.value.exception_id)).collect()
    }

    /// A page of what a run found, of one outcome or of all, by outcome and id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn findings(
        &self,
        run: &RunId,
        outcome: Option<Outcome>,
        after: Option<&str>,
        limit: u16,
    ) -> Result<FindingsPage, StoreError> {
        let prefix = outcome.map_or_else(|| "finding#".to_owned(), |outcome| format!("finding#{outcome}#"));
        let start = after.map(|sk| key2(("pk", run.as_str()), ("sk", sk)));
        let output = self
            .query()
            .key_condition_expression("pk = :run AND begins_with(sk, :prefix)")
            .expression_attribute_values(":run", text(run.as_str()))
            .expression_attribute_values(":prefix", text(prefix))
            .set_exclusive_start_key(start)
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        let more = output.last_evaluated_key().is_some();
        let rows = output.items.unwrap_or_default().into_iter();
        let rows: Vec<Row<Finding>> =
            rows.map(|item| from_item(&self.table, item)).collect::<Result<_, _>>()?;
        let next = rows.last().filter(|_| more).map(|row| row.sk.clone());
        let ids: Vec<ExceptionId> = rows.into_iter().map(|row| row.value.exception_id).collect();
        let mut found = self.exceptions(&ids).await?;
        let exceptions = ids.iter().filter_map(|id| found.remove(id)).collect();
        Ok(FindingsPage { exceptions, next })
    }
}

fn open_partition(merchant: &MerchantId, provider: &ProviderId) -> String {
    format!("{merchant}#{provider}#open")
}
