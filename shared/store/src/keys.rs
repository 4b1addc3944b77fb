//! Key rings: the keys that sign tokens and cursors, kept in Secrets Manager and rotated by key id.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use paywarden_domain::time::{Clock, Timestamp};
use tokio::sync::OnceCell;

use crate::StoreError;

/// How long a process believes a ring it has read. A new key signs at once and verifies everywhere within this time,
/// or at the first token that names it.
const LIFETIME_SECONDS: i64 = 300;

/// Least time between two readings that were asked for by an unknown key id, which anybody can send.
const FRESH_INTERVAL_SECONDS: i64 = 60;

/// Keys by id, and which of them signs.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRing {
    /// The id of the key that signs.
    pub active: String,
    keys: BTreeMap<String, Vec<u8>>,
}

impl KeyRing {
    /// A ring of these keys.
    #[must_use]
    pub fn new(active: &str, keys: BTreeMap<String, Vec<u8>>) -> Self {
        Self { active: active.to_owned(), keys }
    }

    /// Reads `{"active": "k2", "k1": "…", "k2": "…"}`. `None` when it has another shape or lacks its active key.
    #[must_use]
    pub fn from_json(text: &str) -> Option<Self> {
        let mut members: BTreeMap<String, String> = serde_json::from_str(text).ok()?;
        let active = members.remove("active")?;
        let keys = members.into_iter().map(|(id, key)| (id, key.into_bytes())).collect();
        let ring = Self { active, keys };
        ring.active_key().is_some().then_some(ring)
    }

    /// The key that signs, with its id.
    #[must_use]
    pub fn active_key(&self) -> Option<(&str, &[u8])> {
        self.find(&self.active).map(|key| (self.active.as_str(), key))
    }

    /// The key with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&[u8]> {
        self.keys.get(id).map(Vec::as_slice)
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "KeyRing(active: {})", self.active)
    }
}

/// Where a ring comes from.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// The ring; `fresh` asks for one that was read just now, because a key id is not in the last one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn keys(&self, fresh: bool) -> Result<Arc<KeyRing>, StoreError>;
}

/// A ring in Secrets Manager.
pub struct SecretKeySource {
    config: SdkConfig,
    client: OnceCell<Client>,
    secret_id: String,
    clock: Arc<dyn Clock>,
    last: Mutex<Option<(Timestamp, Arc<KeyRing>)>>,
}

impl SecretKeySource {
    /// The ring in the secret with this id or ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, secret_id: String, clock: Arc<dyn Clock>) -> Self {
        Self { config: config.clone(), client: OnceCell::new(), secret_id, clock, last: Mutex::new(None) }
    }

    fn remembered(&self, fresh: bool) -> Option<Arc<KeyRing>> {
        let lifetime = if fresh { FRESH_INTERVAL_SECONDS } else { LIFETIME_SECONDS };
        let last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (read_at, ring) = last.as_ref()?;
        (read_at.plus_seconds(lifetime) > self.clock.now()).then(|| Arc::clone(ring))
    }

    fn corrupt(&self, detail: &str) -> StoreError {
        StoreError::Corrupt {
            table: "Secrets Manager".to_owned(),
            key: self.secret_id.clone(),
            detail: detail.to_owned(),
        }
    }
}

#[async_trait]
impl KeySource for SecretKeySource {
    async fn keys(&self, fresh: bool) -> Result<Arc<KeyRing>, StoreError> {
        if let Some(ring) = self.remembered(fresh) {
            return Ok(ring);
        }
        let client = self.client.get_or_init(async || Client::new(&self.config)).await;
        let output = client
            .get_secret_value()
            .secret_id(&self.secret_id)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("GetSecretValue", &error))?;
        let text = output.secret_string().ok_or_else(|| self.corrupt("no text"))?;
        let ring = Arc::new(KeyRing::from_json(text).ok_or_else(|| self.corrupt("not a key ring"))?);
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *last = Some((self.clock.now(), Arc::clone(&ring)));
        Ok(ring)
    }
}

/// A ring that is simply there.
pub struct FixedKeySource(pub Arc<KeyRing>);

#[async_trait]
impl KeySource for FixedKeySource {
    async fn keys(&self, _fresh: bool) -> Result<Arc<KeyRing>, StoreError> {
        Ok(Arc::clone(&self.0))
    }
}

/// Writes rings; operators rotate keys with it.
pub struct SecretKeyWriter {
    client: Client,
}

impl SecretKeyWriter {
    /// A writer with these settings.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }

    /// Reads a ring's members as they are stored.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], or [`StoreError::Corrupt`] when it is no JSON object of texts.
    pub async fn read(&self, secret_id: &str) -> Result<BTreeMap<String, String>, StoreError> {
        let output = self.client.get_secret_value().secret_id(secret_id).send().await;
        let output = output.map_err(|error| StoreError::from_sdk("GetSecretValue", &error))?;
        serde_json::from_str(output.secret_string().unwrap_or_default()).map_err(|error| {
            StoreError::Corrupt {
                table: "Secrets Manager".to_owned(),
                key: secret_id.to_owned(),
                detail: error.to_string(),
            }
        })
    }

    /// Replaces a ring's members.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn write(&self, secret_id: &str, members: &BTreeMap<String, String>) -> Result<(), StoreError> {
        let text = serde_json::json!(members).to_string();
        let put = self.client.put_secret_value().secret_id(secret_id).secret_string(text).send().await;
        put.map(|_| ()).map_err(|error| StoreError::from_sdk("PutSecretValue", &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_reads_its_stored_form_and_needs_its_active_key() {
        let ring = KeyRing::from_json(r#"{"active": "k2", "k1": "one", "k2": "two"}"#).unwrap();
        assert_eq!(ring.active_key(), Some(("k2", b"two".as_slice())));
        assert_eq!(ring.find("k1"), Some(b"one".as_slice()));
        for text in ["{}", r#"{"active": "k3", "k1": "one"}"#, "[]", ""] {
            assert_eq!(KeyRing::from_json(text), None, "{text}");
        }
    }
}
