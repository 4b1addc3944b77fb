//! The stream of the reconciliation table: runs that have ended.

use aws_lambda_events::event::dynamodb::EventRecord;
use paywarden_domain::reconciliation::run::Run;

use super::Row;
use super::runs::Stored;
use crate::StoreError;
use crate::stream::unreadable;

const STREAM: &str = "reconciliation stream";

/// Reads the run that a record tells the end of. Everything else in the table is nobody's news.
///
/// # Errors
/// [`StoreError::Corrupt`] when a run cannot be read.
pub fn ended_run(record: &EventRecord) -> Result<Option<Run>, StoreError> {
    if record.event_name == "REMOVE" || !is_run(record) {
        return Ok(None);
    }
    Ok(Some(run(record)?).filter(|run| run.state.is_final()))
}

fn is_run(record: &EventRecord) -> bool {
    let sk = serde_dynamo::from_item::<_, SortKey>(record.change.keys.clone());
    sk.is_ok_and(|key| key.sk == "run")
}

#[derive(serde::Deserialize)]
struct SortKey {
    sk: String,
}

fn run(record: &EventRecord) -> Result<Run, StoreError> {
    let row = serde_dynamo::from_item::<_, Row<Stored>>(record.change.new_image.clone());
    let row = row.map_err(|error| unreadable(STREAM, record, error))?;
    serde_json::from_str(&row.value.run).map_err(|error| unreadable(STREAM, record, error))
}
