//! The two endpoints.

use std::sync::Arc;

use paywarden_domain::access::Scope;
use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::Provider;
use paywarden_domain::provider::change::Change;
use paywarden_domain::time::Clock;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::provider_view::ProviderView;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::providers::Providers;
use serde_json::{Value, json};

/// What the endpoints work with.
pub struct Deps {
    pub providers: Providers,
    pub view: ProviderView,
    pub cursors: Cursors,
    pub clock: Arc<dyn Clock>,
}

/// Answers the provider as it is now, or a page of its history.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let caller = request.caller(deps.clock.as_ref())?;
    caller.require(Scope::ProvidersRead)?;
    let wants_history = request.path.ends_with("/history");
    let known: &[&str] = if wants_history { &["limit", "cursor"] } else { &[] };
    let query = QueryReader::new(&request.query, known)?;
    let id = request.path_id("id", ProviderId::parse)?;
    let stored = deps.providers.find_latest(&caller.merchant_id, &id).await?;
    let provider = stored.ok_or_else(|| Problem::not_found("provider"))?.provider;
    if wants_history {
        history(deps, &caller, &query, &provider).await
    } else {
        let shown = deps.view.show(&request, &caller, &provider, None).await?;
        Ok(Answer::ok(&json!({"status": true, "provider": shown}))?.with_version(provider.version))
    }
}

async fn history(
    deps: &Deps,
    caller: &Caller,
    query: &QueryReader<'_>,
    provider: &Provider,
) -> Result<Answer, Problem> {
    let binding = format!("provider-history/1 {} {}", caller.merchant_id, provider.id);
    let limit = query.limit()?;
    let position = deps.cursors.position(query, &binding).await?;
    // Only this endpoint seals its cursors, so a position that is no version cannot come up.
    let before = position.and_then(|position| position.parse().ok());
    let page = deps.providers.history(&provider.id, before, limit).await?;
    let next = page.next.map(|version| version.to_string());
    let next_cursor = deps.cursors.next(&binding, next.as_deref()).await?;
    let changes: Vec<Value> =
        page.changes.iter().map(|change: &Change| change.to_json(&caller.zone)).collect();
    Answer::ok(&json!({"status": true, "history": changes, "next_cursor": next_cursor}))
}

#[cfg(test)]
mod tests;
