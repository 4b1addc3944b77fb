//! New credentials beside those they replace.

use std::collections::BTreeMap;

use paywarden_domain::provider::{PATH_TOKEN, Provider};
use paywarden_domain::secret;
use paywarden_lambda_kit::body::Fields;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::provider_fields;
use paywarden_providers::{Adapter, Credentials, KeyChain, adapter, check_credentials, summaries};
use paywarden_store::providers::StoredProvider;
use paywarden_store::vault::Context;

use crate::handler::Deps;

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
pub fn read(fields: &Fields<'_>, adapter: &dyn Adapter) -> Result<Option<Renewal>, Problem> {
    let values = provider_fields::credentials(fields)?;
    let rotate_token = fields.flag("rotate_callback_token")?.unwrap_or(false);
    if rotate_token && !adapter.needs_path_token() {
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

/// Puts the new values among the old ones, checks them together and seals them. Answers what was sealed, and the token
/// if it is new.
pub async fn renew(
    deps: &Deps,
    stored: &StoredProvider,
    changed: &mut Provider,
    renewal: Renewal,
) -> Result<(String, Option<String>), Problem> {
    let context = Context::provider(&changed.merchant_id, &changed.id);
    let opened = deps.vault.open(&context, &stored.sealed_credentials).await?;
    let unreadable = || Problem::internal("the provider's credentials cannot be read");
    let key_chain = KeyChain::from_json_text(&opened).ok_or_else(unreadable)?;
    let adapter = adapter(changed.provider_type);
    let token = renewal.rotate_token.then(|| secret::generate(deps.entropy.as_ref()));
    let (renewed, named) = merge(adapter, &key_chain.current, renewal.values, token.as_deref())?;
    if renewed == key_chain.current {
        return Ok((stored.sealed_credentials.clone(), None));
    }
    let now = deps.clock.now();
    let differs = |key: &str| named.contains(&key.to_owned());
    changed.credentials = summaries(adapter, &renewed, &changed.credentials, differs, now);
    let until = now.plus_seconds(i64::from(renewal.previous_valid_seconds));
    let sealed = key_chain.replaced_by(renewed, until).to_json_text();
    Ok((deps.vault.seal(&context, &sealed).await?, token))
}

/// The credentials after the change, and which fields it touched.
fn merge(
    adapter: &dyn Adapter,
    current: &Credentials,
    values: BTreeMap<String, Option<String>>,
    token: Option<&str>,
) -> Result<(Credentials, Vec<String>), Problem> {
    let mut named: Vec<String> = values.keys().cloned().collect();
    let mut merged = current.values().clone();
    let old_token = merged.remove(PATH_TOKEN);
    for (key, value) in values {
        match value {
            Some(value) => merged.insert(key, value),
            None => merged.remove(&key),
        };
    }
    let checked = check_credentials(adapter, &merged).map_err(|problems| {
        provider_fields::refuse_credentials(problems.iter().map(|one| (one.key.as_str(), &one.problem)))
    })?;
    named.extend(token.map(|_| PATH_TOKEN.to_owned()));
    let checked = match token.map(str::to_owned).or(old_token) {
        Some(token) => checked.with(PATH_TOKEN, token),
        None => checked,
    };
    Ok((checked, named))
}
