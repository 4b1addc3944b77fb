//! Running an API function: whatever happens inside, the gateway gets an answer and the log one line.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt;
use http::header::HeaderValue;
use lambda_http::{Body, Response, service_fn};
use tracing::Instrument;

use crate::answer::Answer;
use crate::problem::Problem;
use crate::request::ApiRequest;

/// Turns a problem into an answer. The status API has shapes of its own.
pub type Renderer = fn(&Problem, &str) -> Answer;

/// Serves `handler` until the process ends, with the API's default shape of problems.
///
/// # Errors
/// When the Lambda runtime fails.
pub async fn run<H, F>(service: &'static str, handler: H) -> Result<(), lambda_http::Error>
where
    H: Fn(ApiRequest) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Answer, Problem>> + Send,
{
    run_with(service, Problem::to_answer, handler).await
}

/// Serves `handler` with problems in a shape of its own.
///
/// # Errors
/// When the Lambda runtime fails.
pub async fn run_with<H, F>(
    service: &'static str,
    renderer: Renderer,
    handler: H,
) -> Result<(), lambda_http::Error>
where
    H: Fn(ApiRequest) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Answer, Problem>> + Send,
{
    crate::logging::init(service);
    let handler = Arc::new(handler);
    lambda_http::run(service_fn(move |event: lambda_http::Request| {
        let handler = Arc::clone(&handler);
        async move { Ok::<_, lambda_http::Error>(serve(event, renderer, handler.as_ref()).await) }
    }))
    .await
}

async fn serve<H, F>(event: lambda_http::Request, renderer: Renderer, handler: &H) -> Response<Body>
where
    H: Fn(ApiRequest) -> F + Send + Sync,
    F: Future<Output = Result<Answer, Problem>> + Send,
{
    let started = Instant::now();
    let invocation = crate::logging::Invocation::of_request(&event);
    let request = ApiRequest::from(event);
    let span = invocation.span(&request.correlation_id);
    async {
        let line = Line::of(&request);
        let request_id = request.request_id.clone();
        let outcome = AssertUnwindSafe(handler(request)).catch_unwind().await;
        let outcome = outcome.unwrap_or_else(|_| Err(Problem::internal("the handler panicked")));
        line.write(&outcome, started);
        let answer = outcome.unwrap_or_else(|problem| renderer(&problem, &request_id));
        respond(answer, &request_id)
    }
    .instrument(span)
    .await
}

/// What the one log line of a request tells.
struct Line {
    method: String,
    path: String,
    merchant_id: String,
    client_id: String,
}

impl Line {
    fn of(request: &ApiRequest) -> Self {
        let member = |name: &str| {
            request.authorizer.get(name).and_then(|value| value.as_str()).unwrap_or("").to_owned()
        };
        Self {
            method: request.method.to_string(),
            path: without_token(request),
            merchant_id: member("merchant_id"),
            client_id: member("client_id"),
        }
    }

    fn write(&self, outcome: &Result<Answer, Problem>, started: Instant) {
        let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let Self { method, path, merchant_id, client_id } = self;
        match outcome {
            Ok(answer) => {
                let status = answer.status.as_u16();
                tracing::info!(method, path, merchant_id, client_id, status, latency_ms, "request answered");
            }
            Err(problem) => {
                let (status, error_code, error_message) =
                    (problem.status(), problem.code(), problem.message());
                let error_detail = problem.detail().unwrap_or("");
                // The level is a constant of the place in the code, so each has its line.
                macro_rules! line {
                    ($level:ident, $message:literal) => {
                        tracing::$level!(
                            method,
                            path,
                            merchant_id,
                            client_id,
                            status,
                            latency_ms,
                            error_code,
                            error_message,
                            error_detail,
                            $message
                        )
                    };
                }
                if status >= 500 { line!(error, "request failed") } else { line!(info, "request refused") }
            }
        }
    }
}

/// The path without the secret that a callback's address may carry.
fn without_token(request: &ApiRequest) -> String {
    match request.path_parameters.get("token").filter(|token| !token.is_empty()) {
        Some(_) => match request.path.rsplit_once('/') {
            Some((before, _)) => format!("{before}/(token)"),
            None => String::new(),
        },
        None => request.path.clone(),
    }
}

fn respond(answer: Answer, request_id: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}
