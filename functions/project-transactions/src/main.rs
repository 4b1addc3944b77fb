//! Writes the timeline of what the transactions stream tells, keeps the running totals, and wakes the reports that waited for it.
//!
//! - Called by the stream of `transactions`, at least once and in batches that may be cut anew.
//! - Writes `timeline`, under keys derived from transaction and version, so that a repeat overwrites itself;
//!   `ledger`, whose rows follow from the record, so that a repeat overwrites them; `provider-health`, for monitoring, where counting twice does no harm; and
//!   `totals`, with what was counted of each transaction in the same atomic write, so that each counts once.
//! - Reads `report-keys` under each key that a record gains, enters records there by account number, and sends what waited to the
//!   queue of provider reports, where applying it twice changes nothing.
//! - A failure fails the whole batch: the platform halves it, tries again, and puts a poison record aside. A record that cannot be
//!   read is the last to fail: what came with it has been projected before.

use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_payments::project::Projector;
use paywarden_store::transactions::stream::each_change;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    worker::on_stream(env!("CARGO_PKG_NAME"), Projector::of, each_change, Projector::project_each).await
}

#[cfg(test)]
mod tests;
