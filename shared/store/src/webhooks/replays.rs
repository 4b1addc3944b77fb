//! Replays, and the deliveries that they put back.

use paywarden_domain::id::{EndpointId, ReplayId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::replay::{Replay, ReplayState};
use paywarden_domain::webhook::{Delivery, DeliveryStatus};
use serde::{Deserialize, Serialize};

use super::deliveries::{Deliveries, Writing};
use super::due::Due;
use super::row::{self, Row};
use crate::StoreError;
use crate::dynamo::{Dynamo, Item, from_item, key2, number, text, to_item};

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

    /// Writes a new one, unless it is there already: an earlier try may have been cut off behind this.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn create(&self, replay: &Replay) -> Result<(), StoreError> {
        match self.dynamo.put(&self.table, self.item(replay)?, Some("attribute_not_exists(pk)")).await {
            Err(StoreError::Conflict) => Ok(()),
            outcome => outcome,
        }
    }

    /// Writes how far it is by now, behind a step from where it was `before`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else made that step.
    pub async fn advance(&self, before: &Replay, now: &Replay) -> Result<(), StoreError> {
        let running = (":running".to_owned(), text(ReplayState::Running.as_str()));
        let mut values = Item::from([running]);
        let condition = match &before.position {
            None => "#state = :running AND attribute_not_exists(#position)",
            Some(position) => {
                values.insert(":seen".to_owned(), text(position.as_str()));
                "#state = :running AND #position = :seen"
            }
        };
        let put = self
            .dynamo
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(self.item(now)?))
            .condition_expression(condition)
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#position", "position")
            .set_expression_attribute_values(Some(values));
        put.send().await.map(|_| ()).map_err(|error| StoreError::from_sdk("PutItem", &error))
    }

    fn item(&self, replay: &Replay) -> Result<Item, StoreError> {
        let stored = Stored {
            pk: replay.endpoint_id.to_string(),
            sk: sort(&replay.id),
            replay: replay.clone(),
            expires_at: row::expires_at(replay.created_at),
        };
        let mut item = to_item(&self.table, &stored)?;
        item.retain(|_, value| !value.is_null());
        Ok(item)
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
