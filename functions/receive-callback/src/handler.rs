//! The endpoint.

use paywarden_domain::id::ProviderId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_payments::receive::ReceiveError;
use paywarden_providers::Callback;
use paywarden_store::providers::StoredProvider;

use crate::deps::Deps;

/// Longest callback that is read, in bytes. The longest documented ones are a few kilobytes.
const MAX_CALLBACK_BYTES: usize = 64 * 1024;

/// Takes the callback in and acknowledges it as its provider expects.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let stored = find_provider(deps, &request).await?;
    if request.body.len() > MAX_CALLBACK_BYTES {
        return Err(Problem::too_large(MAX_CALLBACK_BYTES));
    }
    let callback = Callback {
        headers: &request.headers,
        path: &deps.public_url.path_of(&request),
        path_token: request.path_parameters.get("tail").and_then(|tail| tail.split('/').next()),
        body: &request.body,
        received_at: deps.receiver.clock().now(),
    };
    let received = deps.receiver.receive(&stored, &callback, &request.correlation_id).await;
    let acknowledgement = received.map_err(|error| match error {
        ReceiveError::Refused(_) => {
            Problem::unauthorized().with_message("the callback's signature is missing or wrong")
        }
        ReceiveError::Malformed(malformed) => Problem::invalid(&malformed.field, malformed.expected),
        ReceiveError::Store(error) => error.into(),
    })?;
    Answer::json(acknowledgement.status, &acknowledgement.body)
}

/// The provider that the path names. One that does not exist and a text that is no id are the same to a stranger.
async fn find_provider(deps: &Deps, request: &ApiRequest) -> Result<StoredProvider, Problem> {
    let not_found = || Problem::not_found("provider");
    let id = ProviderId::parse(request.path_parameter("provider_id")?).map_err(|_| not_found())?;
    deps.providers.find(&id).await?.ok_or_else(not_found)
}

#[cfg(test)]
mod tests;
