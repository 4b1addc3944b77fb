//! The audit trail: one entry for each request of a person or client, and each command of an operator, that was to change
//! something. It is written down before anything is done and once more afterwards, so that nothing is changed without a trace.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::id::{AuditId, MerchantId};
use crate::time::{Timestamp, Zone};
use crate::vocabulary::words;

words! {
    /// What came of it.
    pub enum Outcome {
        /// Somebody began, and was cut off before the outcome was written down: it may have happened.
        Begun = "begun",
        /// It is done.
        Done = "done",
        /// It was refused, and nothing is different.
        Refused = "refused",
        /// It failed, and may be done in part.
        Failed = "failed",
    }
}

/// Something somebody set out to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    pub id: AuditId,
    /// Whose it is; none of a command that is about a whole stage.
    pub merchant_id: Option<MerchantId>,
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
    /// Who an operator is to AWS, as an ARN.
    pub identity: Option<String>,
    /// From where, as the gateway knows it; none of an operator.
    pub address: Option<IpAddr>,
    /// The request, to look for in the logs.
    pub request_id: String,
    /// What was to be done: the name of the function or command, such as `update-provider`.
    pub action: String,
    /// What was called: method and path, or the command as it was given.
    pub target: String,
    /// The id of what was to change, where there is one thing.
    pub subject: Option<String>,
    pub outcome: Outcome,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// The code of a refusal or failure.
    pub error_code: Option<String>,
    /// What it was before, as the API shows it and so without secrets. JSON text.
    pub before: Option<String>,
    /// What it is after. JSON text.
    pub after: Option<String>,
}

/// What a request changed, as the API shows it. Nothing secret may be in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changed {
    pub before: Option<Value>,
    pub after: Option<Value>,
}

impl Changed {
    /// Something new.
    #[must_use]
    pub fn to(after: Value) -> Self {
        Self { before: None, after: Some(after) }
    }

    /// Something that was there and is another now.
    #[must_use]
    pub fn between(before: Value, after: Value) -> Self {
        Self { before: Some(before), after: Some(after) }
    }

    /// Something that is gone.
    #[must_use]
    pub fn from(before: Value) -> Self {
        Self { before: Some(before), after: None }
    }
}

impl AuditEntry {
    /// For how long an entry is kept, in days.
    pub const KEPT_DAYS: i64 = 400;

    /// The same entry with its outcome: the HTTP status, and the code of what was not done.
    #[must_use]
    pub fn ended(self, status: u16, error_code: Option<&str>, changed: Option<&Changed>) -> Self {
        let shown = |value: Option<&Value>| value.map(Value::to_string);
        let before = shown(changed.and_then(|changed| changed.before.as_ref()));
        let after = changed.and_then(|changed| changed.after.as_ref());
        let subject = self.subject.or_else(|| after?.get("id")?.as_str().map(str::to_owned));
        Self {
            outcome: match status {
                0..400 => Outcome::Done,
                400..500 => Outcome::Refused,
                _ => Outcome::Failed,
            },
            status: Some(status),
            error_code: error_code.map(str::to_owned),
            subject,
            before,
            after: shown(after),
            ..self
        }
    }

    /// As the API shows it.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        let shown = |text: &Option<String>| -> Value {
            text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
        };
        json!({
            "id": self.id,
            "at": zone.offset_text_millis(self.at),
            "by": self.by,
            "identity": self.identity,
            "address": self.address,
            "request_id": self.request_id,
            "action": self.action,
            "target": self.target,
            "subject": self.subject,
            "outcome": self.outcome,
            "status": self.status,
            "error_code": self.error_code,
            "before": shown(&self.before),
            "after": shown(&self.after),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> AuditEntry {
        AuditEntry {
            id: AuditId::derived("test", &[]),
            merchant_id: None,
            at: Timestamp::from_seconds(1_790_000_000).unwrap(),
            by: Actor::Operator,
            identity: None,
            address: None,
            request_id: "req-1".to_owned(),
            action: "create-client".to_owned(),
            target: "POST /clients".to_owned(),
            subject: None,
            outcome: Outcome::Begun,
            status: None,
            error_code: None,
            before: None,
            after: None,
        }
    }

    #[test]
    fn the_status_tells_the_outcome() {
        let outcomes =
            [(200, Outcome::Done), (201, Outcome::Done), (204, Outcome::Done), (409, Outcome::Refused)];
        for (status, outcome) in outcomes.into_iter().chain([(500, Outcome::Failed), (503, Outcome::Failed)])
        {
            assert_eq!(begun().ended(status, None, None).outcome, outcome, "{status}");
        }
        assert_eq!(begun().outcome, Outcome::Begun);
    }

    #[test]
    fn what_is_made_is_its_subject() {
        let made = begun().ended(201, None, Some(&Changed::to(json!({"id": "cli_1", "name": "Shop"}))));
        assert_eq!(made.subject.as_deref(), Some("cli_1"));
        let shown = made.to_json(&Zone::parse("Asia/Jakarta").unwrap());
        assert_eq!((&shown["before"], &shown["after"]["name"]), (&Value::Null, &json!("Shop")));
        let named = AuditEntry { subject: Some("prv_1".to_owned()), ..begun() };
        let refused = named.ended(409, Some("too_many"), None);
        assert_eq!(
            (refused.subject.as_deref(), refused.error_code.as_deref()),
            (Some("prv_1"), Some("too_many"))
        );
    }
}
