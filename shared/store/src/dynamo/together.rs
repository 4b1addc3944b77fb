//! Writes of several tables that are all done, or none of them.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{CancellationReason, ReturnConsumedCapacity, TransactWriteItem};

use super::Dynamo;
use crate::StoreError;

const OPERATION: &str = "TransactWriteItems";

/// What DynamoDB calls it when more is asked than it can do: of whole operations and, the last two, as reasons of atomic ones.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html> and
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>.
const THROTTLES: [&str; 5] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
];

/// A write that is done together with one to another table.
pub struct Companion(pub(crate) PutBuilder);

impl Dynamo {
    /// Does all of these writes or none. Where an item is written faster than it can be, nothing was done, and the same is asked
    /// again after a while.
    pub(crate) async fn write_together(&self, actions: Vec<TransactWriteItem>) -> Result<(), StoreError> {
        let mut patience = self.patience();
        loop {
            let request = self.client.transact_write_items().set_transact_items(Some(actions.clone()));
            let sent = request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
            match sent {
                Ok(output) => {
                    self.measure_all(output.consumed_capacity());
                    return Ok(());
                }
                Err(error) => {
                    let said = StoreError::from_sdk(OPERATION, &error);
                    if said == StoreError::Conflict || !is_throttled(&error) || !patience.wait().await {
                        return Err(said);
                    }
                }
            }
        }
    }
}

/// Why an atomic write was not done, in the order of its actions; nothing where it failed otherwise.
pub(crate) fn reasons(error: &SdkError<TransactWriteItemsError>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons()
        }
        _ => &[],
    }
}

/// Whether an atomic write was not done because more is written than can be: one of its items, or altogether.
pub(crate) fn is_throttled(error: &SdkError<TransactWriteItemsError>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    let mut codes = code.into_iter().chain(reasons(error).iter().filter_map(CancellationReason::code));
    codes.any(|code| THROTTLES.contains(&code))
}

/// A write of an item, as one of several that are done together.
pub(crate) fn action_put(put: PutBuilder) -> Result<TransactWriteItem, StoreError> {
    let put = put
        .build()
        .map_err(|error| StoreError::Unavailable { operation: OPERATION, detail: error.to_string() })?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// A write that its builder refuses.
pub(crate) fn unbuildable(error: &dyn std::error::Error) -> StoreError {
    StoreError::Unavailable { operation: OPERATION, detail: error.to_string() }
}
