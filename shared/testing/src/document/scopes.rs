//! The scope of an operation, asked of its function.

use lambda_http::http::StatusCode;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use super::Operation;

/// Asks the function behind `operation` with a token that has no scope: it has to name the one that is documented.
///
/// # Panics
/// When it lets the caller in, or names another.
pub async fn asks_for_the_documented_scope<H, F>(operation: &Operation, request: &ApiRequest, handler: &H)
where
    H: Fn(ApiRequest) -> F,
    F: Future<Output = Result<Answer, Problem>>,
{
    let mut request = request.clone();
    request.authorizer.insert("scopes".to_owned(), json!(""));
    let problem = handler(request).await.err();
    let refusal = problem.map(|problem| (problem.status(), problem.message().to_owned()));
    let expected =
        (StatusCode::FORBIDDEN.as_u16(), format!("this needs the scope {}", operation.scopes().join(", ")));
    assert_eq!(refusal, Some(expected), "{operation}: the function's scope and the document's");
}
