//! What stands in the queues, and who does it.

use paywarden_domain::id::{EndpointId, ReplayId};
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_store::StoreError;
use paywarden_store::stores::{InvalidVariable, Stores};
use serde::{Deserialize, Serialize};

use crate::deliver::Deliverer;
use crate::replaying::Replayer;

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "errand", rename_all = "snake_case")]
pub enum Errand {
    /// The next attempt at a delivery.
    Attempt(Pointer),
    /// The next step of a replay.
    Replay { endpoint_id: EndpointId, replay_id: ReplayId },
}

/// Does what messages ask for.
pub struct Courier {
    deliverer: Deliverer,
    replayer: Replayer,
}

impl Courier {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { deliverer: Deliverer::of(stores)?, replayer: Replayer::of(stores)? })
    }

    /// Does one errand. A receiver that fails is no failure of it.
    ///
    /// # Errors
    /// [`StoreError`]; the message may come again.
    pub async fn run(&self, errand: Errand) -> Result<(), StoreError> {
        match errand {
            Errand::Attempt(pointer) => self.deliverer.handle(pointer).await,
            Errand::Replay { endpoint_id, replay_id } => self.replayer.step(&endpoint_id, &replay_id).await,
        }
    }
}
