//! The steps together: the real store on an in-process DynamoDB, files and queues in memory, processes that are killed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "tests fail with the reason"
)]

mod arrival;
mod exceptions;
mod export;
mod fees;
mod intake;
mod kills;
mod races;
mod runs;
mod schedule;
mod workshop;
