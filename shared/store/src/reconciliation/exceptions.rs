//! Exceptions, and which runs found them.

use std::collections::{BTreeMap, BTreeSet};

use futures::TryStreamExt;
use futures::stream::FuturesUnordered;
use paywarden_domain::id::{ExceptionId, MerchantId, ProviderId, RunId};
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::{Exception, ExceptionStatus};
use serde::{Deserialize, Serialize};

use super::{Reconciliation, Row, last_of};
use crate::StoreError;
use crate::dynamo::{BatchWrite, Item, from_item, key2, number, text};
use crate::error::readable;
use crate::patience::{Pace, units};

const SK: &str = "exception";

/// Exceptions that are written at the same time.
const CONCURRENCY: usize = 16;

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

/// A part of a list of exceptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingsPage {
    /// The exceptions, in the order of the list.
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

    /// The exceptions with these ids that there are and that can be read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn exceptions(
        &self,
        ids: &[ExceptionId],
    ) -> Result<BTreeMap<ExceptionId, Exception>, StoreError> {
        let keys = ids.iter().map(|id| key2(("pk", id.as_str()), ("sk", SK))).collect();
        let items = self.dynamo.read_batch(&self.table, keys).await?.into_iter();
        let exceptions = readable(items.map(|item| self.parse_exception(item)))?.into_iter();
        Ok(exceptions.map(|exception| (exception.id.clone(), exception)).collect())
    }

    fn parse_exception(&self, item: Item) -> Result<Exception, StoreError> {
        self.parse_json(&from_item::<Row<Stored>>(&self.table, item)?.value.exception)
    }

    /// Writes exceptions, in any order. One that somebody changed at the same moment keeps what was decided: that is later
    /// than what is here. All that are open are in one partition of the index, which sets the pace. Answers how many were
    /// written.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; writing all of them again writes what is missing.
    pub async fn put_exceptions(&self, exceptions: &[Exception]) -> Result<usize, StoreError> {
        let (mut pace, mut written) = (Pace::default(), 0_usize);
        let mut count = |is_written: bool| written = written.saturating_add(usize::from(is_written));
        let mut writes = FuturesUnordered::new();
        for exception in exceptions {
            let item = self.exception_item(exception)?;
            pace.spend(item_units(&item)).await;
            if writes.len() >= CONCURRENCY {
                writes.try_next().await?.into_iter().for_each(&mut count);
            }
            writes.push(self.put_unless_changed(exception, item));
        }
        while let Some(is_written) = writes.try_next().await? {
            count(is_written);
        }
        Ok(written)
    }

    async fn put_unless_changed(&self, exception: &Exception, item: Item) -> Result<bool, StoreError> {
        match self.put_exception_item(exception, item).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes an exception: a new one if there is none of its id, else in the place of the version before.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is another by now.
    pub async fn put_exception(&self, exception: &Exception) -> Result<(), StoreError> {
        self.put_exception_item(exception, self.exception_item(exception)?).await
    }

    async fn put_exception_item(&self, exception: &Exception, item: Item) -> Result<(), StoreError> {
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
        // A run that finds one anew that cannot be read leaves it alone: there is one of its id.
        readable(items.map(|item| self.parse_exception(item)))
    }

    /// A page of the provider's exceptions that are open or assigned, by id, behind the id `after`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn open_page(
        &self,
        merchant: &MerchantId,
        provider: &ProviderId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<FindingsPage, StoreError> {
        let query = self
            .query()
            .index_name(super::LISTED)
            .key_condition_expression("list_pk = :open AND list_sk > :after")
            .expression_attribute_values(":open", text(open_partition(merchant, provider)))
            // A blank sorts before every id.
            .expression_attribute_values(":after", text(after.unwrap_or(" ")));
        let (items, more) = self.dynamo.query_page(query, limit).await?;
        let next = last_of(&items, "list_sk").filter(|_| more);
        let exceptions = readable(items.into_iter().map(|item| self.parse_exception(item)))?;
        Ok(FindingsPage { exceptions, next })
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
        self.dynamo.write_partition(&self.table, found.map(row).collect::<Result<_, _>>()?).await
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
        let query = self
            .query()
            .key_condition_expression("pk = :run AND begins_with(sk, :prefix)")
            .expression_attribute_values(":run", text(run.as_str()))
            .expression_attribute_values(":prefix", text(prefix))
            .set_exclusive_start_key(start);
        let (items, more) = self.dynamo.query_page(query, limit).await?;
        let next = last_of(&items, "sk").filter(|_| more);
        let ids = items
            .into_iter()
            .map(|item| Ok(from_item::<Row<Finding>>(&self.table, item)?.value.exception_id));
        let ids: Vec<ExceptionId> = readable(ids)?;
        let mut found = self.exceptions(&ids).await?;
        let exceptions = ids.iter().filter_map(|id| found.remove(id)).collect();
        Ok(FindingsPage { exceptions, next })
    }
}

fn open_partition(merchant: &MerchantId, provider: &ProviderId) -> String {
    format!("{merchant}#{provider}#open")
}

/// Write units of an exception: nearly all of it is one text.
fn item_units(item: &Item) -> u32 {
    let bytes = item.values().filter_map(|value| value.as_s().ok()).map(String::len).sum();
    units(bytes)
}
