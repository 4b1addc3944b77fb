//! The store against the in-process DynamoDB.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what these helpers unwrap, the test made"
)]

mod ledger;
mod lists;
mod outbox;
mod providers;
mod reconciliation;
mod records;
mod throttled;
mod totals;
mod walks;
