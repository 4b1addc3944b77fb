//! Endpoints that are told at most so often a second.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use paywarden_domain::id::EndpointId;
use paywarden_domain::time::Timestamp;

use super::deliveries::Deliveries;
use crate::StoreError;
use crate::dynamo::{key2, number};

/// Seconds for which a count is kept.
const KEPT_SECONDS: i64 = 3600;

impl Deliveries {
    /// Takes one of the attempts that the current second has left; answers whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn take_turn(
        &self,
        endpoint: &EndpointId,
        now: Timestamp,
        limit: u32,
    ) -> Result<bool, StoreError> {
        let second = now.as_seconds();
        let taking = self
            .dynamo
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key2(("pk", endpoint.as_str()), ("sk", &format!("second#{second}")))))
            .update_expression("SET expires_at = :expires_at ADD taken :one")
            .condition_expression("attribute_not_exists(taken) OR taken < :limit")
            .expression_attribute_values(":expires_at", number(second.saturating_add(KEPT_SECONDS)))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":limit", number(limit))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", &error));
        match taking {
            Ok(output) => {
                self.dynamo.measure(output.consumed_capacity());
                Ok(true)
            }
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
