//! The front door: a stable address in front of the emulator's gateway, whose own address changes with the API.

use std::net::SocketAddr;
use std::path::PathBuf;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use paywarden_api_client::{Plain, Transport};
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;

use crate::gateway_responses::GatewayResponses;

/// The address people keep in their history, when it is free.
const USUAL_PORT: u16 = 8080;

const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// Answers from this size on are compressed for who takes it: the template's `MinimumCompressionSize`, which the emulator ignores.
const COMPRESSED_FROM_BYTES: u16 = 1024;

#[derive(Clone)]
struct Door {
    gateway: Plain,
    gateway_file: PathBuf,
    responses: GatewayResponses,
}

/// Opens the door and answers its address. A private stack never takes the usual port.
pub async fn open(gateway_file: PathBuf, private: bool) -> anyhow::Result<SocketAddr> {
    let usual = if private { None } else { TcpListener::bind(("127.0.0.1", USUAL_PORT)).await.ok() };
    let listener = match usual {
        Some(listener) => listener,
        None => TcpListener::bind("127.0.0.1:0").await?,
    };
    let address = listener.local_addr()?;
    let state = Door { gateway: Plain::default(), gateway_file, responses: GatewayResponses::read()? };
    let compression = CompressionLayer::new().compress_when(SizeAbove::new(COMPRESSED_FROM_BYTES));
    let router = Router::new().fallback(forward).with_state(state).layer(compression);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn forward(State(door): State<Door>, request: Request) -> Response {
    match try_forward(&door, request).await {
        Ok(response) => response,
        Err(error) => answer(StatusCode::BAD_GATEWAY, format!("the local gateway did not answer: {error:#}")),
    }
}

async fn try_forward(door: &Door, request: Request) -> anyhow::Result<Response> {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let Some(target) = target.strip_prefix("/v1") else {
        return Ok(answer(StatusCode::NOT_FOUND, "the API is under /v1".to_owned()));
    };
    let target = encoded_again(target);
    let gateway = tokio::fs::read_to_string(&door.gateway_file).await?;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await?;
    let mut forwarded = axum::http::Request::builder().method(parts.method).uri(format!("{gateway}{target}"));
    if let Some(headers) = forwarded.headers_mut() {
        *headers = end_to_end(&parts.headers);
    }
    let (answered, body) = door.gateway.send(forwarded.body(body)?).await?.into_parts();
    let (status, headers) = (answered.status, end_to_end(&answered.headers));
    let request_id = headers.get("x-amzn-requestid").and_then(|id| id.to_str().ok()).unwrap_or_default();
    match door.responses.find(&body, request_id) {
        Some((own, body)) => {
            let mut headers = own.headers.clone();
            headers.insert("x-request-id", request_id.parse()?);
            respond(own.status, headers, Body::from(body))
        }
        None => respond(status, headers, Body::from(body)),
    }
}

fn respond(status: StatusCode, headers: HeaderMap, body: Body) -> anyhow::Result<Response> {
    let mut response = Response::builder().status(status);
    if let Some(own) = response.headers_mut() {
        *own = headers;
    }
    Ok(response.body(body)?)
}

/// The emulator decodes a path before it looks for the route; AWS hands it to the function as it stands. Encoding the
/// path once more makes the two the same.
fn encoded_again(target: &str) -> String {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    format!("{}{query}", path.replace('%', "%25"))
}

/// Headers that are not about one connection.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    const HOP_BY_HOP: [&str; 5] = ["connection", "content-length", "host", "keep-alive", "transfer-encoding"];
    let kept = headers.iter().filter(|(name, _)| !HOP_BY_HOP.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn answer(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}
