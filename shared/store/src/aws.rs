//! How AWS is reached: one HTTP client with a small trust store, credentials and region from the environment, and
//! time limits, which the SDK's defaults lack.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region};

pub use aws_config::SdkConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use data_encoding::BASE64;

/// Longest time for one operation, its retries included. API Gateway gives up after 29 seconds; nobody waits that long.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(8);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// What the names of the authorities contain that AWS endpoints chain to.
/// Source: <https://www.amazontrust.com/repository/>.
const AWS_AUTHORITIES: [&[u8]; 2] = [b"Amazon Root CA", b"Starfield Services Root Certificate Authority"];

/// The settings that all AWS clients of a process share.
///
/// Region, credentials and, for a local stage, `AWS_ENDPOINT_URL` come from the environment that Lambda sets; no
/// profile file and no metadata service is asked.
#[must_use]
pub fn config_from_environment() -> SdkConfig {
    #[expect(clippy::disallowed_methods, reason = "the SDK's own variables, read once per process")]
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let credentials = aws_config::environment::EnvironmentVariableCredentialsProvider::new();
    let region = Region::new(region.unwrap_or_else(|| "us-east-1".to_owned()));
    config(region, variable("AWS_ENDPOINT_URL"), SharedCredentialsProvider::new(credentials))
}

/// Settings for an emulator at `endpoint` with credentials that mean nothing.
#[must_use]
pub fn config_for_emulator(endpoint: &str) -> SdkConfig {
    let credentials = aws_credential_types::Credentials::new("test", "test", None, None, "emulator");
    let region = Region::from_static("us-east-1");
    config(region, Some(endpoint.to_owned()), SharedCredentialsProvider::new(credentials))
}

fn config(region: Region, endpoint: Option<String>, credentials: SharedCredentialsProvider) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(OPERATION_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .build();
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(region)
        .credentials_provider(credentials)
        .http_client(http_client())
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(timeouts)
        .sleep_impl(sleep())
        .time_source(clock());
    builder.set_endpoint_url(endpoint);
    builder.build()
}

/// Reading the system's certificate folder at every cold start costs more than everything else in it together, so
/// the few authorities that matter are compiled in.
fn http_client() -> aws_smithy_runtime_api::client::http::SharedHttpClient {
    let trusted = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter(|certificate| AWS_AUTHORITIES.iter().any(|name| contains(certificate, name)))
        .fold(TrustStore::empty(), |store, certificate| store.with_pem_certificate(pem(certificate)));
    let builder = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    match TlsContext::builder().with_trust_store(trusted).build() {
        Ok(context) => builder.tls_context(context).build_https(),
        Err(error) => {
            tracing::error!(%error, "the compiled-in trust store is not usable; taking the system's");
            builder.build_https()
        }
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn pem(der: &[u8]) -> Vec<u8> {
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    let encoded = BASE64.encode(der);
    for line in encoded.as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text.into_bytes()
}

fn sleep() -> aws_smithy_async::rt::sleep::SharedAsyncSleep {
    aws_smithy_async::rt::sleep::SharedAsyncSleep::new(aws_smithy_async::rt::sleep::TokioSleep::new())
}

fn clock() -> aws_smithy_async::time::SharedTimeSource {
    aws_smithy_async::time::SharedTimeSource::new(aws_smithy_async::time::SystemTimeSource::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trust_store_holds_the_authorities_of_aws() {
        let found: Vec<_> = webpki_root_certs::TLS_SERVER_ROOT_CERTS
            .iter()
            .filter(|certificate| AWS_AUTHORITIES.iter().any(|name| contains(certificate, name)))
            .collect();
        assert!(found.len() >= 5, "expected Amazon's four roots and Starfield's, found {}", found.len());
    }
}
