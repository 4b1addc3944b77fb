//! Takes failing providers out of routing, and lets them in again.
//!
//! - Called every minute by a schedule.
//! - Reads all `providers`, what happened to each in `provider-health` since the last run, and every five minutes the stuck
//!   payments of each merchant from `transactions`. Writes what it remembers, if that changed; and a provider with a line of
//!   its history in one atomic write, under the version it read, when it decides.
//! - Two runs at a time decide the same; the second one's write finds another version and is dropped.

use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_roster::monitor::Monitor;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    worker::on_schedule(env!("CARGO_PKG_NAME"), Monitor::of, Monitor::run).await
}

#[cfg(test)]
mod tests;
