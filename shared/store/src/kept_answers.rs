//! Answers that are kept for whoever asks for the same again, so that a request which creates something creates it once.
//!
//! | item | id | gone after |
//! |---|---|---|
//! | what one caller asks one function for under one key | hash of merchant, caller, function and key | 24 hours |
//!
//! What a thing is made of, and the answer, are sealed: both have secrets in them.

use std::sync::Arc;

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use data_encoding::HEXLOWER;
use paywarden_domain::entropy::{Entropy, random_bytes};
use paywarden_domain::id::MerchantId;
use paywarden_domain::time::{Clock, Timestamp};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::dynamo::{Dynamo, Item, from_item, key, number, text, to_item};
use crate::repeat::Beginning;
use crate::vault::{Context, Vault};

/// How long an answer is kept, in seconds.
pub const KEPT_SECONDS: i64 = 24 * 3600;

/// How long a request is taken to be still under way, in seconds. The gateway waits for no function so long.
const BUSY_SECONDS: i64 = 30;

/// Nothing of this id, or something whose time is over: DynamoDB removes that when it likes.
const IS_FREE: &str = "attribute_not_exists(id) OR expires_at <= :now";

/// Still in the hands of whoever was to be done by then.
const IS_MINE: &str = "busy_until = :mine AND attribute_not_exists(answer)";

/// The answers.
pub struct KeptAnswers {
    dynamo: Dynamo,
    table: String,
    vault: Arc<dyn Vault>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// A request as it is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub merchant_id: MerchantId,
    /// Hash of who asks which function under which key.
    pub id: String,
    /// Hash of what is asked for.
    pub fingerprint: String,
}

/// What is known of a request.
pub enum Known {
    /// Nothing: it is to be done, or done again where somebody was cut off.
    ToBeDone(Hold, Beginning),
    /// It was answered.
    Answered(String),
    /// Something else was asked for under this key.
    Otherwise,
    /// It is being done.
    Busy,
}

/// A request that is being done, by whoever has this.
pub struct Hold {
    asked: Asked,
    /// Seconds since 1970; tells one hold from another.
    busy_until: i64,
}

#[derive(Serialize, Deserialize)]
struct Row {
    id: String,
    fingerprint: String,
    began_at: Timestamp,
    /// What secrets and ids are made of, sealed.
    seed: String,
    /// Seconds since 1970.
    busy_until: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// When DynamoDB may remove it, in seconds since 1970.
    expires_at: i64,
}

impl KeptAnswers {
    pub(crate) fn new(
        dynamo: &Dynamo,
        table: String,
        vault: Arc<dyn Vault>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { dynamo: dynamo.clone(), table, vault, clock, entropy }
    }

    /// Takes a request on, unless it is known.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Conflict`] when somebody else took it on at the same moment.
    pub async fn begin(&self, asked: Asked) -> Result<Known, StoreError> {
        match self.write_down(&asked).await {
            Ok((hold, beginning)) => Ok(Known::ToBeDone(hold, beginning)),
            Err(StoreError::Conflict) => self.look_up(asked).await,
            Err(error) => Err(error),
        }
    }

    async fn write_down(&self, asked: &Asked) -> Result<(Hold, Beginning), StoreError> {
        let (at, seed) = (self.clock.now(), random_bytes(self.entropy.as_ref()));
        let now = at.as_seconds();
        let row = Row {
            id: asked.id.clone(),
            fingerprint: asked.fingerprint.clone(),
            began_at: at,
            seed: self.vault.seal(&context(asked), &HEXLOWER.encode(&seed)).await?,
            busy_until: now.saturating_add(BUSY_SECONDS),
            answer: None,
            expires_at: now.saturating_add(KEPT_SECONDS),
        };
        let values = Item::from([(":now".to_owned(), number(now))]);
        self.dynamo.put_if(&self.table, to_item(&self.table, &row)?, IS_FREE, values).await?;
        let hold = Hold { asked: asked.clone(), busy_until: row.busy_until };
        Ok((hold, Beginning::new(at, seed)))
    }

    async fn look_up(&self, asked: Asked) -> Result<Known, StoreError> {
        let item = self.dynamo.get(&self.table, key("id", asked.id.clone()), true).await?;
        let row: Row = from_item(&self.table, item.ok_or(StoreError::Conflict)?)?;
        if row.fingerprint != asked.fingerprint {
            return Ok(Known::Otherwise);
        }
        if let Some(answer) = &row.answer {
            return Ok(Known::Answered(self.vault.open(&context(&asked), answer).await?));
        }
        if row.busy_until > self.clock.now().as_seconds() {
            return Ok(Known::Busy);
        }
        let (hold, beginning) = self.take_over(asked, row).await?;
        Ok(Known::ToBeDone(hold, beginning))
    }

    /// Goes on with what somebody was cut off from.
    async fn take_over(&self, asked: Asked, row: Row) -> Result<(Hold, Beginning), StoreError> {
        let seed = self.vault.open(&context(&asked), &row.seed).await?;
        let seed = HEXLOWER.decode(seed.as_bytes()).ok().and_then(|seed| seed.try_into().ok());
        let seed = seed.ok_or_else(|| StoreError::Corrupt {
            table: self.table.clone(),
            key: row.id.clone(),
            detail: "its seed is none".to_owned(),
        })?;
        let mine = self.clock.now().as_seconds().saturating_add(BUSY_SECONDS);
        let values = Item::from([(":next".to_owned(), number(mine))]);
        self.update(&asked.id, row.busy_until, "SET busy_until = :next", values).await?;
        Ok((Hold { asked, busy_until: mine }, Beginning::new(row.began_at, seed)))
    }

    /// Keeps the answer to what was done.
    ///
    /// # Errors
    /// [`StoreError`]; then it may be done again, with the same outcome.
    pub async fn keep(&self, done: &Hold, answer: &str) -> Result<(), StoreError> {
        let sealed = self.vault.seal(&context(&done.asked), answer).await?;
        let values = Item::from([(":answer".to_owned(), text(sealed))]);
        self.update(&done.asked.id, done.busy_until, "SET answer = :answer", values).await
    }

    /// Lets go of what failed: whoever asks again has it done again, from the same beginning.
    ///
    /// # Errors
    /// [`StoreError`]; then it is let go of when it would have to be done.
    pub async fn release(&self, failed: &Hold) -> Result<(), StoreError> {
        let values = Item::from([(":next".to_owned(), number(self.clock.now().as_seconds()))]);
        self.update(&failed.asked.id, failed.busy_until, "SET busy_until = :next", values).await
    }

    /// Forgets what was refused: nothing was done, and the key is as good as new.
    ///
    /// # Errors
    /// [`StoreError`]; then the key stands for this request until its time is over.
    pub async fn forget(&self, refused: &Hold) -> Result<(), StoreError> {
        let output = self
            .dynamo
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key("id", refused.asked.id.clone())))
            .condition_expression(IS_MINE)
            .expression_attribute_values(":mine", number(refused.busy_until))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("DeleteItem", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        Ok(())
    }

    async fn update(
        &self,
        id: &str,
        busy_until: i64,
        expression: &str,
        mut values: Item,
    ) -> Result<(), StoreError> {
        values.insert(":mine".to_owned(), number(busy_until));
        let output = self
            .dynamo
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key("id", id)))
            .update_expression(expression)
            .condition_expression(IS_MINE)
            .set_expression_attribute_values(Some(values))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        Ok(())
    }
}

fn context(asked: &Asked) -> Context {
    Context::kept_answer(&asked.merchant_id, &asked.id)
}
