//! Requests of API functions, the same behind a REST API, an HTTP API and `cargo lambda watch`.

use std::collections::HashMap;
use std::net::IpAddr;

use aws_lambda_events::query_map::QueryMap;
use http::{HeaderMap, Method};
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use paywarden_domain::time::Clock;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::caller::Caller;
use crate::problem::Problem;
use crate::query::Query;

/// Longest body that is read, in bytes. A hundred full records are shorter.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// Longest correlation id taken from a caller.
const MAX_CORRELATION_ID: usize = 64;

/// A request.
#[derive(Debug, Clone)]
pub struct ApiRequest {
    pub method: Method,
    /// The path in the API: the route with its parameters as they stand in the address, without what the API is mounted
    /// under.
    pub path: String,
    /// Where the API was reached, as far as the gateway knows: the host with the stage, or with the base path of a custom
    /// domain, without a slash at the end.
    pub base_url: String,
    /// The parts of the path that the route names, decoded once.
    pub path_parameters: HashMap<String, String>,
    pub query: Query,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// Who called the gateway, as the network knows them: no header of the request can say otherwise.
    pub address: Option<IpAddr>,
    /// The gateway's id of this request.
    pub request_id: String,
    /// The id that follows a payment: the caller's `x-correlation-id` if it sent a sensible one, else the request id.
    pub correlation_id: String,
    /// What the authorizer said of the caller.
    pub authorizer: HashMap<String, Value>,
}

impl ApiRequest {
    /// An empty request, for tests to fill in.
    #[must_use]
    pub fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            base_url: "https://api.example.com/v1".to_owned(),
            path_parameters: HashMap::new(),
            query: Query::default(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            address: None,
            request_id: "req-test".to_owned(),
            correlation_id: "req-test".to_owned(),
            authorizer: HashMap::new(),
        }
    }

    /// The same request from this caller.
    #[must_use]
    pub fn with_caller(self, caller: &Caller) -> Self {
        Self { authorizer: caller.to_context(), ..self }
    }

    /// The same request with this query string.
    #[must_use]
    pub fn with_query(self, query: &str) -> Self {
        Self { query: Query(form_urlencoded::parse(query.as_bytes()).into_owned().collect()), ..self }
    }

    /// The same request with this body.
    #[must_use]
    pub fn with_body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// The same request with this part of the path.
    #[must_use]
    pub fn with_path_parameter(mut self, name: &str, value: &str) -> Self {
        self.path_parameters.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Who calls.
    ///
    /// # Errors
    /// 401 when the authorizer vouched for nobody.
    pub fn caller(&self, clock: &dyn Clock) -> Result<Caller, Problem> {
        Caller::from_context(&self.authorizer, clock)
    }

    /// A part of the path that the route names.
    ///
    /// # Errors
    /// 400 when it is not there.
    pub fn path_parameter(&self, name: &str) -> Result<&str, Problem> {
        let value = self.path_parameters.get(name).map(String::as_str).filter(|value| !value.is_empty());
        value.ok_or_else(|| Problem::invalid(name, "is required in the path"))
    }

    /// The id in a part of the path that the route names.
    ///
    /// # Errors
    /// 400 when it is not there, or none of the kind that `parse` reads.
    pub fn path_id<T, E: std::fmt::Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Problem> {
        parse(self.path_parameter(name)?).map_err(|error| Problem::invalid(name, error.to_string()))
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// 413 when it is too long, 400 when it is no JSON.
    pub fn json(&self) -> Result<Value, Problem> {
        if self.body.len() > MAX_BODY_BYTES {
            return Err(Problem::too_large(MAX_BODY_BYTES));
        }
        // The parser's message says where it stopped; it quotes nothing of the body.
        serde_json::from_slice(&self.body)
            .map_err(|error| Problem::invalid("body", format!("expected JSON: {error}")))
    }
}

impl From<lambda_http::Request> for ApiRequest {
    fn from(request: lambda_http::Request) -> Self {
        let context = request.request_context_ref();
        let request_id = request_id(context, &request);
        let encoded_path = matches!(context, Some(RequestContext::ApiGatewayV1(_)));
        let parameters = request.path_parameters();
        let query = request.query_string_parameters();
        let path = path(context, request.raw_http_path(), &parameters);
        Self {
            authorizer: context.map(authorizer).unwrap_or_default(),
            address: context.and_then(address),
            base_url: context.map(|context| base_url(context, &path)).unwrap_or_default(),
            path,
            path_parameters: parameters
                .iter()
                .map(|(name, value)| (name.to_owned(), decoded_once(value, encoded_path)))
                .collect(),
            query: Query(pairs(&query)),
            correlation_id: correlation_id(request.headers()).unwrap_or_else(|| request_id.clone()),
            request_id,
            method: request.method().clone(),
            headers: request.headers().clone(),
            body: request.into_body().to_vec(),
        }
    }
}

/// The path in the API. A REST API puts the base path of a custom domain in front of the path that it hands over, so the path
/// is made of the route. A slash at the end of what was called stays: a signature can cover it.
fn path(context: Option<&RequestContext>, called: &str, parameters: &QueryMap) -> String {
    let route = match context {
        Some(RequestContext::ApiGatewayV1(context)) => context.resource_path.as_deref(),
        _ => None,
    };
    let Some(path) = route.and_then(|route| filled_in(route, parameters)) else {
        return called.to_owned();
    };
    let with_slash = format!("{path}/");
    if called.ends_with(&with_slash) { with_slash } else { path }
}

/// A route with its parameters in their places; nothing when one is not there.
fn filled_in(route: &str, parameters: &QueryMap) -> Option<String> {
    let segment = |segment: &str| {
        let Some(name) = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) else {
            return Some(segment.to_owned());
        };
        parameters.first(name.trim_end_matches('+')).map(str::to_owned)
    };
    Some(route.split('/').map(segment).collect::<Option<Vec<_>>>()?.join("/"))
}

