//! The steps together: the real store on an in-process DynamoDB, processes that are killed, and writers that meet.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "tests fail with the reason"
)]

mod apply;
mod crowd;
mod decide;
mod expire;
mod kills;
mod park;
mod project;
mod races;
mod rebuild;
mod record;
mod workshop;
