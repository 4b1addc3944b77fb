//! Reconciliation from the outside: rows in, outcomes out.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what these helpers unwrap, the test made")]

mod cases;
mod golden;
mod late;
mod properties;
mod sides;
mod transitions;
