//! Starts the runs that are due.
//!
//! - Called every fifteen minutes by a schedule.
//! - Reads all `providers`, `merchants`, and the statements that came in the last weeks in `reconciliation`; writes a run and
//!   queues it for every day whose books have closed and that a statement tells of.
//! - A run's id follows from what it compares: it is started once, however often this is called, and again under another id
//!   when a statement comes late or anew.

use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_reconciliation::schedule::Scheduler;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    worker::on_schedule(env!("CARGO_PKG_NAME"), Scheduler::of, Scheduler::run).await
}

#[cfg(test)]
mod tests;
