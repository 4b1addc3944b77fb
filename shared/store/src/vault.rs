//! The vault: secrets encrypted with KMS under a context that says whose they are, so that a ciphertext moved to
//! another row does not open.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_kms::Client;
use aws_smithy_types::Blob;
use paywarden_domain::id::{EndpointId, MerchantId, ProviderId};
use tokio::sync::OnceCell;

use crate::StoreError;
use crate::vault::pieces::{Decrypter, Encrypter};

pub mod pieces;

/// Opened secrets kept in a process; beyond that it starts over.
const CACHE_CAPACITY: usize = 256;

/// Whose secret it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context(BTreeMap<&'static str, String>);

impl Context {
    /// A provider's credentials.
    #[must_use]
    pub fn provider(merchant: &MerchantId, provider: &ProviderId) -> Self {
        Self(BTreeMap::from([("merchant_id", merchant.to_string()), ("provider_id", provider.to_string())]))
    }

    /// A webhook endpoint's signing secret.
    #[must_use]
    pub fn endpoint(merchant: &MerchantId, endpoint: &EndpointId) -> Self {
        Self(BTreeMap::from([("merchant_id", merchant.to_string()), ("endpoint_id", endpoint.to_string())]))
    }

    /// What is kept of a request that may come again, under the id of its row.
    #[must_use]
    pub fn kept_answer(merchant: &MerchantId, id: &str) -> Self {
        Self(BTreeMap::from([("merchant_id", merchant.to_string()), ("answer_id", id.to_owned())]))
    }

    fn to_map(&self) -> HashMap<String, String> {
        self.0.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
    }

    /// The context as one text, `key=value` by line.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.0.iter().map(|(key, value)| format!("{key}={value}\n")).collect()
    }
}

/// Opens secrets.
#[async_trait]
pub trait Opener: Send + Sync {
    /// Decrypts what [`Vault::seal`] answered under the same context.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], also when the context is another one.
    async fn open(&self, context: &Context, sealed: &str) -> Result<String, StoreError>;
}

/// Seals secrets, and opens them.
#[async_trait]
pub trait Vault: Opener {
    /// Encrypts `secret` under `context`; the answer is text to store.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn seal(&self, context: &Context, secret: &str) -> Result<String, StoreError>;
}

/// Opens with KMS. Opened secrets stay in the process's memory: a flood of requests costs one call per secret.
pub struct KmsOpener {
    config: SdkConfig,
    client: OnceCell<Client>,
    opened: Mutex<HashMap<(String, String), String>>,
}

/// The vault of a KMS key.
pub struct KmsVault {
    opener: KmsOpener,
    key_id: String,
}

impl KmsVault {
    /// The vault of the key with this id.
    #[must_use]
    pub fn new(config: &SdkConfig, key_id: String) -> Self {
        Self { opener: KmsOpener::new(config), key_id }
    }
}

impl KmsOpener {
    /// With these settings.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { config: config.clone(), client: OnceCell::new(), opened: Mutex::default() }
    }

    async fn client(&self) -> &Client {
        self.client.get_or_init(async || Client::new(&self.config)).await
    }

    fn remember(&self, cache_key: (String, String), secret: &str) {
        let mut opened = self.opened.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if opened.len() >= CACHE_CAPACITY {
            opened.clear();
        }
        opened.insert(cache_key, secret.to_owned());
    }

    fn find_opened(&self, cache_key: &(String, String)) -> Option<String> {
        self.opened.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(cache_key).cloned()
    }
}

#[async_trait]
impl Opener for KmsOpener {
    async fn open(&self, context: &Context, sealed: &str) -> Result<String, StoreError> {
        let cache_key = (context.to_text(), sealed.to_owned());
        if let Some(secret) = self.find_opened(&cache_key) {
            return Ok(secret);
        }
        let secret = pieces::open(self, context, sealed).await?;
        self.remember(cache_key, &secret);
        Ok(secret)
    }
}

#[async_trait]
impl Decrypter for KmsOpener {
    async fn decrypt(&self, context: &Context, ciphertext: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let output = self
            .client()
            .await
            .decrypt()
            .ciphertext_blob(Blob::new(ciphertext))
            .set_encryption_context(Some(context.to_map()))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Decrypt", &error))?;
        let plaintext = output.plaintext.ok_or_else(|| unusable("Decrypt", "no plaintext"))?;
        Ok(plaintext.into_inner())
    }
}

#[async_trait]
impl Opener for KmsVault {
    async fn open(&self, context: &Context, sealed: &str) -> Result<String, StoreError> {
        self.opener.open(context, sealed).await
    }
}

#[async_trait]
impl Vault for KmsVault {
    async fn seal(&self, context: &Context, secret: &str) -> Result<String, StoreError> {
        pieces::seal(self, context, secret).await
    }
}

#[async_trait]
impl Encrypter for KmsVault {
    async fn encrypt(&self, context: &Context, plaintext: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let output = self
            .opener
            .client()
            .await
            .encrypt()
            .key_id(&self.key_id)
            .plaintext(Blob::new(plaintext))
            .set_encryption_context(Some(context.to_map()))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Encrypt", &error))?;
        let ciphertext = output.ciphertext_blob.ok_or_else(|| unusable("Encrypt", "no ciphertext"))?;
        Ok(ciphertext.into_inner())
    }
}

fn unusable(operation: &'static str, detail: &str) -> StoreError {
    StoreError::Unavailable { operation, detail: detail.to_owned() }
}
