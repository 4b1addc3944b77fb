//! Writes the timeline of what the transactions stream tells, keeps the running totals and counts, and wakes the reports that waited for it.
//!
//! - Called by the stream of `transactions`, at least once and in batches that may be cut anew.
//! - Writes `timeline`, under keys derived from transaction and version, so that a repeat overwrites itself;
//!   `ledger`, whose rows follow from the record, so that a repeat overwrites them; `provider-health`, for monitoring, where counting twice does no harm; and
//!   `totals`, with what was counted of each transaction in the same atomic write, so that each counts once.
//! - Reads `report-keys` under each key that a record gains, enters records there by account number, and sends what waited to the
//!   queue of provider reports, where applying it twice changes nothing.
//! - A record that cannot be read is put into the bucket of what streams could not bring on, logged and counted: no other waits
//!   for it. It is the last, when all else of its batch is projected.
//! - Any other failure fails the whole batch: the platform halves it, tries again for two hours, and puts it there too.

use paywarden_lambda_kit::stream;
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_payments::project::Projector;
use paywarden_store::transactions::stream::change;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    stream::serve(env!("CARGO_PKG_NAME"), Projector::of, change, Projector::project).await
}

#[cfg(test)]
mod tests;
