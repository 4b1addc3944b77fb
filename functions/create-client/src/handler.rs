//! The endpoint.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::audit::Changed;
use paywarden_domain::client::{AddressRange, Addresses, Client, narrowed};
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::ClientId;
use paywarden_domain::secret;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Longest name, in characters.
const NAME_CHARACTERS: usize = 128;

/// A client as it is wanted.
struct Wanted {
    name: String,
    role: Role,
    scopes: Option<Vec<Scope>>,
    allowed_addresses: Addresses,
}

/// Creates a client and shows its secret. Nobody gives a client more than their own token has: a token of few scopes would
/// else be worth as much as one of all.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let wanted = read(&request.json()?)?;
    let secret = secret::generate(deps.entropy.as_ref());
    let client = made(deps, &caller, wanted, &secret);
    if let Some(scope) = client.beyond(&caller.scopes) {
        return Err(Problem::forbidden(scope));
    }
    if deps.clients.count_live(&caller.merchant_id).await? >= Client::LIMIT {
        let message = format!("a merchant has at most {} clients", Client::LIMIT);
        return Err(Problem::conflict("too_many_clients", message));
    }
    deps.clients.create(&client).await?;
    let now = deps.clock.now();
    let answer = Answer::created(&json!({
        "status": true,
        "client": client.to_json_with(&secret, &caller.zone, now),
    }))?;
    Ok(answer.with_change(Changed::to(client.to_json(&caller.zone, now))))
}

fn read(body: &Value) -> Result<Wanted, InvalidField> {
    let fields = Fields::of(body)?;
    let name = fields.text("name", NAME_CHARACTERS)?;
    let name = name.ok_or_else(|| fields.refused("name", "is required"))?;
    let role = fields.required("role", Role::parse)?;
    let scopes = fields.words("scopes", Scope::parse)?;
    let scopes = scopes.map(|scopes| narrowed(role, &scopes)).transpose();
    let scopes = scopes.map_err(|error| fields.refused("scopes", error.to_string()))?;
    let allowed_addresses = addresses(&fields)?;
    fields.finish()?;
    Ok(Wanted { name, role, scopes, allowed_addresses })
}

fn addresses(fields: &Fields<'_>) -> Result<Addresses, InvalidField> {
    let ranges = fields.words("allowed_addresses", AddressRange::parse)?.unwrap_or_default();
    if ranges.len() > Addresses::LIMIT {
        let message = format!("expected at most {} addresses and ranges", Addresses::LIMIT);
        return Err(fields.refused("allowed_addresses", message));
    }
    Ok(Addresses(ranges))
}

fn made(deps: &Deps, caller: &Caller, wanted: Wanted, secret: &str) -> Client {
    let (now, entropy) = (deps.clock.now(), deps.entropy.as_ref());
    let (id, merchant) = (ClientId::mint(now, entropy), caller.merchant_id.clone());
    let hash = secret::hash(secret, entropy);
    let client = Client::new(id, merchant, wanted.name, wanted.role, hash, now);
    Client { scopes: wanted.scopes, allowed_addresses: wanted.allowed_addresses, ..client }
}

#[cfg(test)]
mod tests;
