//! Merchants, clients and providers.

use std::collections::BTreeMap;

use paywarden_api_client::Credentials as ClientCredentials;
use paywarden_domain::access::Role;
use paywarden_domain::id::{ClientId, MerchantId, ProviderId};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::change::Change;
use paywarden_domain::provider::{Actor, PATH_TOKEN, Provider, ProviderType};
use paywarden_domain::secret;
use paywarden_domain::time::{Clock, Zone};
use paywarden_domain::vocabulary::Service;
use paywarden_lambda_kit::system::{SystemClock, SystemEntropy};
use paywarden_providers::{Adapter, Credentials, KeyChain, adapter, check_credentials, summaries};
use paywarden_store::clients::Client;
use paywarden_store::providers::StoredProvider;
use paywarden_store::vault::{Context as SealContext, Vault};

use crate::stage::Stage;

/// Adds a merchant.
pub async fn merchant(stage: &Stage, id: MerchantId, name: &str, zone: &str) -> anyhow::Result<()> {
    let merchant = Merchant {
        id,
        name: name.to_owned(),
        zone: Zone::parse(zone)?,
        shard_count: 1,
        raise: None,
        created_at: SystemClock.now(),
    };
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
    let client = Client {
        id: ClientId::mint(now, &SystemEntropy),
        merchant_id: merchant.id,
        name: name.to_owned(),
        role,
        secret_hash: secret::hash(&client_secret, &SystemEntropy),
        created_at: now,
        revoked_at: None,
    };
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
    let (now, adapter) = (SystemClock.now(), adapter(provider_type));
    let token = adapter.needs_path_token().then(|| secret::generate(&SystemEntropy));
    let checked = credentials(adapter, given, token.as_deref())?;
    let kind = (provider_type, adapter.connection());
    let services = Vec::<Service>::from(adapter.services());
    let mut provider =
        Provider::new(id, merchant.clone(), kind, name.to_owned(), services, Actor::Operator, now);
    provider.credentials = summaries(adapter, &checked, &provider.credentials, |_| true, now);
    let context = SealContext::provider(merchant, &provider.id);
    let sealed_credentials = stage.vault.seal(&context, &KeyChain::new(checked).to_json_text()).await?;
    let change = Change::between(None, &provider, Actor::Operator, None);
    let path = token.map_or_else(|| provider.id.to_string(), |token| format!("{}/{token}", provider.id));
    stage.providers.create(&StoredProvider { provider, sealed_credentials }, &change).await?;
    Ok(path)
}

/// What the provider's type asks for, and the token of its callback address if it has one.
fn credentials(
    adapter: &dyn Adapter,
    given: &BTreeMap<String, String>,
    token: Option<&str>,
) -> anyhow::Result<Credentials> {
    let checked = check_credentials(adapter, given).map_err(|problems| {
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", texts.join("; "))
    })?;
    Ok(match token {
        Some(token) => checked.with(PATH_TOKEN, token.to_owned()),
        None => checked,
    })
}
