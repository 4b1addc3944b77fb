//! Files that arrive: which statement each is, and taking it in.

use std::path::Path;

use paywarden_domain::actor::Actor;
use paywarden_domain::id::{MerchantId, ProviderId, StatementId};
use paywarden_domain::statement::Statement;
use paywarden_store::StoreError;
use paywarden_store::providers::Providers;
use paywarden_store::stores::{InvalidVariable, Stores};

use crate::StepError;
use crate::desk::Desk;
use crate::intake::{Bytes, Intake};

/// Takes files in.
pub struct Arrivals {
    providers: Providers,
    intake: Intake,
}

impl Arrivals {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { providers: stores.providers()?, intake: Intake::of(stores)? })
    }

    /// Takes in the file under this key. One that belongs to nobody is named in the log and left where it is.
    ///
    /// # Errors
    /// [`StepError`] when tables or files fail; what stands in a file is no error.
    pub async fn arrived(&self, key: &str) -> Result<(), StepError> {
        match Key::parse(key) {
            Ok(place) => self.take(key, &place).await,
            Err(reason) => {
                tracing::error!(key, reason = reason.to_string(), "a file belongs to nobody");
                Ok(())
            }
        }
    }

    async fn take(&self, key: &str, place: &Key) -> Result<(), StepError> {
        if self.providers.find_of(&place.merchant_id, &place.provider_id).await?.is_none() {
            tracing::error!(key, reason = "no such provider", "a file belongs to nobody");
            return Ok(());
        }
        let desk = Desk::of("arrival")?;
        let file = desk.file("statement");
        if !self.intake.objects.fetch(key, &file).await? {
            tracing::warn!(key, "a file was gone before it was read");
            return Ok(());
        }
        if let Some(statement) = self.statement(place, &file).await? {
            self.intake.take(&statement, &file).await?;
        }
        Ok(())
    }

    /// The statement that a file is; nothing when it was taken in already. An announced one that has been read stays what it is,
    /// for runs may have used it: other bytes under its name are another statement.
    async fn statement(&self, place: &Key, path: &Path) -> Result<Option<Statement>, StepError> {
        let bytes = Bytes::of(path)?;
        if let Some(announced) = self.announced(place).await? {
            if announced.awaits_file() {
                return Ok(Some(announced));
            }
            if announced.sha256 == Some(bytes.hex()) {
                return Ok(None);
            }
        }
        let id = bytes.delivery_id(&place.merchant_id, &place.provider_id);
        let known = self.intake.table.statement(&place.merchant_id, &id).await?;
        if known.is_some_and(|known| known.is_usable()) {
            tracing::info!(statement_id = id.as_str(), "a file is known");
            return Ok(None);
        }
        let of = (place.merchant_id.clone(), place.provider_id.clone());
        let statement = Statement::announced(id, of, None, Actor::Automation, self.intake.clock.now());
        let name: String = place.name.chars().take(Statement::FILE_NAME_CHARACTERS).collect();
        Ok(Some(Statement { file_name: Some(name), ..statement }))
    }

    /// The announced statement of this name.
    async fn announced(&self, place: &Key) -> Result<Option<Statement>, StoreError> {
        let Ok(id) = StatementId::parse(&place.name) else {
            return Ok(None);
        };
        let statement = self.intake.table.statement(&place.merchant_id, &id).await?;
        Ok(statement.filter(|statement| statement.provider_id == place.provider_id))
    }
}

/// What a key says.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    merchant_id: MerchantId,
    provider_id: ProviderId,
    name: String,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected statements/<merchant>/<provider>/<name>")]
struct InvalidKey;

impl Key {
    fn parse(key: &str) -> Result<Self, InvalidKey> {
        let rest = key.strip_prefix("statements/").ok_or(InvalidKey)?;
        let mut parts = rest.splitn(3, '/');
        let (Some(merchant), Some(provider), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(InvalidKey);
        };
        Ok(Self {
            merchant_id: MerchantId::parse(merchant).map_err(|_| InvalidKey)?,
            provider_id: ProviderId::parse(provider).map_err(|_| InvalidKey)?,
            name: Some(name).filter(|name| !name.is_empty()).ok_or(InvalidKey)?.to_owned(),
        })
    }
}
