//! A console before an API that answers what a test says: which requests a page makes, and what it shows of the answers. Every
//! answer is held to the API document before it is given, so that no test shows what the API would never say.

pub mod network;
pub mod samples;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use paywarden_api_client::{Transport, TransportError};
use paywarden_domain::access::Role;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_testing::document::Operation;
use paywarden_testing::{SeededEntropy, TestClock};
use serde_json::{Value, json};

use crate::cookies::ACCESS;
use crate::deps::Deps;
use crate::handler;
use paywarden_lambda_kit::public_url::PublicUrl;

/// Where the console of the tests is.
pub const ORIGIN: &str = "https://pay.example.com";

/// The time on the console's clock, at which all its pages are made.
pub const NOW: &str = "2026-11-20T05:00:00Z";

/// What the API answers a request.
struct Canned {
    method: Method,
    /// The document's path, such as `/transactions/{id}`.
    path: &'static str,
    status: u16,
    body: Body,
}

enum Body {
    Text(&'static str, String),
    /// No answer at all.
    Silence,
}

/// A request that the console made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub method: Method,
    /// With its query, behind `/v1`.
    pub path: String,
    pub body: String,
    pub headers: HeaderMap,
}

impl Made {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the request has a JSON body")
    }
}

#[derive(Default)]
struct FakeApi {
    canned: Mutex<Vec<Canned>>,
    made: Mutex<Vec<Made>>,
}

#[async_trait]
impl Transport for FakeApi {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let address = request.uri().to_string();
        let path = address.strip_prefix("https://pay.example.com/v1").unwrap_or(&address).to_owned();
        let made = Made {
            method: request.method().clone(),
            path: path.clone(),
            body: String::from_utf8_lossy(request.body()).into_owned(),
            headers: request.headers().clone(),
        };
        self.made.lock().unwrap().push(made);
        self.answer(request.method(), &path)
            .ok_or_else(|| TransportError { address, cause: "silence".into() })
    }
}

impl FakeApi {
    /// What was said that the API answers, unless it is silent.
    fn answer(&self, method: &Method, path: &str) -> Option<Response<Bytes>> {
        let canned = self.canned.lock().unwrap();
        // The latest that was said holds.
        let found = canned.iter().rev().find(|canned| canned.method == *method && fits(canned.path, path));
        let found = found.unwrap_or_else(|| panic!("no test said what the API answers {method} {path}"));
        let Body::Text(kind, text) = &found.body else {
            return None;
        };
        let answer = Response::builder().status(found.status).header("content-type", *kind);
        Some(answer.header("x-request-id", "req-api").body(Bytes::from(text.clone())).unwrap())
    }
}

/// Whether an address is one of a path of the document.
fn fits(pattern: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (wanted, given): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    wanted.len() == given.len()
        && wanted.iter().zip(given).all(|(want, is)| want.starts_with('{') || *want == is)
}

/// A console and the API before which it stands.
pub struct Console {
    deps: &'static Deps,
    api: Arc<FakeApi>,
}

/// What a browser got.
pub struct Seen {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Seen {
    /// # Panics
    /// When the page does not have the text.
    #[track_caller]
    pub fn has(&self, text: &str) -> &Self {
        assert!(self.text.contains(text), "the page has no {text:?}:\n{}", self.text);
        self
    }

    /// # Panics
    /// When the page has the text.
    #[track_caller]
    pub fn lacks(&self, text: &str) -> &Self {
        assert!(!self.text.contains(text), "the page has {text:?}:\n{}", self.text);
        self
    }

    /// # Panics
    /// When the answer has another status.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Where it sends the browser, behind the console's own path.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.text);
        let location = self.headers["location"].to_str().unwrap();
        location.strip_prefix("/v1/console").unwrap_or(location)
    }

    pub fn cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect()
    }
}

impl Console {
    /// A console that stands before an API of which nothing has been said.
    pub fn open() -> Self {
        Self::with_sign_in(None)
    }

    /// The same with an identity provider of that issuer and client id.
    pub fn with_sign_in(settings: Option<(String, String)>) -> Self {
        let api = Arc::new(FakeApi::default());
        let transport: Arc<dyn Transport> = Arc::clone(&api) as _;
        Self::over(transport, "https://pay.example.com/v1", settings, api)
    }

    fn over(
        transport: Arc<dyn Transport>,
        address: &str,
        sign_in: Option<(String, String)>,
        api: Arc<FakeApi>,
    ) -> Self {
        let deps = Deps {
            identity: crate::sign_in::provider::IdentityProvider::of(sign_in, &transport),
            transport,
            public_url: PublicUrl::new(Some(address)),
            clock: Arc::new(TestClock::at(NOW)),
            entropy: Arc::new(SeededEntropy::new(7)),
        };
        Self { deps: Box::leak(Box::new(deps)), api }
    }

