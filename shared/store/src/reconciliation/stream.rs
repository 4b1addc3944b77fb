//! The stream of the reconciliation table: runs that have ended.

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use paywarden_domain::reconciliation::run::Run;

use super::Row;
use super::runs::Stored;
use crate::StoreError;
use crate::error::readable;
use crate::unreadable::unreadable;

const STREAM: &str = "reconciliation stream";

/// Reads the runs that a batch tells the end of, in order. Everything else in the table is nobody's news. A run that cannot
/// be read is passed over, logged and counted.
///
/// # Errors
/// None, as yet.
pub fn ended_runs(event: Event) -> Result<Vec<Run>, StoreError> {
    let records = event.records.into_iter().filter(|record| record.event_name != "REMOVE");
    let runs = readable(records.filter(is_run).map(run))?;
    Ok(runs.into_iter().filter(|run| run.state.is_final()).collect())
}

fn is_run(record: &EventRecord) -> bool {
    let sk = serde_dynamo::from_item::<_, SortKey>(record.change.keys.clone());
    sk.is_ok_and(|key| key.sk == "run")
}

#[derive(serde::Deserialize)]
struct SortKey {
    sk: String,
}

fn run(record: EventRecord) -> Result<Run, StoreError> {
    let row = serde_dynamo::from_item::<_, Row<Stored>>(record.change.new_image.clone());
    let row = row.map_err(|error| unreadable(STREAM, &record, error))?;
    serde_json::from_str(&row.value.run).map_err(|error| unreadable(STREAM, &record, error))
}
