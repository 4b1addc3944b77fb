//! The steps together: the real store on an in-process DynamoDB, queues in memory, receivers on loopback ports, processes
//! that are killed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "tests fail with the reason"
)]

mod breaker;
mod campaign;
mod deliver;
mod disabled;
mod errands;
mod gather;
mod kills;
mod mischief;
mod news;
mod ordered;
mod plan;
mod races;
mod receiver;
mod replay;
mod rotation;
mod slow;
mod sweep;
#[path = "../../src/attempt/tests/tls/server.rs"]
mod tls_server;
mod workshop;
