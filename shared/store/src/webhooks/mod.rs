//! The webhooks table: endpoints and how they do, and deliveries with the attempts at them.
//!
//! | item | pk | sk |
//! |---|---|---|
//! | endpoint | merchant | `endpoint#` id |
//! | how it does | merchant | `health#` endpoint |
//! | delivery, with its attempts in `book` | endpoint | id, which sorts by time |
//! | what an ordered endpoint waits with, of a transaction | endpoint | `lane#` transaction |
//! | replay | endpoint | `replay#` id |
//! | attempts of a second, where they are limited | endpoint | `second#` seconds since 1970 |
//!
//! The index `due` is sparse. It holds a delivery whose next attempt somebody has to remember, and how an endpoint does that
//! somebody has to come back to: partition `due#` shard of the id, sorted by when the sweep sees to it. A delivery that is
//! parked stands in the partition `parked#` endpoint, one that waits for others which go into the same post in `gathering#`
//! shard of the endpoint, sorted by endpoint and id.

mod attempted;
mod body;
mod deliveries;
mod due;
mod ended;
mod endpoints;
mod gather;
mod health;
mod lanes;
mod list;
mod parked;
mod rate;
mod replays;
mod row;
mod shown;
pub mod stream;

pub use attempted::Attempted;
pub use deliveries::Deliveries;
pub use due::{DUE_SHARDS, Due, DueEndpoint, DuePage, DuePlace};
pub use ended::{Ended, EndedPage, EndedQuery};
pub use endpoints::{Endpoints, PreviousSecret, StoredEndpoint};
pub use gather::GATHERING_SHARDS;
pub use health::{Healths, StoredHealth};
pub use lanes::InLane;
pub use list::{DeliveryPage, DeliveryQuery};
pub use parked::ParkedPage;
pub use replays::Replays;
pub use row::BookedDelivery;
