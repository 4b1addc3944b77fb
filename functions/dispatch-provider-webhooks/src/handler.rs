//! The changes of a batch and what merchants are told of them.

use aws_lambda_events::event::dynamodb::Event;
use paywarden_domain::provider::change::{Change, ChangeKind};
use paywarden_domain::time::Zone;
use paywarden_domain::webhook::EventType;
use paywarden_lambda_kit::dispatch::{Announcement, Planner};
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_store::providers::stream::changes;

/// Plans the deliveries of a batch. Changes of configuration are nobody's business but the merchant's own staff's.
pub async fn handle(planner: &Planner, event: Event) -> Result<(), WorkerError> {
    let mut plans = planner.begin();
    for change in changes(event)?.iter().filter(|change| change.kind == ChangeKind::StatusChanged) {
        let body = |zone: &Zone| change.announcement(zone);
        plans.announce(&announcement(change, &body)).await?;
    }
    tracing::info!(planned = plans.planned(), "webhooks planned");
    Ok(())
}

fn announcement<'a>(
    change: &'a Change,
    body: &'a (dyn Fn(&Zone) -> serde_json::Value + Sync),
) -> Announcement<'a> {
    Announcement {
        merchant_id: &change.merchant_id,
        event: EventType::ProviderStatusChanged,
        subject: change.provider_id.as_str(),
        version: change.version,
        transaction_id: None,
        correlation_id: None,
        body,
    }
}

#[cfg(test)]
mod tests;
