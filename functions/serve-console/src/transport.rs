//! Requests over the network: HTTP for a stack on this machine, TLS everywhere else.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderValue, Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use paywarden_api_client::{OverHttp, Transport, TransportError};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

/// Longest time for one answer. The gateway gives a page 29 seconds, and what is behind a slow part of it wants to be shown, too.
const TIME_LIMIT: Duration = Duration::from_secs(12);

const AGENT: HeaderValue = HeaderValue::from_static(concat!("Paywarden console/", env!("CARGO_PKG_VERSION")));

/// A client that is made when it is first needed. It follows no redirect and asks no proxy.
#[derive(Default)]
pub struct OverTheNetwork {
    http: OnceCell<OverHttp<HttpsConnector<HttpConnector>>>,
}

#[async_trait]
impl Transport for OverTheNetwork {
    async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let http = self.http.get_or_try_init(async || Ok(OverHttp::new(connector()?, TIME_LIMIT))).await;
        let http = http.map_err(|cause| TransportError { address: request.uri().to_string(), cause })?;
        request.headers_mut().insert(USER_AGENT, AGENT);
        http.send(request).await
    }
}

/// Connections that trust the authorities that are compiled in; several requests share one where the API speaks HTTP/2.
fn connector() -> Result<HttpsConnector<HttpConnector>, Box<dyn Error + Send + Sync>> {
    let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let tls = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
    Ok(tls.enable_all_versions().wrap_connector(tcp))
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// What a stranger behind `https` is greeted with, and whether he was believed.
    #[tokio::test]
    async fn https_begins_with_tls_that_offers_both_versions_of_http() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("https://{}/v1", listener.local_addr().unwrap());
        let stranger = thread::spawn(move || {
            let mut greeting = vec![0; 4096];
            let (mut connection, _) = listener.accept().unwrap();
            let length = connection.read(&mut greeting).unwrap();
            greeting.truncate(length);
            greeting
        });
        let request = Request::get(address).body(Bytes::new()).unwrap();
        OverTheNetwork::default().send(request).await.unwrap_err();
        let greeting = stranger.join().unwrap();
        assert_eq!(greeting[..3], [22, 3, 1], "a handshake (RFC 8446, section 5.1)");
        for version in ["\u{2}h2", "\u{8}http/1.1"] {
            assert!(greeting.windows(version.len()).any(|bytes| bytes == version.as_bytes()), "{version:?}");
        }
    }
}
