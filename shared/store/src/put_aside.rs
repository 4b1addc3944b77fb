//! What streams could not bring on: it lies in a bucket, with its records in it, until somebody replays it. A batch that failed
//! for too long is put there by Lambda, a record that cannot be read by the function that met it.

use std::sync::Arc;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use paywarden_domain::time::Clock;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::objects::Objects;

/// Where functions put what they cannot read, apart from what Lambda puts under `aws/lambda/`.
const PREFIX: &str = "unreadable";

/// What stands in the place of Lambda's reasons for giving up.
const CONDITION: &str = "Unreadable";

/// An object of the bucket, in the form that Lambda has for one
/// (<https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>), as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PutAside {
    pub request_context: RequestContext,
    /// When it was put there, in UTC as RFC 3339 has it: the oldest sorts first.
    #[serde(default)]
    pub timestamp: String,
    /// The event with the records, as text.
    pub payload: String,
}

/// Who put it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContext {
    /// The function that could not handle it.
    pub function_arn: String,
    /// Why.
    #[serde(default)]
    pub condition: String,
}

/// Puts aside what one function cannot read.
pub struct Putter {
    objects: Arc<dyn Objects>,
    clock: Arc<dyn Clock>,
}

impl Putter {
    pub(crate) fn new(objects: Arc<dyn Objects>, clock: Arc<dyn Clock>) -> Self {
        Self { objects, clock }
    }

    /// Puts a record aside that the function of this name and ARN could not handle. Putting it aside again, as when its batch
    /// comes again, replaces the object.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; the record must not be taken as handled then.
    pub async fn put(&self, name: &str, function_arn: &str, record: EventRecord) -> Result<(), StoreError> {
        let key = format!("{PREFIX}/{name}/{}", record.event_id);
        let object = self
            .object(function_arn, record)
            .map_err(|error| StoreError::Unavailable { operation: "PutObject", detail: error.to_string() })?;
        self.objects.keep_text(&key, object).await
    }

    fn object(&self, function_arn: &str, record: EventRecord) -> serde_json::Result<String> {
        let mut event = Event::default();
        event.records = vec![record];
        let (function_arn, condition) = (function_arn.to_owned(), CONDITION.to_owned());
        serde_json::to_string(&PutAside {
            request_context: RequestContext { function_arn, condition },
            timestamp: self.clock.now().to_rfc3339_millis(),
            payload: serde_json::to_string(&event)?,
        })
    }
}
