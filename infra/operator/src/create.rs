//! Merchants, clients and providers.

use std::collections::BTreeMap;

use paywarden_api_client::Credentials as ClientCredentials;
use paywarden_domain::access::Role;
use paywarden_domain::actor::Actor;
use paywarden_domain::client::Client;
use paywarden_domain::id::{ClientId, MerchantId, ProviderId};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::secret;
use paywarden_domain::time::{Clock, Zone};
use paywarden_providers::{Profile, adapter};
use paywarden_roster::credentials;
use paywarden_roster::keeper::Keeper;
use paywarden_roster::renewal::Sealer;
use paywarden_store::providers::StoredProvider;
use paywarden_store::system::{SystemClock, SystemEntropy};

use crate::stage::Stage;

/// Adds a merchant.
pub async fn merchant(stage: &Stage, id: MerchantId, name: &str, zone: &str) -> anyhow::Result<()> {
    let merchant = Merchant::new(id, name.to_owned(), Zone::parse(zone)?, SystemClock.now());
    Ok(stage.merchants.create(&merchant).await?)
}

/// Adds a client.
pub async fn client(
    stage: &Stage,
    merchant: &MerchantId,
    name: &str,
    role: Role,
) -> anyhow::Result<ClientCredentials> {
    let merchant = stage.merchant(merchant).await?;
    let (now, client_secret) = (SystemClock.now(), secret::generate(&SystemEntropy));
    let id = ClientId::mint(now, &SystemEntropy);
    let secret_hash = secret::hash(&client_secret, &SystemEntropy);
    let client = Client::new(id, merchant.id, name.to_owned(), role, secret_hash, now);
    stage.clients.create(&client).await?;
    Ok(ClientCredentials { client_id: client.id.to_string(), client_secret })
}

/// Adds a provider; answers the last part of the address of its callbacks.
pub async fn provider(
    stage: &Stage,
    id: ProviderId,
    merchant: &MerchantId,
    provider_type: ProviderType,
    name: &str,
    given: &BTreeMap<String, String>,
) -> anyhow::Result<String> {
    let adapter = adapter(provider_type);
    let checked = credentials::check(adapter, given)?;
    let Profile { connection, services, .. } = adapter.profile();
    let (kind, services) = ((provider_type, *connection), services.to_vec());
    let by = Actor::Operator;
    let now = SystemClock.now();
    let mut provider = Provider::new(id, merchant.clone(), kind, name.to_owned(), services, by.clone(), now);
    let sealed = Sealer::of(&stage.stores)?.seal_first(&mut provider, checked).await?;
    let stored = StoredProvider { provider, sealed_credentials: sealed.credentials };
    Keeper::of(&stage.stores)?.add(&stored, by).await?;
    let id = stored.provider.id;
    Ok(sealed.token.map_or_else(|| id.to_string(), |token| format!("{id}/{token}")))
}
