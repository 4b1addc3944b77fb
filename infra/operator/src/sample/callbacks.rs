//! Callbacks as the providers would send them.

use anyhow::Context;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use paywarden_api_client::{Api, Method};
use paywarden_domain::time::{Clock, Timestamp, Zone};
use paywarden_domain::webhook::signature::SigningSecret;
use paywarden_store::system::SystemClock;
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};

use crate::sample::SampleProvider;

/// The secret of the sample generic providers: "a sample signing secret, 32 b" in base 64.
pub const GENERIC_SECRET: &str = "whsec_YSBzYW1wbGUgc2lnbmluZyBzZWNyZXQsIDMyIGI=";

/// Sends what Xendit sends: its token in a header.
pub async fn xendit(api: &Api, provider: &SampleProvider, body: &Value) -> anyhow::Result<()> {
    let token = credential(provider, "callback_token")?;
    send(api, provider, &[("x-callback-token", token.to_owned())], body.to_string()).await
}

/// Sends what Midtrans sends: its signature in the body.
pub async fn midtrans(api: &Api, provider: &SampleProvider, mut body: Value) -> anyhow::Result<()> {
    let key = credential(provider, "server_key")?;
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let signed = format!("{}{}{}{key}", text("order_id"), text("status_code"), text("gross_amount"));
    body["signature_key"] = json!(HEXLOWER.encode(&Sha512::digest(signed)));
    send(api, provider, &[], body.to_string()).await
}

/// Sends what the bureau sends: an HMAC over timestamp and body.
pub async fn bureau(api: &Api, provider: &SampleProvider, body: &Value) -> anyhow::Result<()> {
    let (timestamp, body) = (SystemClock.now().as_seconds().to_string(), body.to_string());
    let mut mac = Hmac::<Sha256>::new_from_slice(credential(provider, "signing_key")?.as_bytes())?;
    mac.update(format!("{timestamp}.{body}").as_bytes());
    let signature = HEXLOWER.encode(&mac.finalize().into_bytes());
    let headers = [("x-bureau-timestamp", timestamp), ("x-bureau-signature", signature)];
    send(api, provider, &headers, body).await
}

/// Sends our own schema, signed after Standard Webhooks.
pub async fn generic(api: &Api, provider: &SampleProvider, body: &Value) -> anyhow::Result<()> {
    let secret = SigningSecret::parse(credential(provider, "signing_secret")?)?;
    let (timestamp, body) = (SystemClock.now().as_seconds(), body.to_string());
    let id = format!("msg_{timestamp}");
    let signature = secret.sign(&id, timestamp, body.as_bytes());
    let headers =
        [("webhook-id", id), ("webhook-timestamp", timestamp.to_string()), ("webhook-signature", signature)];
    send(api, provider, &headers, body).await
}

/// Anything but a 2xx answer is an error.
async fn send(
    api: &Api,
    provider: &SampleProvider,
    headers: &[(&str, String)],
    body: String,
) -> anyhow::Result<()> {
    let request = api.at(Method::POST, &provider.callback_url).header("content-type", "application/json");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
    request.body(body).send().await?.accepted()?;
    Ok(())
}

/// `YYYY-MM-DD HH:mm:ss` in a zone, as Midtrans and the bureau write times.
pub fn clock_text(moment: Timestamp, zone: &str) -> anyhow::Result<String> {
    Ok(Zone::parse(zone)?.clock_text(moment))
}

fn credential<'a>(provider: &'a SampleProvider, key: &str) -> anyhow::Result<&'a str> {
    provider.credentials.get(key).map(String::as_str).with_context(|| format!("the provider has a {key}"))
}
