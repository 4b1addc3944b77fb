//! Providers from the outside: their order, their history, and what monitoring makes of two weeks.

#![allow(clippy::unwrap_used, reason = "what these helpers unwrap, the test made")]

mod changing;
mod monitoring;
mod sequencing;
