//! The endpoint.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use paywarden_domain::access::Scope;
use paywarden_domain::provider::{Provider, ProviderStatus};
use paywarden_domain::time::Clock;
use paywarden_domain::vocabulary::Service;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::provider_view::ProviderView;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::providers::Providers;
use serde_json::{Value, json};

/// Providers whose activity is looked up at the same time.
const CONCURRENCY: usize = 10;

/// What the endpoint works with.
pub struct Deps {
    pub providers: Providers,
    pub view: ProviderView,
    pub cursors: Cursors,
    pub clock: Arc<dyn Clock>,
}

/// What the caller wants to see.
struct Filters {
    /// A part of the name, in lower case.
    search: Option<String>,
    services: Vec<Service>,
    statuses: Vec<ProviderStatus>,
}

/// Answers a page in the order in which providers were added. A merchant has few, so all are read and the page is cut
/// here; ids are in order of creation, so the last one shown is the position.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let caller = request.caller(deps.clock.as_ref())?;
    caller.require(Scope::ProvidersRead)?;
    let query = QueryReader::new(&request.query, &["search", "service", "status", "limit", "cursor"])?;
    let limit = usize::from(query.limit()?);
    let filters = Filters::read(&query)?;
    let binding = format!("list-providers/1 {} {}", caller.merchant_id, filters.binding());
    let after = deps.cursors.position(&query, &binding).await?.unwrap_or_default();
    let mut rest = deps.providers.list(&caller.merchant_id).await?;
    rest.retain(|provider| provider.id.as_str() > after.as_str() && filters.fit(provider));
    let more = rest.len() > limit;
    rest.truncate(limit);
    let last = rest.last().filter(|_| more).map(|provider| provider.id.as_str());
    let next_cursor = deps.cursors.next(&binding, last).await?;
    let shown: Vec<_> =
        rest.iter().map(|provider| deps.view.show(&request, &caller, provider, None)).collect();
    let shown: Vec<Value> = futures::stream::iter(shown).buffered(CONCURRENCY).try_collect().await?;
    Answer::ok(&json!({"status": true, "providers": shown, "next_cursor": next_cursor}))
}

impl Filters {
    fn read(query: &QueryReader<'_>) -> Result<Self, Problem> {
        Ok(Self {
            search: query.single("search")?.map(str::to_lowercase),
            services: query.words("service", Service::parse)?,
            statuses: query.words("status", ProviderStatus::parse)?,
        })
    }

    fn fit(&self, provider: &Provider) -> bool {
        let named = |search: &String| provider.name.to_lowercase().contains(search.as_str());
        self.search.as_ref().is_none_or(named)
            && (self.services.is_empty()
                || self.services.iter().any(|service| provider.services.contains(service)))
            && (self.statuses.is_empty() || self.statuses.contains(&provider.status()))
    }

    /// What ties a cursor to these filters.
    fn binding(&self) -> String {
        json!([self.search, self.services, self.statuses]).to_string()
    }
}

#[cfg(test)]
mod tests;
