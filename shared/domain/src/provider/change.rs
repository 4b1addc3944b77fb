//! What is kept of every change of a provider: who, when, why, and the numbers behind it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::actor::Actor;
use crate::id::{MerchantId, ProviderId};
use crate::provider::record::configuration;
use crate::provider::standing::ProviderStatus;
use crate::provider::{Provider, ProviderType};
use crate::time::{Timestamp, Zone};
use crate::vocabulary::words;

words! {
    /// What kind of change it was.
    pub enum ChangeKind {
        /// The provider was added.
        Created = "created",
        /// Its configuration changed.
        Updated = "updated",
        /// Its status changed.
        StatusChanged = "status_changed",
        /// The provider was deleted.
        Deleted = "deleted",
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub provider_id: ProviderId,
    #[serde(rename = "owner")]
    pub merchant_id: MerchantId,
    pub provider_type: ProviderType,
    /// Its name after the change.
    pub name: String,
    /// The version that the change led to.
    pub version: u64,
    pub at: Timestamp,
    pub by: Actor,
    pub kind: ChangeKind,
    /// The status before, of a change of status.
    pub from: Option<ProviderStatus>,
    pub to: ProviderStatus,
    pub reason: Option<String>,
    /// Members that changed, each with `from` and `to`; credentials say only that they changed. JSON text.
    pub members: String,
    /// The numbers behind an automatic change. JSON text.
    pub numbers: Option<String>,
}

impl Change {
    /// The change from `old` (none at creation) to `new`.
    #[must_use]
    pub fn between(old: Option<&Provider>, new: &Provider, by: Actor, numbers: Option<&Value>) -> Self {
        let status_changed = old.is_some_and(|old| old.status() != new.status());
        let decided = old.is_none_or(|old| old.standing != new.standing);
        let kind = match old {
            None => ChangeKind::Created,
            Some(_) if status_changed => ChangeKind::StatusChanged,
            Some(_) => ChangeKind::Updated,
        };
        Self {
            provider_id: new.id.clone(),
            merchant_id: new.merchant_id.clone(),
            provider_type: new.provider_type,
            name: new.name.clone(),
            version: new.version,
            at: new.updated_at.unwrap_or(new.created_at),
            by,
            kind,
            from: old.filter(|_| status_changed).map(Provider::status),
            to: new.status(),
            reason: decided.then(|| new.standing.reason.clone()),
            members: old.map(|old| difference(old, new)).unwrap_or_else(|| json!({})).to_string(),
            numbers: numbers.map(Value::to_string),
        }
    }

    /// The end of a provider. The line outlives it.
    #[must_use]
    pub fn deletion(old: &Provider, by: Actor, at: Timestamp) -> Self {
        let version = old.version.saturating_add(1);
        Self { version, at, by, kind: ChangeKind::Deleted, ..Self::between(None, old, Actor::Operator, None) }
    }

    /// The change as the API shows it.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        let json = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        json!({
            "version": self.version,
            "at": zone.offset_text(self.at),
            "by": self.by,
            "kind": self.kind,
            "from": self.from,
            "to": self.to,
            "reason": self.reason,
            "changes": json(&self.members),
            "numbers": self.numbers.as_deref().map(json),
        })
    }

    /// The body of the webhook that announces a change of status.
    #[must_use]
    pub fn announcement(&self, zone: &Zone) -> Value {
        json!({
            "event": "provider.status_changed",
            "provider": {
                "id": self.provider_id,
                "type": self.provider_type,
                "name": self.name,
                "status": self.to,
                "version": self.version,
            },
            "change": self.to_json(zone),
        })
    }
}

/// The members that differ, each with what it was and is.
fn difference(old: &Provider, new: &Provider) -> Value {
    let (before, after) = (configuration(old), configuration(new));
    let mut members = Map::new();
    for (name, value) in &after {
        let earlier = before.get(name).unwrap_or(&Value::Null);
        if earlier != value {
            members.insert(name.clone(), json!({"from": earlier, "to": value}));
        }
    }
    Value::Object(members)
}
