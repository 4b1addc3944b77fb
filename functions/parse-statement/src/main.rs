//! Takes in the statements that arrive in the bucket.
//!
//! - Called by S3 for every object under `statements/<merchant>/<provider>/`, at least once.
//! - Reads the object, `providers` (is it one of the merchant's?) and what `reconciliation` knows of it; writes the rows to
//!   `parsed/` and the statement to `reconciliation`.
//! - An object that was announced is the statement of that id; any other one is known by its bytes, so that a repeated event
//!   and the same file under another name change nothing.
//! - What stands in a file never fails the function; only tables and files do, and then it is called again.

use aws_lambda_events::event::s3::S3Event;
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_reconciliation::arrival::Arrivals;
use percent_encoding::percent_decode_str;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    worker::on_event(env!("CARGO_PKG_NAME"), Arrivals::of, handle).await
}

/// Takes every object of the event in.
async fn handle(arrivals: &Arrivals, event: S3Event) -> Result<(), WorkerError> {
    for record in event.records {
        arrivals.arrived(&decoded(record.s3.object.key.as_deref().unwrap_or_default())).await?;
    }
    Ok(())
}

/// Events write keys as forms do.
fn decoded(key: &str) -> String {
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests;
