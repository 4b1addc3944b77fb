//! The doors of the API: a caller is known and may, or it is not let in; whatever happens inside, the gateway gets an
//! answer and the log one line.

use std::future::{self, Future};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::HeaderValue;
use lambda_http::{Body, IntoResponse, Response, service_fn};
use paywarden_domain::access::Scope;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::surroundings::Surroundings;
use tracing::Instrument;

use self::keeping::Purpose;
use crate::answer::Answer;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::request::ApiRequest;
use crate::time_left::TimeLeft;

mod keeping;
mod once;

pub use self::keeping::Keeping;

/// Turns a problem into an answer. The status API has shapes of its own.
pub type Renderer = fn(&Problem, &str) -> Answer;

/// A door that asks for a token with a scope.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    name: &'static str,
    scope: Scope,
    purpose: Purpose,
    renderer: Renderer,
}

impl Door {
    /// The door of the function called `name`, for callers with `scope`.
    #[must_use]
    pub const fn new(name: &'static str, scope: Scope) -> Self {
        Self { name, scope, purpose: Purpose::Showing, renderer: Problem::to_answer }
    }

    /// The same door for those who change something: who they are is written down.
    #[must_use]
    pub const fn changing(self) -> Self {
        Self { purpose: Purpose::Changing, ..self }
    }

    /// The same door for those who create something: who they are is written down, and whoever sends the same again under the same
    /// `Idempotency-Key` gets the same answer.
    #[must_use]
    pub const fn creating(self) -> Self {
        Self { purpose: Purpose::Creating, ..self }
    }

    /// The same door with problems in a shape of its own.
    #[must_use]
    pub const fn rendering(self, renderer: Renderer) -> Self {
        Self { renderer, ..self }
    }

    /// The name of its function.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The scope that it asks for.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// How it shows a problem.
    #[must_use]
    pub const fn renderer(&self) -> Renderer {
        self.renderer
    }

    /// Serves `handler` until the process ends, with what `wire` takes from the process's stores.
    ///
    /// # Errors
    /// When a variable is missing, or the Lambda runtime fails.
    pub async fn serve<D, H, F>(
        self,
        wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
        handler: H,
    ) -> Result<(), lambda_http::Error>
    where
        D: Send + Sync + 'static,
        H: Fn(&'static D, Caller, ApiRequest) -> F + Copy + Send + Sync + 'static,
        F: Future<Output = Result<Answer, Problem>> + Send,
    {
        let stores = Stores::of_process();
        let deps: &'static D = crate::for_ever(wire(&stores)?);
        let keeping: &'static Keeping = crate::for_ever(self.keeping(&stores)?);
        run(self.name, self.renderer, move |request| async move {
            self.answer(keeping, deps, handler, request).await
        })
        .await
    }

    /// What the door itself works with.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn keeping(&self, stores: &Stores) -> Result<Keeping, InvalidVariable> {
        Keeping::of(stores, self.purpose)
    }

    /// Answers one request: the caller is asked for before the handler sees anything.
    ///
    /// # Errors
    /// 401 without a token that holds now, 403 without the scope, else what the handler refuses.
    pub async fn answer<'a, D, H, F>(
        &self,
        keeping: &Keeping,
        deps: &'a D,
        handler: H,
        request: ApiRequest,
    ) -> Result<Answer, Problem>
    where
        H: Fn(&'a D, Caller, ApiRequest) -> F,
        F: Future<Output = Result<Answer, Problem>>,
    {
        let caller = request.caller(keeping.clock.as_ref())?;
        caller.require(self.scope)?;
        let work = handler(deps, caller.clone(), request.clone());
        keeping.keep(self.name, &caller, &request, work).await
    }
}

/// A door for strangers: they prove themselves inside, or need not.
#[derive(Debug, Clone, Copy)]
pub struct OpenDoor {
    name: &'static str,
    renderer: Renderer,
}

