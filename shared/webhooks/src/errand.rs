//! What stands in the queues, and who does it.

use std::sync::Arc;

use paywarden_domain::id::{EndpointId, ReplayId};
use paywarden_domain::webhook::delivery::{DeliveryKey, Pointer};
use paywarden_store::StoreError;
use paywarden_store::queue::Message;
use paywarden_store::stores::{InvalidVariable, Stores};
use serde::{Deserialize, Serialize};

use crate::deliver::Deliverer;
use crate::drain::Drainer;
use crate::gather::Gatherer;
use crate::post::Poster;
use crate::replaying::Replayer;
use crate::standing::EndpointKey;

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "errand", rename_all = "snake_case")]
pub enum Errand {
    /// The next attempt at a delivery.
    Attempt(Pointer),
    /// The next step of a replay.
    Replay { endpoint_id: EndpointId, replay_id: ReplayId },
    /// A batch with this delivery, at the latest.
    Gather(DeliveryKey),
    /// A batch of what waits at an endpoint for others although its errands should all have come.
    GatherOverdue { endpoint_id: EndpointId },
    /// An attempt to see whether an endpoint that is spared is well again.
    Probe(EndpointKey),
    /// What is parked of an endpoint is to be let go.
    Drain {
        #[serde(flatten)]
        of: EndpointKey,
        #[serde(default)]
        pass: Pass,
    },
}

/// How far it is with letting go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pass {
    /// Somebody wants it, who thinks that the endpoint is well.
    #[default]
    Asked,
    /// There may be more.
    Going,
    /// Nothing was left a while ago.
    Last,
}

/// Does what messages ask for.
pub struct Courier {
    deliverer: Deliverer,
    replayer: Replayer,
    drainer: Drainer,
    gatherer: Gatherer,
}

impl Courier {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        let poster = Arc::new(Poster::of(stores)?);
        Ok(Self {
            deliverer: Deliverer::with(Arc::clone(&poster), stores)?,
            drainer: Drainer::with(poster, stores)?,
            replayer: Replayer::of(stores)?,
            gatherer: Gatherer::of(stores)?,
        })
    }

    /// Does one errand. A receiver that fails is no failure of it.
    ///
    /// # Errors
    /// [`StoreError`]; the message may come again.
    pub async fn run(&self, errand: Errand) -> Result<(), StoreError> {
        match errand {
            Errand::Attempt(pointer) => self.deliverer.handle(pointer).await,
            Errand::Replay { endpoint_id, replay_id } => self.replayer.step(&endpoint_id, &replay_id).await,
            Errand::Probe(of) => self.drainer.probe(&of).await,
            Errand::Drain { of, pass } => self.drainer.run(&of, pass).await,
            Errand::Gather(key) => self.gatherer.run(&key).await,
            Errand::GatherOverdue { endpoint_id } => self.gatherer.run_overdue(&endpoint_id).await,
        }
    }
}

/// The message for an errand. Endpoints share a queue fairly.
pub(crate) fn message(errand: &Errand, endpoint: &EndpointId, delay_seconds: u32) -> Message {
    Message {
        body: serde_json::json!(errand).to_string(),
        delay_seconds,
        group: Some(endpoint.to_string()),
        correlation_id: None,
    }
}
