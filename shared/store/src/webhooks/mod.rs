//! The webhooks table: endpoints, and deliveries with the attempts at them.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | endpoint | merchant | `endpoint#` id |
//! | delivery, with its attempts in `book` | delivery | `delivery` |
//!
//! The `due` index holds every delivery that is to be attempted: partition `due#` shard of the id, sorted by when the sweep
//! sees to it. That is when the attempt is due, or some minutes later where a pointer in a queue should see to it before.

mod deliveries;
mod due;
mod endpoints;

pub use deliveries::Deliveries;
pub use due::{DUE_SHARDS, Due, DuePage};
pub use endpoints::{Endpoints, StoredEndpoint};
