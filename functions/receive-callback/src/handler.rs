//! The endpoint.

use std::sync::Arc;

use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::monitor::Tally;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::{Report, TrustGrade};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::public_url::PublicUrl;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_providers::{Callback, KeyChain, Malformed, Refusal, adapter, stored_body};
use paywarden_store::health::Health;
use paywarden_store::providers::{Providers, StoredProvider};
use paywarden_store::queue::{Message, Queue};
use paywarden_store::timeline::Timeline;
use paywarden_store::vault::{Context, Vault};
use serde_json::json;

/// Longest callback that is read, in bytes. The longest documented ones are a few kilobytes.
const MAX_CALLBACK_BYTES: usize = 64 * 1024;

/// What the endpoint works with.
pub struct Deps {
    pub providers: Providers,
    pub timeline: Timeline,
    pub vault: Arc<dyn Vault>,
    pub events: Arc<dyn Queue>,
    pub health: Health,
    pub public_url: PublicUrl,
    pub clock: Arc<dyn Clock>,
}

/// Verifies, reads, queues, acknowledges: in this order, so that nothing acknowledged is lost and nothing that a
/// stranger sends is stored.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let stored = find_provider(deps, &request).await?;
    if request.body.len() > MAX_CALLBACK_BYTES {
        return Err(Problem::too_large(MAX_CALLBACK_BYTES));
    }
    let received_at = deps.clock.now();
    let callback = Callback {
        headers: &request.headers,
        path: &deps.public_url.path_of(&request),
        path_token: request.path_parameters.get("token").map(String::as_str),
        body: &request.body,
        received_at,
    };
    let adapter = adapter(stored.provider.provider_type);
    let key_chain = key_chain(deps, &stored).await?;
    let grade = key_chain.verify(adapter, &callback).map_err(|refusal| refuse(deps, &stored, refusal))?;
    note_activity(deps, &stored).await;
    match adapter.parse(&callback) {
        Ok(reports) => {
            queue(deps, &request, &stored, grade, received_at, &reports).await?;
            let acknowledgement = adapter.acknowledgement(&reports);
            Answer::json(acknowledgement.status, &acknowledgement.body)
        }
        Err(malformed) => {
            keep_unreadable(deps, &request, &stored, received_at, &malformed).await?;
            Err(Problem::invalid(&malformed.field, malformed.expected))
        }
    }
}

/// The provider that the path names. One that does not exist and a text that is no id are the same to a stranger.
async fn find_provider(deps: &Deps, request: &ApiRequest) -> Result<StoredProvider, Problem> {
    let not_found = || Problem::not_found("provider");
    let id = ProviderId::parse(request.path_parameter("provider_id")?).map_err(|_| not_found())?;
    deps.providers.find(&id).await?.ok_or_else(not_found)
}

async fn key_chain(deps: &Deps, stored: &StoredProvider) -> Result<KeyChain, Problem> {
    let context = Context::provider(&stored.provider.merchant_id, &stored.provider.id);
    let opened = deps.vault.open(&context, &stored.sealed_credentials).await?;
    KeyChain::from_json_text(&opened)
        .ok_or_else(|| Problem::internal("the provider's credentials cannot be read"))
}

/// The provider is alive. Monitoring can bear a lost count; the callback must not be lost for it.
async fn note_activity(deps: &Deps, stored: &StoredProvider) {
    let tally = Tally { received: 1, ..Tally::default() };
    if let Err(error) = deps.health.record(&stored.provider.id, &tally).await {
        tracing::warn!(error_detail = error.to_string(), "the provider's activity was not written down");
    }
}

/// A refused signature is counted in memory, and never stored as fact: anybody can send one.
fn refuse(deps: &Deps, stored: &StoredProvider, refusal: Refusal) -> Problem {
    deps.health.count(&stored.provider.id, &Tally { refused: 1, ..Tally::default() });
    tracing::warn!(
        provider_id = stored.provider.id.as_str(),
        merchant_id = stored.provider.merchant_id.as_str(),
        reason = refusal.to_string(),
        metric = "callback_refused",
        "callback refused"
    );
    Problem::unauthorized().with_message("the callback's signature is missing or wrong")
}

async fn queue(
    deps: &Deps,
    request: &ApiRequest,
    stored: &StoredProvider,
    grade: TrustGrade,
    received_at: Timestamp,
    reports: &[Report],
) -> Result<(), Problem> {
    let provider = &stored.provider;
    let callback = VerifiedCallback {
        merchant_id: provider.merchant_id.clone(),
        provider: provider.binding(),
        grade,
        received_at,
        correlation_id: request.correlation_id.clone(),
        reports: reports.to_vec(),
        raw_body: stored_body(adapter(provider.provider_type), &request.body),
    };
    let body = serde_json::to_string(&callback).map_err(|error| Problem::internal(error.to_string()))?;
    // Fair among providers: one that floods the queue does not delay the others.
    let message = Message {
        body,
        delay_seconds: 0,
        group: Some(provider.id.to_string()),
        correlation_id: Some(request.correlation_id.clone()),
    };
    deps.events.send(message).await?;
    tracing::info!(provider_id = provider.id.as_str(), reports = reports.len(), "callback queued");
    Ok(())
}

async fn keep_unreadable(
    deps: &Deps,
    request: &ApiRequest,
    stored: &StoredProvider,
    received_at: Timestamp,
    malformed: &Malformed,
) -> Result<(), Problem> {
    let provider = &stored.provider;
    let detail = json!({
        "problem": malformed.to_string(),
        "body": stored_body(adapter(provider.provider_type), &request.body),
    });
    let summary = format!("A callback could not be read: {malformed}");
    let identity = [provider.id.as_str(), request.correlation_id.as_str()];
    let entry =
        Entry::new(EntryKind::ProviderMessage, received_at, provider.id.as_str(), &identity, summary, detail)
            .caused_by(Some(&request.correlation_id));
    deps.timeline.append(&[(Subject::unmatched(&provider.id, received_at), entry)]).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