    /// Another console before the same API, which is asked over HTTP.
    pub fn over_the_network(&self) -> (Self, Arc<network::Watched>) {
        let (network, address) =
            (Arc::new(network::Watched::default()), network::serve(Arc::clone(&self.api)));
        let transport: Arc<dyn Transport> = Arc::clone(&network) as _;
        (Self::over(transport, &address, None, Arc::clone(&self.api)), network)
    }

    /// Says what the API answers from now on.
    ///
    /// # Panics
    /// When the document does not describe that.
    pub fn answers(&self, method: Method, path: &'static str, status: u16, body: Value) -> &Self {
        let answer = Answer::json(status, &body).unwrap();
        let judged = Operation::of(&method, path).judge(&answer);
        judged.unwrap_or_else(|error| panic!("{method} {path} does not answer {body}: {error}"));
        self.says(method, path, status, "application/json", body.to_string())
    }

    /// The same for `GET` and 200.
    pub fn shows(&self, path: &'static str, body: Value) -> &Self {
        self.answers(Method::GET, path, 200, body)
    }

    /// The same for a refusal.
    pub fn refuses(&self, method: Method, path: &'static str, status: u16, parameter: Option<&str>) -> &Self {
        let mut error = json!({"code": "invalid_parameter", "message": "expected something else", "request_id": "req-api"});
        if let Some(parameter) = parameter {
            error["parameter"] = json!(parameter);
        }
        self.answers(method, path, status, json!({"status": false, "error": error}))
    }

    /// Says what is answered, whatever the document says.
    pub fn says(
        &self,
        method: Method,
        path: &'static str,
        status: u16,
        kind: &'static str,
        text: String,
    ) -> &Self {
        self.api.canned.lock().unwrap().push(Canned { method, path, status, body: Body::Text(kind, text) });
        self
    }

    /// Says that there is no answer.
    pub fn is_silent(&self, method: Method, path: &'static str) -> &Self {
        self.api.canned.lock().unwrap().push(Canned { method, path, status: 0, body: Body::Silence });
        self
    }

    /// The requests that the console made since the last time that somebody looked.
    pub fn made(&self) -> Vec<Made> {
        std::mem::take(&mut self.api.made.lock().unwrap())
    }

    /// The same as lines: `GET /transactions?limit=50`.
    pub fn made_lines(&self) -> Vec<String> {
        self.made().iter().map(|made| format!("{} {}", made.method, made.path)).collect()
    }

    /// Looks at a page as somebody of a role.
    pub async fn get(&self, path: &str, role: Role) -> Seen {
        self.send(self.request(Method::GET, path, Some(role))).await
    }

    /// Sends a form of one of the console's own pages.
    pub async fn post(&self, path: &str, role: Role, form: &[(&str, &str)]) -> Seen {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.request(Method::POST, path, Some(role)).with_body(form);
        self.send(with_header(request, "sec-fetch-site", "same-origin")).await
    }

    /// A request, for a test to change.
    pub fn request(&self, method: Method, path: &str, role: Option<Role>) -> ApiRequest {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request =
            ApiRequest::new(method, format!("/console{path}").trim_end_matches('/')).with_query(query);
        match role {
            Some(role) => {
                with_header(request, "cookie", &format!("{ACCESS}={}", token(role, "2026-11-20T05:10:00Z")))
            }
            None => request,
        }
    }

    pub async fn send(&self, request: ApiRequest) -> Seen {
        let answer = handler::handle(self.deps, request).await;
        let answer = answer.unwrap_or_else(|problem| crate::answer::render(&problem, "req-console"));
        Seen { status: answer.status.as_u16(), headers: answer.headers, text: answer.body }
    }
}

/// The same request with another header.
pub fn with_header(mut request: ApiRequest, name: &'static str, value: &str) -> ApiRequest {
    request.headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    request
}

/// An access token as the console reads one; nobody here verifies it.
pub fn token(role: Role, until: &str) -> String {
    let scopes: Vec<&str> = role.scopes().iter().map(|scope| scope.as_str()).collect();
    let until = paywarden_domain::time::Timestamp::parse(until).unwrap().as_seconds();
    let claims = json!({
        "sub": "cli_0000000000000000000000001a", "merchant": "mer_0000000000000000000000001a", "role": role,
        "scope": scopes.join(" "), "zoneinfo": "Asia/Jakarta", "exp": until,
    });
    format!("e30.{}.c2lnbmF0dXJl", BASE64URL_NOPAD.encode(claims.to_string().as_bytes()))
}
