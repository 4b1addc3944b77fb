//! Replays: counted before they begin, then begun.

use std::collections::BTreeSet;
use std::sync::Arc;

use paywarden_domain::entropy::Entropy;
use paywarden_domain::id::{DeliveryId, EndpointId, ReplayId};
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_domain::webhook::replay::{Replay, ReplayState, Selection};
use paywarden_domain::webhook::{DeliveryKey, Endpoint};
use paywarden_store::StoreError;
use paywarden_store::queue::{Message, Queue};
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Deliveries, EndedQuery, Replays};

use crate::errand::Errand;

/// Rows that are looked at to count: some seconds' worth.
const COUNTED_ROWS: usize = 100_000;

/// Begins replays.
pub struct ReplayKeeper {
    deliveries: Deliveries,
    replays: Replays,
    retries: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    limit: u32,
}

/// Why deliveries were not counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// There are more than one replay may be about, or more has to be looked at to know.
    #[error("more than {} deliveries, or too many to look through: expected a narrower range", Replay::LIMIT)]
    TooMany,
    /// A table or the queue failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReplayKeeper {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            deliveries: stores.deliveries()?,
            replays: stores.webhook_replays()?,
            retries: stores.webhook_retries()?,
            clock: stores.clock(),
            entropy: stores.entropy(),
            limit: Replay::LIMIT,
        })
    }

    /// The same with another limit than [`Replay::LIMIT`].
    #[must_use]
    pub fn limited_to(self, limit: u32) -> Self {
        Self { limit, ..self }
    }

    /// How many deliveries a replay that began now would be about.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub async fn count(&self, endpoint: &EndpointId, selection: &Selection) -> Result<u32, ReplayError> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let query = EndedQuery {
            endpoint,
            selection,
            planned_by: self.clock.now(),
            replay: None,
            after: None,
            limit: limit.saturating_add(1),
            look_at_most: COUNTED_ROWS,
        };
        let page = self.deliveries.ended(&query).await?;
        if page.next.is_some() || page.found.len() > limit {
            return Err(ReplayError::TooMany);
        }
        let batches: BTreeSet<_> = page.found.iter().filter_map(|found| found.batch_id.clone()).collect();
        let mut count = page.found.iter().filter(|found| found.batch_id.is_none()).count();
        for batch in batches {
            let is_taken = self.takes_batch(endpoint, selection, batch).await?;
            count = count.saturating_add(usize::from(is_taken));
        }
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Writes the replay, then has its first step made. Cut off between the two, it is begun by the same request again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(
        &self,
        endpoint: &Endpoint,
        selection: Selection,
        counted: u32,
    ) -> Result<Replay, StoreError> {
        let now = self.clock.now();
        let of = (endpoint.id.clone(), endpoint.merchant_id.clone());
        let selection = Selection { until: Some(earlier(selection.until, now)), ..selection };
        let replay = Replay::new(ReplayId::mint(now, self.entropy.as_ref()), of, selection, counted, now);
        self.replays.create(&replay).await?;
        if replay.state == ReplayState::Running {
            self.retries.send(to_next_step(&replay, 0)).await?;
        }
        Ok(replay)
    }

    async fn takes_batch(
        &self,
        endpoint: &EndpointId,
        selection: &Selection,
        batch: DeliveryId,
    ) -> Result<bool, StoreError> {
        let key = DeliveryKey { endpoint_id: endpoint.clone(), delivery_id: batch };
        let found = self.deliveries.find(&key).await?;
        Ok(found.is_some_and(|delivery| selection.takes_ending_of(&delivery)))
    }
}

/// The message for the next step.
pub(crate) fn to_next_step(replay: &Replay, delay_seconds: u32) -> Message {
    let errand = Errand::Replay { endpoint_id: replay.endpoint_id.clone(), replay_id: replay.id.clone() };
    Message {
        body: serde_json::json!(errand).to_string(),
        delay_seconds,
        group: Some(replay.endpoint_id.to_string()),
        correlation_id: None,
    }
}

/// What happens from now on is no business of a replay that begins now.
fn earlier(until: Option<Timestamp>, now: Timestamp) -> Timestamp {
    until.map_or(now, |until| until.min(now))
}
