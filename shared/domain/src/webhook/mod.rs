//! Webhooks: how merchants' servers hear of changes.

pub mod address;
pub mod delivery;
pub mod endpoint;
pub mod retry;
pub mod signature;
pub mod url;

pub use delivery::{Attempt, AttemptError, AttemptOutcome, Delivery, DeliveryStatus};
pub use endpoint::{Endpoint, EndpointStatus, EventType};
