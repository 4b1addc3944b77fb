//! One attempt: a signed POST, judged by its answer.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::address::AddressPolicy;
use paywarden_domain::webhook::signing::Signer;
use paywarden_domain::webhook::{Attempt, AttemptError, AttemptOutcome, Delivery, request, url};
use paywarden_store::StoreError;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use reqwest::{Client, Response, redirect};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

use crate::resolver::{BlockedAddress, CheckedResolver, SystemLookup, UnknownHost};

/// Time for one attempt, reading the answer included.
pub const TIME_LIMIT: Duration = Duration::from_secs(15);

/// Sends deliveries.
pub struct Sender {
    client: OnceCell<Client>,
    policy: AddressPolicy,
    time_limit: Duration,
    clock: Arc<dyn Clock>,
}

/// What is known of an answer.
struct Answered {
    status: u16,
    retry_after_seconds: Option<u32>,
    excerpt: String,
}

impl Sender {
    /// A sender that connects where `policy` allows. Its client is made at the first delivery: reading the authorities that
    /// it trusts is most of a cold start.
    #[must_use]
    pub fn new(policy: AddressPolicy, time_limit: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { client: OnceCell::new(), policy, time_limit, clock }
    }

    async fn client(&self) -> Result<&Client, StoreError> {
        let made = self.client.get_or_try_init(async || client(self.policy, self.time_limit)).await;
        made.map_err(|error| StoreError::Unavailable {
            operation: "make the HTTP client",
            detail: error.to_string(),
        })
    }

    /// Makes the next attempt at a delivery.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when this process cannot connect anywhere, which is not the receiver's fault.
    pub async fn attempt(
        &self,
        address: &str,
        signer: &Signer,
        delivery: &Delivery,
    ) -> Result<Attempt, StoreError> {
        let client = self.client().await?;
        let (at, started) = (self.clock.now(), Instant::now());
        let signature = signer.sign(delivery.id.as_str(), at.as_seconds(), delivery.body.as_bytes());
        let sending = self.send(client, address, delivery, at.as_seconds(), &signature);
        let sent = tokio::time::timeout(self.time_limit, sending).await;
        let (outcome, response_excerpt) = match sent.unwrap_or(Err(AttemptError::Timeout)) {
            Ok(answered) => (judge(&answered), answered.excerpt),
            Err(error) => (
                AttemptOutcome::Failed { error, http_status: None, retry_after_seconds: None },
                String::new(),
            ),
        };
        Ok(Attempt {
            number: delivery.attempts.saturating_add(1),
            at,
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            outcome,
            signature: Some(signature),
            response_excerpt,
        })
    }

    async fn send(
        &self,
        client: &Client,
        address: &str,
        delivery: &Delivery,
        timestamp: i64,
        signature: &str,
    ) -> Result<Answered, AttemptError> {
        // A literal address never reaches the resolver; the policy may also have changed since it was accepted.
        let address = url::parse(address, self.policy).map_err(|_| AttemptError::BlockedAddress)?;
        let id = delivery.id.as_str();
        let request = client
            .post(address)
            .header(CONTENT_TYPE, request::CONTENT_TYPE)
            .header(USER_AGENT, request::USER_AGENT)
            .header(request::ID, id)
            .header(request::TIMESTAMP, timestamp.to_string())
            .header(request::SIGNATURE, signature)
            .body(delivery.body.clone());
        let response = request.send().await.map_err(|error| classify(&error))?;
        let status = response.status().as_u16();
        let retry_after_seconds = self.retry_after(&response);
        Ok(Answered { status, retry_after_seconds, excerpt: excerpt(response).await? })
    }

    /// `Retry-After`, in seconds or as a date.
    fn retry_after(&self, response: &Response) -> Option<u32> {
        let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
        if let Ok(seconds) = text.trim().parse() {
            return Some(seconds);
        }
        let date = paywarden_domain::time::Timestamp::parse_http_date(text).ok()?;
        u32::try_from(date.as_seconds().saturating_sub(self.clock.now().as_seconds())).ok()
    }
}

/// A client that follows no redirect, asks no proxy, and trusts the authorities that are compiled in.
///
/// # Errors
/// When TLS cannot be set up.
pub fn client(policy: AddressPolicy, time_limit: Duration) -> Result<Client, Box<dyn Error + Send + Sync>> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    let resolver = CheckedResolver { policy, lookup: Arc::new(SystemLookup) };
    client_asking(resolver, roots, time_limit)
}

/// A client that connects where this resolver leads, and trusts these authorities.
fn client_asking(
    resolver: CheckedResolver,
    roots: RootCertStore,
    time_limit: Duration,
) -> Result<Client, Box<dyn Error + Send + Sync>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::new(resolver))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .timeout(time_limit);
    Ok(client.build()?)
}

fn judge(answered: &Answered) -> AttemptOutcome {
    let http_status = answered.status;
    if (200..300).contains(&http_status) {
        return AttemptOutcome::Delivered { http_status };
    }
    AttemptOutcome::Failed {
        error: AttemptError::HttpStatus,
        http_status: Some(http_status),
        retry_after_seconds: answered.retry_after_seconds,
    }
}

/// Reads a bounded part of the answer and keeps its beginning.
async fn excerpt(response: Response) -> Result<String, AttemptError> {
    let mut kept = Vec::new();
    let mut read: usize = 0;
    let mut body = response.bytes_stream();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| classify(&error))?;
        read = read.saturating_add(chunk.len());
        if read > Attempt::RESPONSE_BYTES {
            return Err(AttemptError::ResponseTooLarge);
        }
        let room = Attempt::EXCERPT_BYTES.saturating_sub(kept.len());
        kept.extend(chunk.iter().take(room));
    }
    Ok(String::from_utf8_lossy(&kept).into_owned())
}

/// Sorts a failure by what a receiver's operator would look at. The client wraps its causes, so the whole chain is
/// searched.
fn classify(error: &reqwest::Error) -> AttemptError {
    if error.is_timeout() {
        return AttemptError::Timeout;
    }
    let mut next = error.source();
    while let Some(inner) = next {
        if let Some(class) = class(inner) {
            return class;
        }
        next = cause(inner);
    }
    AttemptError::ConnectionError
}

/// What one link of the chain tells by itself.
fn class(error: &(dyn Error + 'static)) -> Option<AttemptError> {
    let refused = |io: &std::io::Error| io.kind() == std::io::ErrorKind::ConnectionRefused;
    if error.is::<BlockedAddress>() {
        Some(AttemptError::BlockedAddress)
    } else if error.is::<rustls::Error>() {
        Some(AttemptError::TlsError)
    } else if error.downcast_ref().is_some_and(refused) {
        Some(AttemptError::ConnectionRefused)
    } else if error.is::<UnknownHost>() {
        Some(AttemptError::DnsError)
    } else {
        None
    }
}

/// What lies behind an error. An I/O error hides what it wraps: its `source` is one further.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests;
