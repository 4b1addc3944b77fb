//! The endpoint. Its answers, refusals included, have the shapes of RFC 6749, sections 5.1 and 5.2.

use lambda_http::http::header::{CACHE_CONTROL, HeaderValue, PRAGMA};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::form::Form;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;

use crate::deps::Deps;
use crate::refusal::Refusal;
use crate::{client_credentials, exchange, refresh};

/// Issues a token.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let answer = match issue(deps, &request).await {
        Ok(answer) => answer,
        Err(refusal) => refusal.into_answer()?,
    };
    Ok(not_kept(answer))
}

/// A failure of ours in the API's usual shape.
pub fn render(problem: &Problem, request_id: &str) -> Answer {
    not_kept(problem.to_answer(request_id))
}

/// No cache keeps an answer of this endpoint, whatever it says; `Pragma` speaks to those of HTTP/1.0.
fn not_kept(answer: Answer) -> Answer {
    answer
        .with_header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
        .with_header(PRAGMA, HeaderValue::from_static("no-cache"))
}

async fn issue(deps: &Deps, request: &ApiRequest) -> Result<Answer, Refusal> {
    let form = Form::parse(&request.body)?;
    match form.get("grant_type") {
        Some("client_credentials") => client_credentials::issue(deps, request, &form).await,
        Some("refresh_token") => refresh::issue(deps, request, &form).await,
        Some(exchange::GRANT_TYPE) => exchange::issue(deps, request, &form).await,
        Some(_) => Err(Refusal::UnsupportedGrantType),
        None => Err(Refusal::InvalidRequest("grant_type is required, in a form body")),
    }
}

#[cfg(test)]
mod tests;
