//! The whole system: the deployed template on a local stack, from the outside.
//!
//! `PAYWARDEN_STACK` names the stack's `stack.json`; without it, the stack of `cargo xtask up` is used. Every test makes
//! its own references and endpoints, so tests run side by side and may run again on the same stack.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests"
)]
#![allow(clippy::disallowed_methods, reason = "the one variable that names the stack, and keys of one run")]

mod access;
mod aws_shaped;
mod bad_input;
mod changes;
mod clients;
mod console;
mod decisions;
mod faults;
mod identity;
mod lists;
mod merchant;
mod payments;
mod people;
mod providers;
mod receivers;
mod reconciliation;
mod recovery;
mod routes;
mod runs;
mod sessions;
mod stack;
mod webhook_management;
mod webhooks;
