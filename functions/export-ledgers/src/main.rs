//! Writes the ledger's days of merchants who want files of them.
//!
//! - Called every fifteen minutes by a schedule.
//! - Reads all `providers` for who there is, `merchants` for what they want, and the `ledger`; writes files under `exports/`, and
//!   notes in `reconciliation` that a day was written.
//! - A day that was written is not written again. One that was cut off is written anew, over the same files.

use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_reconciliation::export::Exporter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    worker::on_schedule(env!("CARGO_PKG_NAME"), Exporter::of, Exporter::run).await
}

#[cfg(test)]
mod tests;
