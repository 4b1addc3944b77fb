//! New credentials beside those they replace.

use std::collections::BTreeMap;
use std::sync::Arc;

use paywarden_domain::entropy::Entropy;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::provider::{PATH_TOKEN, Provider};
use paywarden_domain::secret;
use paywarden_domain::time::Clock;
use paywarden_providers::{Adapter, Credentials, KeyChain, adapter, summaries};
use paywarden_store::StoreError;
use paywarden_store::providers::StoredProvider;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::vault::{Context, Vault};

use crate::credentials;

/// How long replaced credentials stay good when the caller does not say.
const DEFAULT_VALID_SECONDS: u32 = 24 * 3600;
const MAX_VALID_SECONDS: u32 = 7 * 24 * 3600;

/// What the caller wants of the credentials.
pub struct Renewal {
    /// New values by field; none takes a value away.
    values: BTreeMap<String, Option<String>>,
    /// Whether the token in the callbacks' address is to be made anew.
    rotate_token: bool,
    /// How long the credentials before stay good.
    previous_valid_seconds: u32,
}

/// Reads the wish, if the body speaks of credentials.
pub fn read(fields: &Fields<'_>, adapter: &dyn Adapter) -> Result<Option<Renewal>, InvalidField> {
    let values = credentials::read(fields)?;
    let rotate_token = fields.flag("rotate_callback_token")?.unwrap_or(false);
    if rotate_token && !adapter.profile().needs_path_token {
        let message = "providers of this type have no token in the address of their callbacks";
        return Err(fields.refused("rotate_callback_token", message));
    }
    let name = "previous_credentials_valid_seconds";
    let valid_seconds = fields.integer(name, 0..=MAX_VALID_SECONDS)?;
    if values.is_none() && !rotate_token {
        return match valid_seconds {
            Some(_) => Err(fields.refused(name, "expected beside credentials or rotate_callback_token")),
            None => Ok(None),
        };
    }
    Ok(Some(Renewal {
        values: values.unwrap_or_default(),
        rotate_token,
        previous_valid_seconds: valid_seconds.unwrap_or(DEFAULT_VALID_SECONDS),
    }))
}

/// Seals credentials.
pub struct Sealer {
    vault: Arc<dyn Vault>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// Why credentials were not renewed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenewError {
    /// What was given does not do.
    #[error(transparent)]
    Invalid(#[from] InvalidField),
    /// KMS failed, or what it opened is not what was sealed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was sealed, and the token in the callbacks' address if it is new.
pub struct Sealed {
    /// The credentials as the vault sealed them.
    pub credentials: String,
    /// The token, shown this once.
    pub token: Option<String>,
}

impl Sealer {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { vault: stores.vault()?, clock: stores.clock(), entropy: stores.entropy() })
    }

    /// Seals the first credentials of a provider and notes in it what may be shown of them. Where its callbacks need an
    /// address that nobody can guess, the token is made here.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn seal_first(
        &self,
        provider: &mut Provider,
        given: Credentials,
    ) -> Result<Sealed, StoreError> {
        let adapter = adapter(provider.provider_type);
        let token = adapter.profile().needs_path_token.then(|| secret::generate(self.entropy.as_ref()));
        let given = with_token(given, token.clone());
        provider.credentials = summaries(adapter, &given, &BTreeMap::new(), |_| true, provider.created_at);
        let credentials = self.seal(provider, &KeyChain::new(given)).await?;
        Ok(Sealed { credentials, token })
    }

    /// Puts the new values among the old ones, checks them together and seals them. Where nothing is new, what was sealed
    /// stays as it is.
    ///
    /// # Errors
    /// [`RenewError`].
    pub async fn renew(
        &self,
        stored: &StoredProvider,
        changed: &mut Provider,
        renewal: Renewal,
    ) -> Result<Sealed, RenewError> {
        let key_chain = self.open(stored).await?;
        let token = renewal.rotate_token.then(|| secret::generate(self.entropy.as_ref()));
        let adapter = adapter(changed.provider_type);
        let (renewed, named) = merge(adapter, &key_chain.current, renewal.values, token.as_deref())?;
        if renewed == key_chain.current {
            return Ok(Sealed { credentials: stored.sealed_credentials.clone(), token: None });
        }
        let now = self.clock.now();
        let differs = |key: &str| named.contains(&key.to_owned());
        changed.credentials = summaries(adapter, &renewed, &changed.credentials, differs, now);
        let until = now.plus_seconds(i64::from(renewal.previous_valid_seconds));
        let credentials = self.seal(changed, &key_chain.replaced_by(renewed, until)).await?;
        Ok(Sealed { credentials, token })
    }

    async fn open(&self, stored: &StoredProvider) -> Result<KeyChain, StoreError> {
        let provider = &stored.provider;
        let opened = self.vault.open(&context(provider), &stored.sealed_credentials).await?;
        KeyChain::from_json_text(&opened).ok_or_else(|| StoreError::Corrupt {
            table: "providers".to_owned(),
            key: provider.id.to_string(),
            detail: "the credentials cannot be read".to_owned(),
        })
    }

    async fn seal(&self, provider: &Provider, key_chain: &KeyChain) -> Result<String, StoreError> {
        self.vault.seal(&context(provider), &key_chain.to_json_text()).await
    }
}

fn context(provider: &Provider) -> Context {
    Context::provider(&provider.merchant_id, &provider.id)
}

/// The credentials after the change, and which fields it touched.
fn merge(
    adapter: &dyn Adapter,
    current: &Credentials,
    values: BTreeMap<String, Option<String>>,
    token: Option<&str>,
) -> Result<(Credentials, Vec<String>), InvalidField> {
    let mut named: Vec<String> = values.keys().cloned().collect();
    let mut merged = current.values().clone();
    let old_token = merged.remove(PATH_TOKEN);
    for (key, value) in values {
        match value {
            Some(value) => merged.insert(key, value),
            None => merged.remove(&key),
        };
    }
    let checked = credentials::check(adapter, &merged)?;
    named.extend(token.map(|_| PATH_TOKEN.to_owned()));
    Ok((with_token(checked, token.map(str::to_owned).or(old_token)), named))
}

fn with_token(credentials: Credentials, token: Option<String>) -> Credentials {
    match token {
        Some(token) => credentials.with(PATH_TOKEN, token),
        None => credentials,
    }
}
