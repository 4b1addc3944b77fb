//! Applies providers' reports to transactions.
//!
//! - Called by the transaction-events queue.
//! - Reads and writes `transactions` (one conditional write a report) and `provider-references`; reads `providers`
//!   (cached) for what they charge, and `merchants` when a record is opened; writes to `timeline` what changes no state: raw
//!   messages, held and ignored reports.
//! - What fits nothing goes into its own queue once more, to wait: it is listed on the `timeline` of its provider's day and
//!   written into `report-keys`, where a record that gains one of its keys finds it.
//! - Messages of one reference in a batch are applied one after the other; the further payments among them open their records
//!   in one write. Reports that are outrun by other processes again and again go into its own queue once more, to come in some
//!   seconds.
//! - A message may come again at any time: the record's state does not depend on it, and timeline entries overwrite
//!   themselves.

use paywarden_lambda_kit::batch;
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_payments::apply::{Applier, lane};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    batch::serve_in_lanes(env!("CARGO_PKG_NAME"), Applier::of, lane, Applier::apply_lane).await
}

#[cfg(test)]
mod tests;