impl OpenDoor {
    /// The door of the function called `name`.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, renderer: Problem::to_answer }
    }

    /// The same door with problems in a shape of its own.
    #[must_use]
    pub const fn rendering(self, renderer: Renderer) -> Self {
        Self { renderer, ..self }
    }

    /// The name of its function.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How it shows a problem.
    #[must_use]
    pub const fn renderer(&self) -> Renderer {
        self.renderer
    }

    /// Serves `handler` until the process ends, with what `wire` takes from the process's stores.
    ///
    /// # Errors
    /// When a variable is missing, or the Lambda runtime fails.
    pub async fn serve<D, H, F>(
        self,
        wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
        handler: H,
    ) -> Result<(), lambda_http::Error>
    where
        D: Send + Sync + 'static,
        H: Fn(&'static D, ApiRequest) -> F + Copy + Send + Sync + 'static,
        F: Future<Output = Result<Answer, Problem>> + Send,
    {
        self.run(wire(&Stores::of_process())?, handler).await
    }

    /// The same with what `wire` takes from the process's surroundings: there is no way from here to any data, and none of what
    /// speaks with AWS is linked into the program.
    ///
    /// # Errors
    /// When a variable is missing, or the Lambda runtime fails.
    pub async fn serve_without_data<D, H, F>(
        self,
        wire: impl FnOnce(&Surroundings) -> Result<D, InvalidVariable>,
        handler: H,
    ) -> Result<(), lambda_http::Error>
    where
        D: Send + Sync + 'static,
        H: Fn(&'static D, ApiRequest) -> F + Copy + Send + Sync + 'static,
        F: Future<Output = Result<Answer, Problem>> + Send,
    {
        self.run(wire(&Surroundings::of_process())?, handler).await
    }

    async fn run<D, H, F>(self, deps: D, handler: H) -> Result<(), lambda_http::Error>
    where
        D: Send + Sync + 'static,
        H: Fn(&'static D, ApiRequest) -> F + Copy + Send + Sync + 'static,
        F: Future<Output = Result<Answer, Problem>> + Send,
    {
        let deps: &'static D = crate::for_ever(deps);
        run(self.name, self.renderer, move |request| handler(deps, request)).await
    }
}

async fn run<H, F>(name: &'static str, renderer: Renderer, handler: H) -> Result<(), lambda_http::Error>
where
    H: Fn(ApiRequest) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Answer, Problem>> + Send,
{
    crate::logging::init(name);
    let handler = Arc::new(handler);
    lambda_http::run(service_fn(move |event: lambda_http::Request| {
        let handler = Arc::clone(&handler);
        async move { Ok::<_, lambda_http::Error>(Ready(serve(event, renderer, handler.as_ref()).await)) }
    }))
    .await
}

/// An answer that goes out as it is. Every body of ours is text in UTF-8; of another's answer the library would find that out by
/// its headers, with the tables of all encodings that there are.
struct Ready(Response<Body>);

impl IntoResponse for Ready {
    fn into_response(self) -> BoxFuture<'static, Response<Body>> {
        Box::pin(future::ready(self.0))
    }
}

async fn serve<H, F>(event: lambda_http::Request, renderer: Renderer, handler: &H) -> Response<Body>
where
    H: Fn(ApiRequest) -> F + Send + Sync,
    F: Future<Output = Result<Answer, Problem>> + Send,
{
    let started = Instant::now();
    let left = TimeLeft::of_request(&event);
    let invocation = crate::logging::Invocation::of_request(&event);
    let request = ApiRequest::from(event);
    let span = invocation.span(&request.correlation_id);
    async {
        let line = Line::of(&request);
        let request_id = request.request_id.clone();
        let outcome = AssertUnwindSafe(left.spend(handler(request))).catch_unwind().await;
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
    /// Of somebody who signed in as themselves; the lines of clients have no such member.
    person_id: Option<String>,
}

impl Line {
    fn of(request: &ApiRequest) -> Self {
        let member =
            |name: &str| request.authorizer.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        Self {
            method: request.method.to_string(),
            path: without_tail(request),
            merchant_id: member("merchant_id").unwrap_or_default(),
            client_id: member("client_id").unwrap_or_default(),
            person_id: member("person_id"),
        }
    }

    fn write(&self, outcome: &Result<Answer, Problem>, started: Instant) {
        let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let Self { method, path, merchant_id, client_id, .. } = self;
        let person_id = self.person_id.as_deref();
        match outcome {
            Ok(answer) => {
                let status = answer.status.as_u16();
                tracing::info!(
                    method,
                    path,
                    merchant_id,
                    client_id,
                    person_id,
                    status,
                    latency_ms,
                    "request answered"
                );
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
                            person_id,
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

/// The path without what is behind a callback's address, which may be a secret.
fn without_tail(request: &ApiRequest) -> String {
    let Some(tail) = request.path_parameters.get("tail").filter(|tail| !tail.is_empty()) else {
        return request.path.clone();
    };
    let segments = tail.split('/').count();
    let mut before = request.path.as_str();
    for _ in 0..segments {
        before = before.rsplit_once('/').map_or("", |(before, _)| before);
    }
    format!("{before}/(tail)")
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lambda_http::http::Method;
    use lambda_http::{Context, RequestExt};
    use paywarden_domain::time::Clock;
    use paywarden_store::system::SystemClock;

    use super::*;

    #[tokio::test]
    async fn who_has_no_time_left_is_told_to_try_again() {
        let mut context = Context::default();
        context.deadline = SystemClock.now().as_millis().saturating_add(1_200);
        let event = lambda_http::Request::default().with_lambda_context(context);
        let never = |_| future::pending::<Result<Answer, Problem>>();
        let answer = tokio::time::timeout(Duration::from_secs(60), serve(event, Problem::to_answer, &never));
        let answer = answer.await.expect("an answer");
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["retry-after"], "1");
    }

    #[test]
    fn what_is_behind_a_callbacks_address_is_not_logged() {
        let at = |path: &str| ApiRequest::new(Method::POST, path);
        assert_eq!(without_tail(&at("/callbacks/prv_1")), "/callbacks/prv_1");
        for tail in ["secret", "secret/v1.0/transfer-va/payment"] {
            let request = at(&format!("/callbacks/prv_1/{tail}")).with_path_parameter("tail", tail);
            assert_eq!(without_tail(&request), "/callbacks/prv_1/(tail)", "{tail}");
        }
    }
}
