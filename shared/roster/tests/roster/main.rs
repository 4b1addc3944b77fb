//! Providers from the hands of people and under the eyes of monitoring: the real store on an in-process DynamoDB, the vault
//! in memory, processes that are killed and processes that race.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "tests fail with the reason"
)]

mod keeper;
mod kills;
mod monitor;
mod races;
mod workshop;
