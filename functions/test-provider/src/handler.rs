//! The endpoint.

use lambda_http::http::HeaderMap;
use paywarden_domain::id::ProviderId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_payments::rehearse::{RehearseError, SampleError};
use paywarden_providers::sign::SignedCallback;
use paywarden_providers::{Callback, adapter, stored_body};
use paywarden_store::providers::StoredProvider;
use serde_json::json;

use crate::deps::Deps;
use crate::input::{self, Wish};
use crate::shown;

/// Tries a callback out: one that the caller brings, or a sample that is signed with what is configured. That it would be refused
/// is an answer and no refusal.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", ProviderId::parse)?;
    let wish = input::read(&request.json()?)?;
    let stored = deps.providers.find_latest(&caller.merchant_id, &id).await?;
    let stored = stored.ok_or_else(|| Problem::not_found("provider"))?;
    let (is_sample, callback) = match wish {
        Wish::Callback(callback) => (false, callback),
        Wish::Sample { reference } => (true, sample(deps, &stored, &reference).await?),
    };
    let called =
        ApiRequest { path: format!("/callbacks/{id}"), headers: HeaderMap::new(), ..request.clone() };
    let tried = Callback {
        headers: &callback.headers,
        path: &deps.public_url.path_of(&called),
        path_token: callback.path_token.as_deref(),
        body: callback.body.as_bytes(),
        received_at: deps.rehearser.now(),
    };
    let rehearsal = deps.rehearser.rehearse(&stored, &tried, &request.correlation_id).await;
    let outcome = match rehearsal {
        Ok(rehearsal) => shown::taken(&rehearsal, &caller.zone),
        Err(RehearseError::Refused(refusal)) => shown::refused(refusal),
        Err(RehearseError::Malformed(malformed)) => shown::unreadable(&malformed),
        Err(RehearseError::Store(error)) => return Err(error.into()),
    };
    let body = stored_body(adapter(stored.provider.provider_type), callback.body.as_bytes());
    let test = json!({"provider_id": id, "is_sample": is_sample, "body": body, "outcome": outcome});
    Answer::ok(&json!({"status": true, "test": test}))
}

async fn sample(deps: &Deps, stored: &StoredProvider, reference: &str) -> Result<SignedCallback, Problem> {
    deps.rehearser.sample(stored, reference).await.map_err(|error| match error {
        SampleError::Unsigned(reason) => {
            Problem::unprocessable("callback", format!("is required: there is no sample, because {reason}"))
        }
        SampleError::Store(error) => error.into(),
    })
}

#[cfg(test)]
mod tests;
