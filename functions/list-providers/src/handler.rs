//! The endpoint.

use futures::{StreamExt, TryStreamExt};
use paywarden_domain::provider::{Provider, ProviderStatus};
use paywarden_domain::vocabulary::Service;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Providers whose activity is looked up at the same time.
const CONCURRENCY: usize = 10;

/// What the caller wants to see.
struct Filters {
    /// A part of the name, in lower case.
    search: Option<String>,
    services: Vec<Service>,
    statuses: Vec<ProviderStatus>,
}

/// Answers a page in the order in which providers were added. A merchant has few, so all are read and the page is cut
/// here; ids are in order of creation, so the last one shown is the position.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, &["search", "service", "status", "limit", "cursor"])?;
    let limit = usize::from(query.limit()?);
    let filters = Filters::read(&query)?;
    let binding = Listing::new("list-providers/1", &caller.merchant_id)
        .with("search", &filters.search)
        .with("service", &filters.services)
        .with("status", &filters.statuses);
    let after = deps.cursors.position(&query, &binding).await?.unwrap_or_default();
    let mut rest = deps.providers.list(&caller.merchant_id).await?;
    rest.retain(|provider| provider.id.as_str() > after.as_str() && filters.fit(provider));
    let more = rest.len() > limit;
    rest.truncate(limit);
    let last = rest.last().filter(|_| more).map(|provider| provider.id.as_str());
    let next_cursor = deps.cursors.next(&binding, last).await?;
    let api_url = deps.public_url.of(&request, "");
    let show = |provider| deps.view.show(provider, &caller.zone, &api_url, None);
    let shown: Vec<_> = rest.iter().map(show).collect();
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
}

#[cfg(test)]
mod tests;
