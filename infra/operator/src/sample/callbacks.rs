//! Callbacks as the providers would send them.

use anyhow::Context;
use paywarden_api_client::{Api, Method};
use paywarden_domain::time::{Clock, Timestamp, Zone};
use paywarden_providers::Credentials;
use paywarden_providers::sign::sign;
use paywarden_store::system::SystemClock;
use serde_json::Value;

use crate::sample::SampleProvider;

/// The secret of the sample generic providers: "a sample signing secret, 32 b" in base 64.
pub const GENERIC_SECRET: &str = "whsec_YSBzYW1wbGUgc2lnbmluZyBzZWNyZXQsIDMyIGI=";

/// Sends what the provider sends. Anything but a 2xx answer is an error.
pub async fn send(api: &Api, provider: &SampleProvider, body: Value) -> anyhow::Result<()> {
    let credentials = Credentials::new(provider.credentials.clone());
    let signed = sign(provider.provider_type, &credentials, body, SystemClock.now())?;
    let mut request = api.at(Method::POST, &provider.callback_url);
    for (name, value) in &signed.headers {
        request = request.header(name.as_str(), value.to_str().context("the header is text")?);
    }
    request.body(signed.body).send().await?.accepted()?;
    Ok(())
}

/// `YYYY-MM-DD HH:mm:ss` in a zone, as Midtrans and the bureau write times.
pub fn clock_text(moment: Timestamp, zone: &str) -> anyhow::Result<String> {
    Ok(Zone::parse(zone)?.clock_text(moment))
}
