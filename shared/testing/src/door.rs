//! The door of an API function on a stage: what the tests of all handlers have in common.

use std::pin::Pin;

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::id::ClientId;
use paywarden_domain::merchant::Merchant;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::door::{Door, OpenDoor, Renderer};
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::stores::{InvalidVariable, Stores};
use serde_json::Value;

use crate::{TestStage, builders, events, template};

type Outcome = Result<Answer, Problem>;
type Answering = dyn Fn(ApiRequest) -> Pin<Box<dyn Future<Output = Outcome>>>;

/// A door with everything behind it: a stage, the merchant of the sample events, and what the function works with there,
/// taken from the stage as the process takes it from AWS.
pub struct TestDoor<D: 'static> {
    pub stage: TestStage,
    pub merchant: Merchant,
    /// What the handler is given; it stays until the process of the tests ends, as a function's does.
    pub deps: &'static D,
    name: &'static str,
    renderer: Renderer,
    answering: Box<Answering>,
}

impl<D: 'static> TestDoor<D> {
    /// Puts a door on a new stage, with what the function's `main` serves it with.
    pub async fn open<H, F>(
        door: Door,
        wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
        handler: H,
    ) -> Self
    where
        H: Fn(&'static D, Caller, ApiRequest) -> F + Copy + 'static,
        F: Future<Output = Outcome> + 'static,
    {
        Self::open_on(TestStage::start().await, door, wire, handler).await
    }

    /// Puts a door on a stage that was made in another way.
    pub async fn open_on<H, F>(
        stage: TestStage,
        door: Door,
        wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
        handler: H,
    ) -> Self
    where
        H: Fn(&'static D, Caller, ApiRequest) -> F + Copy + 'static,
        F: Future<Output = Outcome> + 'static,
    {
        let deps = stage.wire(door.name(), wire);
        let keeping = stage.wire(door.name(), |stores| door.keeping(stores));
        let answering =
            move |request| boxed(async move { door.answer(keeping, deps, handler, request).await });
        Self::with(stage, deps, (door.name(), door.renderer()), Box::new(answering)).await
    }

    /// Puts a door for strangers on a new stage.
    pub async fn open_to_strangers<H, F>(
        door: OpenDoor,
        wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
        handler: H,
    ) -> Self
    where
        H: Fn(&'static D, ApiRequest) -> F + 'static,
        F: Future<Output = Outcome> + 'static,
    {
        let stage = TestStage::start().await;
        let deps = stage.wire(door.name(), wire);
        let answering = move |request| boxed(handler(deps, request));
        Self::with(stage, deps, (door.name(), door.renderer()), Box::new(answering)).await
    }

    async fn with(
        stage: TestStage,
        deps: &'static D,
        (name, renderer): (&'static str, Renderer),
        answering: Box<Answering>,
    ) -> Self {
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        Self { stage, merchant, deps, name, renderer, answering }
    }

    /// A client of the merchant in this role.
    #[must_use]
    pub fn caller(&self, role: Role) -> Caller {
        builders::caller(&self.merchant, role)
    }

    /// The id of that client.
    #[must_use]
    pub fn client_id(&self, role: Role) -> ClientId {
        builders::client_id(&self.merchant, role)
    }

    /// A client of another merchant, who is on the stage from now on.
    ///
    /// # Panics
    /// The second time: it is there already.
    pub async fn foreign_caller(&self, role: Role) -> Caller {
        builders::caller(&self.stage.add_merchant("other").await, role)
    }

    /// A request of the door's route, its first if it has several, by nobody and with nothing in it.
    ///
    /// # Panics
    /// When the template gives the function no route.
    #[must_use]
    pub fn anonymous_request(&self) -> ApiRequest {
        let routes = template::routes(self.name).expect("the template can be read");
        let (method, path) = routes.first().expect("the template gives the function a route");
        ApiRequest::new(method.parse().expect("a method"), path)
    }

    /// The same by a client of the merchant in this role; the test puts in what it asks for.
    #[must_use]
    pub fn request(&self, role: Role) -> ApiRequest {
        self.anonymous_request().with_caller(&self.caller(role))
    }

    /// Answers a request as the function does.
    ///
    /// # Errors
    /// What the function refuses.
    pub async fn answer(&self, request: ApiRequest) -> Outcome {
        (self.answering)(request).await
    }

    /// The body of what is answered.
    ///
    /// # Panics
    /// When the request is refused.
    pub async fn body(&self, request: ApiRequest) -> Value {
        self.answer(request).await.expect("the request is answered").body_json()
    }

    /// The bodies of all pages of a list, from the one that is asked for to the one that has no cursor.
    ///
    /// # Panics
    /// When one of the requests is refused.
    pub async fn pages(&self, request: ApiRequest) -> Vec<Value> {
        let mut pages = vec![self.body(request.clone()).await];
        while let Some(cursor) = pages.last().and_then(|page| page["next_cursor"].as_str()) {
            let mut next = request.clone();
            next.query.0.push(("cursor".to_owned(), cursor.to_owned()));
            pages.push(self.body(next).await);
        }
        pages
    }

    /// What is refused.
    ///
    /// # Panics
    /// When the request is answered.
    pub async fn refusal(&self, request: ApiRequest) -> Problem {
        self.answer(request).await.expect_err("the request is refused")
    }

    /// The status of a refusal, and the parameter that it names, empty if it names none.
    ///
    /// # Panics
    /// When the request is answered.
    pub async fn refused_parameter(&self, request: ApiRequest) -> (u16, String) {
        let problem = self.refusal(request).await;
        let error = problem.error_json("req-test");
        (problem.status(), error["parameter"].as_str().unwrap_or_default().to_owned())
    }

    /// The same request in every role: those with the scope are answered, and nobody else.
    ///
    /// # Panics
    /// When it is otherwise.
    pub async fn lets_in_those_with(&self, scope: Scope, request: &ApiRequest) {
        for role in Role::ALL {
            let answer = self.answer(request.clone().with_caller(&self.caller(*role))).await;
            assert_eq!(answer.is_ok(), role.scopes().contains(&scope), "{role}: {answer:?}");
        }
    }

    /// Sends a request that creates something several times under one key: it gets one answer, also when the function was cut off
    /// between doing it and keeping its answer, and the items of `table` (by its logical id) are what they were after the first.
    ///
    /// # Panics
    /// When it is otherwise.
    pub async fn creates_once(&self, table: &str, request: &ApiRequest) {
        let keyed = |key: &str| {
            let mut request = request.clone();
            request.headers.insert("idempotency-key", key.parse().expect("a header"));
            request
        };
        let first = self.answer(keyed("a")).await.expect("the request is answered");
        let items = self.stage.items(table);
        let again = self.answer(keyed("a")).await.expect("it is answered again");
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.headers["idempotent-replayed"], "true");
        self.stage.forget_answers();
        self.stage.clock.advance_seconds(60);
        let once_more = self.answer(keyed("a")).await.expect("what was cut off is done again");
        assert_eq!(once_more.body, first.body);
        assert_eq!(self.stage.items(table), items);
        let other = ApiRequest { path: format!("{}/other", request.path), ..keyed("a") };
        assert_eq!(self.refusal(other).await.code(), "idempotency_key_reused");
    }

    /// What the audit trail says of the last request that came, as the API shows it.
    ///
    /// # Panics
    /// When it says nothing.
    pub async fn audited(&self) -> Value {
        let stores = self.stage.stores();
        let trail = stores.audit_reader().expect("the template has a trail");
        let page =
            trail.page(Some(&self.merchant.id), &Default::default(), None, 1).await.expect("it can be read");
        page.entries.first().expect("the trail has an entry").to_json(&self.merchant.zone)
    }

    /// Runs the sample events of the function, one after the other: each is answered with its status, and as the API
    /// document says (see [`events::answers`]).
    ///
    /// # Panics
    /// When a sample is answered otherwise, or one is missing.
    pub async fn samples_are_answered(&self, expected: &[(&str, u16)]) {
        let answers = events::answers(self.name, self.renderer, |request| self.answer(request)).await;
        assert_eq!(answers, events::statuses(expected));
    }
}

fn boxed(outcome: impl Future<Output = Outcome> + 'static) -> Pin<Box<dyn Future<Output = Outcome>>> {
    Box::pin(outcome)
}
