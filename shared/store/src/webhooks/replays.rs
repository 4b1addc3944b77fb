//! Replays, and the deliveries that they put back.

use paywarden_domain::id::{EndpointId, ReplayId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::replay::Replay;
use paywarden_domain::webhook::{Delivery, DeliveryStatus};
use serde::{Deserialize, Serialize};

use super::deliveries::{Deliveries, Writing};
use super::due::Due;
use super::row::{self, Row};
use crate::StoreError;
use crate::dynamo::{Dynamo, from_item, key2, number, text, to_item};

const SORT_PREFIX: &str = "replay#";

#[derive(Serialize, Deserialize)]
struct Stored {
    pk: String,
    sk: String,
    #[serde(flatten)]
    replay: Replay,
    expires_at: i64,
}

/// Replays.
pub struct Replays {
    dynamo: Dynamo,
    table: String,
}

impl Replays {
    /// The table called `table`.
    #[must_use]
    pub fn new(dynamo: &Dynamo, table: String) -> Self {
        Self { dynamo: dynamo.clone(), table }
    }

    /// The replay.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn find(&self, endpoint: &EndpointId, id: &ReplayId) -> Result<Option<Replay>, StoreError> {
        let key = key2(("pk", endpoint.as_str()), ("sk", &sort(id)));
        let item = self.dynamo.get(&self.table, key, true).await?;
        item.map(|item| from_item::<Stored>(&self.table, item).map(|stored| stored.replay)).transpose()
    }

    /// Writes how far it is. Only its own steps do, one after the other.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn write(&self, replay: &Replay) -> Result<(), StoreError> {
        let stored = Stored {
            pk: replay.endpoint_id.to_string(),
            sk: sort(&replay.id),
            replay: replay.clone(),
            expires_at: row::expires_at(replay.created_at),
        };
        let mut item = to_item(&self.table, &stored)?;
        item.retain(|_, value| !value.is_null());
        self.dynamo.put(&self.table, item, None).await
    }
}

impl Deliveries {
    /// Begins another round of attempts at a delivery that has ended, for a replay, and answers it. One that the replay has put
    /// back already is answered as it is.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is another by now, [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn put_back(
        &self,
        delivery: &Delivery,
        replay: &ReplayId,
        now: Timestamp,
    ) -> Result<Delivery, StoreError> {
        if delivery.replay_id.as_ref() == Some(replay) {
            return Ok(delivery.clone());
        }
        let mut writing = Writing::to(DeliveryStatus::Pending, delivery.attempts);
        writing.set("attempts_before", number(delivery.attempts));
        writing.set("replay_id", text(replay.as_str()));
        writing.wait(now, &Due::behind_queue(delivery.key(), now));
        let item = self.update(&delivery.key(), writing).await?;
        Ok(Row::read(&self.table, item)?.delivery)
    }
}

fn sort(id: &ReplayId) -> String {
    format!("{SORT_PREFIX}{id}")
}