/// Where the API was reached: what stands before `path` in the address.
fn base_url(context: &RequestContext, path: &str) -> String {
    let (host, stage, called) = match context {
        RequestContext::ApiGatewayV1(context) => {
            (context.domain_name.clone(), context.stage.clone(), context.path.as_deref())
        }
        RequestContext::ApiGatewayV2(context) => (context.domain_name.clone(), context.stage.clone(), None),
        _ => (None, None, None),
    };
    let stage = format!("/{}", stage.unwrap_or_default());
    let mount = called.and_then(|called| called.strip_suffix(path)).unwrap_or(&stage);
    format!("https://{}{mount}", host.unwrap_or_default())
}

/// Every value of every parameter: the map's own iterator gives only the first of each.
fn pairs(query: &QueryMap) -> Vec<(String, String)> {
    let mut names: Vec<&str> = query.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    let values =
        |name: &str| query.all(name).unwrap_or_default().into_iter().map(str::to_owned).collect::<Vec<_>>();
    names.iter().flat_map(|name| values(name).into_iter().map(|value| ((*name).to_owned(), value))).collect()
}

/// A REST API hands path parameters over as they stand in the address; an HTTP API has decoded them.
fn decoded_once(value: &str, encoded: bool) -> String {
    if encoded { percent_decode_str(value).decode_utf8_lossy().into_owned() } else { value.to_owned() }
}

fn request_id(context: Option<&RequestContext>, request: &lambda_http::Request) -> String {
    let gateway = match context {
        Some(RequestContext::ApiGatewayV1(context)) => context.request_id.clone(),
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    };
    let invocation = || request.lambda_context_ref().map(|context| context.request_id.clone());
    gateway.filter(|id| !id.is_empty()).or_else(invocation).unwrap_or_default()
}

fn correlation_id(headers: &HeaderMap) -> Option<String> {
    let sensible = |id: &&str| {
        (1..=MAX_CORRELATION_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    headers.get("x-correlation-id")?.to_str().ok().filter(sensible).map(str::to_owned)
}

fn address(context: &RequestContext) -> Option<IpAddr> {
    let text = match context {
        RequestContext::ApiGatewayV1(context) => context.identity.source_ip.as_deref(),
        RequestContext::ApiGatewayV2(context) => context.http.source_ip.as_deref(),
        _ => None,
    };
    text?.parse().ok()
}

/// The authorizer's context.
fn authorizer(context: &RequestContext) -> HashMap<String, Value> {
    match context {
        RequestContext::ApiGatewayV1(context) => context.authorizer.fields.clone(),
        RequestContext::ApiGatewayV2(context) => {
            context.authorizer.as_ref().map(|authorizer| authorizer.fields.clone()).unwrap_or_default()
        }
        _ => HashMap::new(),
    }
}
