//! The webhooks table: endpoints, deliveries and their attempts.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | endpoint | merchant | `endpoint#` id |
//! | delivery | delivery | `delivery` |
//! | attempt | delivery | `attempt#` number, delivery-wide |
//!
//! The `due` index holds the deliveries that wait longer than a queue can: partition `due#` shard of the id, sorted by
//! due time. A delivery leaves it when it is queued.

mod deliveries;
mod endpoints;

pub use deliveries::{DUE_SHARDS, Deliveries};
pub use endpoints::{Endpoints, StoredEndpoint};
