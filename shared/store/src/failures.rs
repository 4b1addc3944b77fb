//! Failed attempts to get a token, in the clients table beside the clients.
//!
//! | item | id |
//! |---|---|
//! | what failed under a client's id in a minute | `failures#` client `#` minutes since 1970 |
//!
//! Only clients that exist are counted, so strangers can make no more items than there are clients, in each minute, and no
//! more writes than the limit. The items are gone after an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use paywarden_domain::id::ClientId;
use paywarden_domain::time::{Clock, Timestamp};

use crate::StoreError;
use crate::dynamo::{Dynamo, Item, key, number};

/// Failures that a client has in a minute.
pub const LIMIT: u32 = 60;

const MINUTE_SECONDS: i64 = 60;
const RETENTION_SECONDS: i64 = 3600;

/// What the template lets a function write beside clients begins with this.
const PREFIX: &str = "failures#";

/// Counts failures by client and minute.
pub struct Failures {
    dynamo: Dynamo,
    table: String,
    clock: Arc<dyn Clock>,
    /// Clients whose limit is reached, with the minute in which it was. The table is asked no more about them.
    spent: Mutex<HashMap<ClientId, i64>>,
}

impl Failures {
    /// In the clients table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String, clock: Arc<dyn Clock>) -> Self {
        Self { dynamo: dynamo.clone(), table, clock, spent: Mutex::default() }
    }

    /// Counts a failure of a client that exists. Where there were too many before it in this minute, it answers the seconds
    /// until the next one begins.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; this failure is not counted then.
    pub async fn count(&self, client: &ClientId) -> Result<Option<u64>, StoreError> {
        let now = self.clock.now();
        let minute = now.as_seconds().div_euclid(MINUTE_SECONDS);
        let left = MINUTE_SECONDS.saturating_sub(now.as_seconds().rem_euclid(MINUTE_SECONDS)).unsigned_abs();
        if self.is_spent(client, minute) {
            return Ok(Some(left));
        }
        match self.add(client, minute, now).await {
            Ok(()) => Ok(None),
            Err(StoreError::Conflict) => {
                self.note_spent(client, minute);
                Ok(Some(left))
            }
            Err(error) => Err(error),
        }
    }

    async fn add(&self, client: &ClientId, minute: i64, now: Timestamp) -> Result<(), StoreError> {
        let values = Item::from([
            (":one".to_owned(), number(1)),
            (":limit".to_owned(), number(LIMIT)),
            (":expires".to_owned(), number(now.plus_seconds(RETENTION_SECONDS).as_seconds())),
        ]);
        let output = self
            .dynamo
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key("id", format!("{PREFIX}{client}#{minute}"))))
            .update_expression("SET expires_at = :expires ADD failed :one")
            .condition_expression("attribute_not_exists(failed) OR failed < :limit")
            .set_expression_attribute_values(Some(values))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error))?;
        self.dynamo.measure(output.consumed_capacity());
        Ok(())
    }

    fn is_spent(&self, client: &ClientId, minute: i64) -> bool {
        let spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.get(client).is_some_and(|spent| *spent == minute)
    }

    fn note_spent(&self, client: &ClientId, minute: i64) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.retain(|_, before| *before == minute);
        spent.insert(client.clone(), minute);
    }
}
