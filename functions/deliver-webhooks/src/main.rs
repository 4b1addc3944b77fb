//! Sends webhooks and keeps book of the attempts.
//!
//! - Called by the webhook-deliveries queue (first attempts) and the webhook-retries queue.
//! - Reads deliveries, endpoints and how these do in `webhooks`, opens the signing secret with KMS (cached), posts to the
//!   merchant's server, books the attempt there and on the transaction's `timeline`, and queues or files the next one.
//! - An endpoint that fails all the time is spared: what it was to be told is parked, one probe is made after the other, and
//!   behind one that succeeds all of it is let go. What is paused or switched off is parked too.
//! - While an endpoint lets attempts wait, its first attempts go to the queue of the retries: they take no worker from the others.
//! - Makes batches of what waits for others, and the steps of replays, which put deliveries back into the queue.
//! - A receiver that fails is booked and the message is done with: messages come again only for faults of our own. A
//!   crash between posting and booking sends twice, under the same `webhook-id`. A row that cannot be read is
//!   left to the sweep.

use paywarden_lambda_kit::batch;
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_webhooks::errand::Courier;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    batch::serve(env!("CARGO_PKG_NAME"), Courier::of, Courier::run).await
}

#[cfg(test)]
mod tests;
