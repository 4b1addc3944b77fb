//! Every adapter against what its provider sends, and against what somebody makes of it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "tests fail with the reason"
)]

mod bounds;
mod samples;
mod tampering;
mod ways;
