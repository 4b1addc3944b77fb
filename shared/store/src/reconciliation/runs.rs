//! Runs and their shards.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{Put, Select};
use paywarden_domain::id::{MerchantId, RunId};
use paywarden_domain::reconciliation::fees::MonthSheet;
use paywarden_domain::reconciliation::run::{LedgerPart, Run, RunState, ShardResult};
use serde::{Deserialize, Serialize};

use super::{Page, Reconciliation, Row};
use crate::StoreError;
use crate::dynamo::{Item, action_put, from_item, number, text};

const SK: &str = "run";

/// A run as an item: its version beside it, for conditions; the rest is one text.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    version: u64,
    state: RunState,
    pub(super) run: String,
}

#[derive(Serialize, Deserialize)]
struct Window {
    run_id: RunId,
}

#[derive(Serialize, Deserialize)]
struct Shard {
    /// JSON text. Shards that were done by a version before this one have none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    result: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Part {
    /// JSON text.
    part: String,
}

impl Reconciliation {
    /// The run, whoever owns it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn run(&self, id: &RunId) -> Result<Option<Run>, StoreError> {
        let stored: Option<Stored> = self.read(id.as_str(), SK).await?;
        stored.map(|stored| self.parse_run(&stored)).transpose()
    }

    /// The merchant's run; somebody else's is not found.
    ///
    /// # Errors
    /// As [`Reconciliation::run`].
    pub async fn run_of(&self, merchant: &MerchantId, id: &RunId) -> Result<Option<Run>, StoreError> {
        Ok(self.run(id).await?.filter(|run| run.scope.merchant_id == *merchant))
    }

    pub(super) fn parse_run(&self, stored: &Stored) -> Result<Run, StoreError> {
        self.parse_json(&stored.run)
    }

    /// A page of the merchant's runs, newest first.
    ///
    /// # Errors
    /// As [`Reconciliation::run`].
    pub async fn runs(
        &self,
        merchant: &MerchantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Run>, StoreError> {
        let parse = |stored: &Stored| self.parse_run(stored);
        self.list(&format!("{merchant}#runs"), (after, " "), limit, parse).await
    }

    /// Adds a run.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one of this id.
    pub async fn create_run(&self, run: &Run) -> Result<(), StoreError> {
        self.dynamo.put(&self.table, self.run_item(run)?, Some("attribute_not_exists(pk)")).await
    }

    /// Replaces a run, if its version is the one before.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is another by now.
    pub async fn replace_run(&self, run: &Run) -> Result<(), StoreError> {
        self.dynamo.put_if(&self.table, self.run_item(run)?, VERSION_BEFORE, version_before(run)).await
    }

    fn run_item(&self, run: &Run) -> Result<Item, StoreError> {
        self.item(&Row {
            pk: run.id.to_string(),
            sk: SK.to_owned(),
            list_pk: Some(format!("{}#runs", run.scope.merchant_id)),
            list_sk: Some(format!("{}#{}", run.created_at, run.id)),
            value: Stored { version: run.version, state: run.state, run: self.json_text(run)? },
        })
    }

    /// The run that counts for the days of this one so far.
    ///
    /// # Errors
    /// As [`Reconciliation::run`].
    pub async fn run_that_counts(&self, run: &Run) -> Result<Option<Run>, StoreError> {
        let (pk, sk) = window_key(run);
        let window: Option<Window> = self.read(&pk, &sk).await?;
        match window {
            Some(window) => self.run(&window.run_id).await,
            None => Ok(None),
        }
    }

    /// Ends a run, makes it and what it counted of fees those that count for its days, and retires the one before; all of it or
    /// nothing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when one of them is another by now.
    pub async fn complete_run(
        &self,
        run: &Run,
        retired: Option<&Run>,
        fees: &[MonthSheet],
    ) -> Result<(), StoreError> {
        let (pk, sk) = window_key(run);
        let window = Row { pk, sk, list_pk: None, list_sk: None, value: Window { run_id: run.id.clone() } };
        let window = Put::builder().table_name(&self.table).set_item(Some(self.item(&window)?));
        let window = match retired {
            Some(retired) => window
                .condition_expression("run_id = :retired")
                .expression_attribute_values(":retired", text(retired.id.as_str())),
            None => window
                .condition_expression("attribute_not_exists(pk) OR run_id = :own")
                .expression_attribute_values(":own", text(run.id.as_str())),
        };
        let mut puts = self.fee_puts(run, fees)?;
        puts.push(window);
        for run in [Some(run), retired].into_iter().flatten() {
            puts.push(
                Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(self.run_item(run)?))
                    .condition_expression(VERSION_BEFORE)
                    .set_expression_attribute_values(Some(version_before(run))),
            );
        }
        let actions = puts.into_iter().map(action_put).collect::<Result<_, _>>()?;
        self.dynamo.write_together(actions).await
    }

    /// Whether a shard of this attempt is done.
    ///
    /// # Errors
    /// As [`Reconciliation::run`].
    pub async fn is_shard_done(&self, run: &Run, shard: u16) -> Result<bool, StoreError> {
        let done: Option<Shard> = self.read(run.id.as_str(), &shard_key(run, shard)).await?;
        Ok(done.is_some())
    }

    /// Commits a shard: it is done, once and for all.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn commit_shard(&self, run: &Run, shard: u16, result: &ShardResult) -> Result<(), StoreError> {
        let (pk, sk) = (run.id.to_string(), shard_key(run, shard));
        let value = Shard { result: Some(self.json_text(result)?) };
        let row = Row { pk, sk, list_pk: None, list_sk: None, value };
        match self.dynamo.put(&self.table, self.item(&row)?, Some("attribute_not_exists(pk)")).await {
            // Somebody else did the same work; its files are the same bytes.
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What each shard of this attempt that is done came to, by its number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn shard_results(&self, run: &Run) -> Result<BTreeMap<u16, ShardResult>, StoreError> {
        let query = self
            .query()
            .key_condition_expression("pk = :run AND begins_with(sk, :attempt)")
            .expression_attribute_values(":run", text(run.id.as_str()))
            .expression_attribute_values(":attempt", text(attempt_key(run)))
            .consistent_read(true);
        let items = self.dynamo.query_all(query).await?;
        items.into_iter().map(|item| self.shard_result(item)).collect()
    }

    fn shard_result(&self, item: Item) -> Result<(u16, ShardResult), StoreError> {
        let row: Row<Shard> = from_item(&self.table, item)?;
        let number = shard_number(&row.sk).ok_or_else(|| StoreError::Corrupt {
            table: self.table.clone(),
            key: row.sk.clone(),
            detail: "no shard's number".to_owned(),
        })?;
        let result = row.value.result.map(|text| self.parse_json(&text)).transpose()?;
        Ok((number, result.unwrap_or_default()))
    }

    /// The part of the ledger with this number, if it was read for this attempt.
    ///
    /// # Errors
    /// As [`Reconciliation::run`].
    pub async fn ledger_part(&self, run: &Run, number: usize) -> Result<Option<LedgerPart>, StoreError> {
        let part: Option<Part> = self.read(run.id.as_str(), &part_key(run, number)).await?;
        part.map(|part| self.parse_json(&part.part)).transpose()
    }

    /// Commits a part of the ledger: it is read, once and for all.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else has read it; theirs counts.
    pub async fn commit_ledger_part(
        &self,
        run: &Run,
        number: usize,
        part: &LedgerPart,
    ) -> Result<(), StoreError> {
        let (pk, sk) = (run.id.to_string(), part_key(run, number));
        let value = Part { part: self.json_text(part)? };
        let row = Row { pk, sk, list_pk: None, list_sk: None, value };
        self.dynamo.put(&self.table, self.item(&row)?, Some("attribute_not_exists(pk)")).await
    }

    /// How many shards of this attempt are done.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn shards_done(&self, run: &Run) -> Result<usize, StoreError> {
        let output = self
            .query()
            .key_condition_expression("pk = :run AND begins_with(sk, :attempt)")
            .expression_attribute_values(":run", text(run.id.as_str()))
            .expression_attribute_values(":attempt", text(attempt_key(run)))
            .consistent_read(true)
            .select(Select::Count)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        Ok(usize::try_from(output.count()).unwrap_or_default())
    }
}

const VERSION_BEFORE: &str = "version = :before";

fn version_before(run: &Run) -> Item {
    Item::from([(":before".to_owned(), number(run.version.saturating_sub(1)))])
}

fn window_key(run: &Run) -> (String, String) {
    let scope = &run.scope;
    let sk = format!("{}#{}#{}", scope.provider_id, scope.from, scope.until);
    (format!("{}#windows", scope.merchant_id), sk)
}

fn attempt_key(run: &Run) -> String {
    format!("shard#{}#", run.attempt)
}

fn shard_key(run: &Run, shard: u16) -> String {
    format!("{}{shard:05}", attempt_key(run))
}

fn shard_number(sk: &str) -> Option<u16> {
    sk.rsplit('#').next()?.parse().ok()
}

fn part_key(run: &Run, number: usize) -> String {
    format!("part#{}#{number:05}", run.attempt)
}
