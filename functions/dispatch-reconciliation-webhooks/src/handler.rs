//! The runs of a batch and what merchants are told of them.

use aws_lambda_events::event::dynamodb::Event;
use paywarden_domain::reconciliation::run::{Run, RunState};
use paywarden_domain::time::Zone;
use paywarden_domain::webhook::EventType;
use paywarden_lambda_kit::dispatch::{Announcement, Planner};
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_store::reconciliation::stream::ended_runs;

/// Plans the deliveries of a batch. Whoever stopped a run knows it, and a dry run is tried out by somebody who looks.
pub async fn handle(planner: &Planner, event: Event) -> Result<(), WorkerError> {
    let mut plans = planner.begin();
    for run in ended_runs(event)?.iter().filter(|run| is_news(run)) {
        let body = |zone: &Zone| run.announcement(zone);
        plans
            .announce(&Announcement {
                merchant_id: &run.scope.merchant_id,
                event: EventType::ReconciliationCompleted,
                subject: run.id.as_str(),
                version: run.version,
                transaction_id: None,
                correlation_id: Some(run.id.as_str()),
                body: &body,
            })
            .await?;
    }
    tracing::info!(planned = plans.planned(), "webhooks planned");
    Ok(())
}

fn is_news(run: &Run) -> bool {
    let has_ended_by_itself = match run.state {
        RunState::Completed | RunState::CompletedWithRejects | RunState::Failed => true,
        RunState::Queued
        | RunState::Partitioning
        | RunState::Matching
        | RunState::Reducing
        | RunState::Cancelled
        | RunState::Superseded => false,
    };
    !run.scope.dry_run && has_ended_by_itself
}

#[cfg(test)]
mod tests;
