//! The body: what is to be tried.

use lambda_http::http::{HeaderMap, HeaderName, HeaderValue};
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::transaction::reference::MAX_REFERENCE_CHARACTERS;
use paywarden_providers::sign::SignedCallback;
use serde_json::Value;

/// The reference of a sample that nobody gave one.
const REFERENCE: &str = "PAYWARDEN-TEST";

/// Longest body of a callback that is tried, in characters, as of one that comes in.
const BODY_CHARACTERS: usize = 64 * 1024;

/// Longest value of a header, in characters.
const HEADER_CHARACTERS: usize = 4096;

/// What is to be tried.
pub enum Wish {
    /// A callback as the provider sent it.
    Callback(SignedCallback),
    /// One of our own, of a payment under this reference.
    Sample { reference: String },
}

/// Reads the body.
pub fn read(body: &Value) -> Result<Wish, InvalidField> {
    let fields = Fields::of(body)?;
    let reference = fields.text("reference", MAX_REFERENCE_CHARACTERS)?;
    let callback = fields.nested("callback")?.map(|callback| read_callback(&callback)).transpose()?;
    fields.finish()?;
    match (callback, reference) {
        (Some(_), Some(_)) => Err(fields.refused("reference", "expected without callback, whose own it has")),
        (Some(callback), None) => Ok(Wish::Callback(callback)),
        (None, reference) => {
            Ok(Wish::Sample { reference: reference.unwrap_or_else(|| REFERENCE.to_owned()) })
        }
    }
}

fn read_callback(fields: &Fields<'_>) -> Result<SignedCallback, InvalidField> {
    let body = fields.text("body", BODY_CHARACTERS)?;
    let callback = SignedCallback {
        headers: fields.nested("headers")?.map_or_else(|| Ok(HeaderMap::new()), |fields| headers(&fields))?,
        path_token: fields.text("path_token", HEADER_CHARACTERS)?,
        body: body.ok_or_else(|| fields.refused("body", "is required"))?,
    };
    fields.finish()?;
    Ok(callback)
}

fn headers(fields: &Fields<'_>) -> Result<HeaderMap, InvalidField> {
    let header = |name: &str| {
        let value = fields.text(name, HEADER_CHARACTERS)?.unwrap_or_default();
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| fields.refused(name, "is no header's name"))?;
        let value = HeaderValue::from_str(&value);
        let value = value.map_err(|_| fields.refused(name.as_str(), "expected visible ASCII characters"))?;
        Ok((name, value))
    };
    fields.names().map(header).collect()
}
