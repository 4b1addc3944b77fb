//! Who presents credentials.

use paywarden_domain::client::Client;
use paywarden_domain::id::ClientId;
use paywarden_domain::secret;
use paywarden_lambda_kit::problem::Problem;

use crate::credentials::Credentials;
use crate::deps::Deps;
use crate::refusal::Refusal;

/// A hash of no secret. Checking it for a client that does not exist takes as long as for one that does.
const NO_HASH: &str = "sha256$00000000000000000000000000000000$";

/// A client that has proved itself.
pub struct Proven {
    pub client: Client,
    /// The hash of the secret that it did it with.
    pub secret_hash: String,
}

/// The client whose secret this is. An unknown client, a wrong secret and a revoked client end the same way, until a client
/// that exists has failed too often: who has the right secret never gets there.
pub async fn authenticate(deps: &Deps, presented: &Credentials) -> Result<Proven, Refusal> {
    let client = match ClientId::parse(&presented.client_id) {
        Ok(id) => deps.clients.find(&id).await?,
        Err(_) => None,
    };
    let secret = presented.client_secret.as_str();
    let secret_hash = match &client {
        Some(client) => client.secret_behind(secret, deps.clock.now()).map(str::to_owned),
        None => secret::verify(secret, NO_HASH).then(String::new),
    };
    match (client, secret_hash) {
        (Some(client), Some(secret_hash)) if client.is_live() => Ok(Proven { client, secret_hash }),
        (Some(client), _) => Err(failed(deps, &client.id).await),
        (None, _) => Err(Refusal::InvalidClient),
    }
}

/// Counts the failure of a client that exists. What cannot be counted is refused all the same.
async fn failed(deps: &Deps, client: &ClientId) -> Refusal {
    match deps.failures.count(client).await {
        Ok(None) => Refusal::InvalidClient,
        Ok(Some(seconds)) => {
            let message = format!("too many failures of this client, try again in {seconds} seconds");
            Problem::throttled(message, seconds).into()
        }
        Err(error) => {
            Problem::from(error).log();
            Refusal::InvalidClient
        }
    }
}
