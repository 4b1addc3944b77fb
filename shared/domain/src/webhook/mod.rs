//! Webhooks: how merchants' servers hear of changes.

pub mod address;
pub mod delivery;
pub mod endpoint;
pub mod health;
pub mod replay;
pub mod request;
pub mod retry;
mod shown;
pub mod signature;
pub mod signing;
pub mod url;

pub use delivery::{Attempt, AttemptError, AttemptOutcome, Delivery, DeliveryKey, DeliveryStatus};
pub use endpoint::{Delivering, Endpoint, EndpointStatus, EventType, SignatureScheme};
pub use health::Health;
