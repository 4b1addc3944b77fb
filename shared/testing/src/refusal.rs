//! What tables refuse though nothing is wrong with it: too many ask at once.

use serde_json::{Value, json};

/// Why a table does not do what it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Somebody else is writing the same item.
    Conflict,
    /// An item of an atomic write is written faster than it can be: a reason among others.
    Throttled,
    /// The whole table is asked more than it can answer.
    TooMany,
}

impl Refusal {
    /// What the service says. Of an atomic write the action at `place` is to blame, of so many.
    pub(crate) fn body(self, operation: &str, (place, actions): (usize, usize)) -> String {
        let reason = match self {
            Self::TooMany => return error("ThrottlingException", "Throughput exceeds the current capacity."),
            _ if operation != "TransactWriteItems" => return error(self.alone(), "Try again."),
            Self::Conflict => "TransactionConflict",
            Self::Throttled => "ThrottlingError",
        };
        let reason_at = |other| if other == place { reason } else { "None" };
        let codes: Vec<_> = (0..actions).map(reason_at).collect();
        let reasons: Vec<Value> = codes.iter().map(|code| json!({"Code": code})).collect();
        let said = "Transaction cancelled, please refer cancellation reasons for specific reasons";
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": format!("{said} [{}]", codes.join(", ")),
            "CancellationReasons": reasons,
        })
        .to_string()
    }

    /// What it is called where one item is written.
    const fn alone(self) -> &'static str {
        match self {
            Self::Conflict => "TransactionConflictException",
            Self::Throttled | Self::TooMany => "ProvisionedThroughputExceededException",
        }
    }
}

/// What a table says that does nothing for anybody: nothing that a client sends again by itself. Whoever waited out a throttled
/// table for as long as anybody waits has as little in the end.
pub(crate) fn closed() -> String {
    error("AccessDeniedException", "The table is closed.")
}

fn error(name: &str, message: &str) -> String {
    json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{name}"), "message": message}).to_string()
}
