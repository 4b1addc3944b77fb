//! What telling merchants costs, and whether one who hangs slows the others down.
//!
//! *Cost*: a process delivers some thousands of webhooks over tables that this one serves, as the function does: batches of ten,
//! each side by side, one batch after the other. Beside it, in the same run, a bare loop of the same client posts the same bytes
//! to the same receiver, ten at a time, over connections that are kept; once for nothing, once with a small write for each. All are
//! told by their own processor time.
//!
//! *Isolation*: twenty endpoints are told of twenty changes a second each, by as many workers as the template allows, from a queue
//! that is fair as SQS is. Once all of them answer, once one hangs. What counts is the time from the change to the arrival at the
//! other nineteen.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::float_arithmetic,
    reason = "a benchmark speaks to people, times itself, and fails loudly; no money is counted here"
)]

mod cost;
mod isolation;
mod queue;
mod receiver;
mod stage;

/// Deliveries whose cost is measured.
const DELIVERIES: usize = 4_000;

/// Seconds for which changes go on, with and without somebody who hangs.
const SECONDS: usize = 40;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(place) = arguments.iter().position(|argument| argument == "--process") {
        return cost::process(&arguments[place + 1..]);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        cost::measure(DELIVERIES).await;
        isolation::measure(SECONDS).await;
    });
}
