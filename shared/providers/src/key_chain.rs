//! A provider's credentials with those they replaced, which stay good for a while: a provider's dashboard and ours are
//! never changed at the same moment.

use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::report::TrustGrade;
use serde::{Deserialize, Serialize};

use crate::callback::{Callback, Refusal};
use crate::credentials::Credentials;
use crate::registry::Adapter;

/// Credentials in use. Only the vault stores them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyChain {
    /// Those that go now.
    pub current: Credentials,
    /// Those before, while they still go.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    previous: Option<Previous>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Previous {
    credentials: Credentials,
    until: Timestamp,
}

impl KeyChain {
    /// A chain of one set.
    #[must_use]
    pub fn new(current: Credentials) -> Self {
        Self { current, previous: None }
    }

    /// The chain after a change; what went until now goes on until `until`.
    #[must_use]
    pub fn replaced_by(self, current: Credentials, until: Timestamp) -> Self {
        Self { current, previous: Some(Previous { credentials: self.current, until }) }
    }

    /// Reads what [`KeyChain::to_json_text`] wrote. `None` when it is something else.
    #[must_use]
    pub fn from_json_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The chain as JSON text, to be sealed.
    #[must_use]
    pub fn to_json_text(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// Judges a callback by the credentials that go now, then by those before.
    ///
    /// # Errors
    /// [`Refusal`] of the credentials that go now.
    pub fn verify(&self, adapter: &dyn Adapter, callback: &Callback<'_>) -> Result<TrustGrade, Refusal> {
        let refusal = match adapter.verify(callback, &self.current) {
            Ok(grade) => return Ok(grade),
            Err(refusal) => refusal,
        };
        let previous = self.previous.as_ref().filter(|previous| callback.received_at < previous.until);
        previous.and_then(|previous| adapter.verify(callback, &previous.credentials).ok()).ok_or(refusal)
    }
}
