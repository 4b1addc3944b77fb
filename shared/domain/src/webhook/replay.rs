//! Replays: deliveries that somebody wants to be sent again.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::id::{DeliveryId, EndpointId, MerchantId, ReplayId, TransactionId};
use crate::time::{Timestamp, Zone};
use crate::vocabulary::words;
use crate::webhook::delivery::{Delivery, DeliveryStatus};
use crate::webhook::endpoint::EventType;

words! {
    /// Where a replay stands.
    pub enum ReplayState {
        /// Its deliveries are being put back into the queue.
        Running = "RUNNING",
        /// All of them are.
        Completed = "COMPLETED",
    }
}

/// Which of an endpoint's deliveries; every member that is there must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Selection {
    #[serde(default)]
    pub delivery_id: Option<DeliveryId>,
    #[serde(default)]
    pub transaction_id: Option<TransactionId>,
    #[serde(default)]
    pub status: Option<DeliveryStatus>,
    #[serde(default)]
    pub event: Option<EventType>,
    /// What happened at this time or later.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// What happened before this.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// The first digit of the status that the last attempt was answered with.
    #[serde(default)]
    pub http_class: Option<u16>,
}

impl Selection {
    /// Days between its ends, at most.
    pub const MAX_DAYS: i64 = 30;

    /// Whether a delivery is over, in a way that is asked for.
    #[must_use]
    pub fn takes_ending_of(&self, delivery: &Delivery) -> bool {
        let is_over = matches!(delivery.status, DeliveryStatus::Delivered | DeliveryStatus::Failed);
        let class = delivery.http_status.map(|status| status / 100);
        is_over
            && self.status.is_none_or(|status| status == delivery.status)
            && self.http_class.is_none_or(|wanted| class == Some(wanted))
    }
}

/// A replay of some deliveries of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    pub id: ReplayId,
    pub endpoint_id: EndpointId,
    pub merchant_id: MerchantId,
    pub selection: Selection,
    pub state: ReplayState,
    /// Deliveries that were found before it began.
    pub counted: u32,
    /// Those of them that are back in the queue.
    pub queued: u32,
    /// The last one that was looked at.
    pub position: Option<DeliveryId>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

impl Replay {
    /// Deliveries that one replay may be about.
    pub const LIMIT: u32 = 10_000;

    /// A replay of so many deliveries, which begins now.
    #[must_use]
    pub fn new(
        id: ReplayId,
        (endpoint_id, merchant_id): (EndpointId, MerchantId),
        selection: Selection,
        counted: u32,
        created_at: Timestamp,
    ) -> Self {
        let is_over = counted == 0;
        Self {
            id,
            endpoint_id,
            merchant_id,
            selection,
            state: if is_over { ReplayState::Completed } else { ReplayState::Running },
            counted,
            queued: 0,
            position: None,
            created_at,
            finished_at: is_over.then_some(created_at),
        }
    }

    /// The same behind a step that queued so many and looked as far as `position`, to the end if there is none.
    #[must_use]
    pub fn after_step(&self, queued: u32, position: Option<DeliveryId>, now: Timestamp) -> Self {
        let is_over = position.is_none();
        Self {
            state: if is_over { ReplayState::Completed } else { ReplayState::Running },
            queued: self.queued.saturating_add(queued),
            position: position.or_else(|| self.position.clone()),
            finished_at: is_over.then_some(now),
            ..self.clone()
        }
    }

    /// The replay as the API shows it.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        json!({
            "id": self.id,
            "endpoint_id": self.endpoint_id,
            "state": self.state,
            "counted": self.counted,
            "queued": self.queued,
            "created_at": zone.clock_text(self.created_at),
            "finished_at": self.finished_at.map(|at| zone.clock_text(at)),
        })
    }
}
