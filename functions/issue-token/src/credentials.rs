//! How a client says who it is (RFC 6749, section 2.3.1): by HTTP Basic, or by members of the form, and by one of them
//! only.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use lambda_http::http::HeaderMap;
use lambda_http::http::header::{AUTHORIZATION, HeaderValue};
use paywarden_lambda_kit::form::Form;

use crate::refusal::Refusal;

/// A client's id and secret as they were presented, not known to be right.
#[derive(Debug, PartialEq, Eq)]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: String,
}

/// Reads them from wherever they are. A client that presents two of them is refused: whoever checks one of them would
/// answer a question that was asked about the other.
pub fn read(headers: &HeaderMap, form: &Form) -> Result<Credentials, Refusal> {
    let mut headers = headers.get_all(AUTHORIZATION).iter();
    match (headers.next(), headers.next()) {
        (None, _) => in_form(form).ok_or(Refusal::InvalidClient),
        (Some(header), None) => in_header(header, form),
        (Some(_), Some(_)) => Err(Refusal::InvalidRequest("expected one Authorization header")),
    }
}

/// The same where a client need not say who it is: nothing when it presents no secret at all.
pub fn read_any(headers: &HeaderMap, form: &Form) -> Result<Option<Credentials>, Refusal> {
    if !headers.contains_key(AUTHORIZATION) && form.get("client_secret").is_none() {
        return Ok(None);
    }
    read(headers, form).map(Some)
}

fn in_form(form: &Form) -> Option<Credentials> {
    let member = |name: &str| form.get(name).map(str::to_owned);
    Some(Credentials { client_id: member("client_id")?, client_secret: member("client_secret")? })
}

/// Beside the header the form may repeat the client's id, and nothing else of it.
fn in_header(header: &HeaderValue, form: &Form) -> Result<Credentials, Refusal> {
    if form.get("client_secret").is_some() {
        let expected = "expected the client's secret in the Authorization header or in the form, not in both";
        return Err(Refusal::InvalidRequest(expected));
    }
    let credentials = basic(header).ok_or(Refusal::InvalidClient)?;
    match form.get("client_id") {
        Some(id) if id != credentials.client_id => {
            Err(Refusal::InvalidRequest("expected the client_id that is in the Authorization header"))
        }
        _ => Ok(credentials),
    }
}

/// HTTP Basic with both parts in the form encoding, so that they may hold a colon.
fn basic(header: &HeaderValue) -> Option<Credentials> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some(Credentials { client_id: form_decoded(id)?, client_secret: form_decoded(secret)? })
}

/// One value out of the form encoding: `+` is a space, `%41` an A. It is no list of parameters, so `=` and `&` are part
/// of it; nothing is cut off. None where an escape has no two hexadecimal digits, or what comes out is no text.
fn form_decoded(value: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                HEXLOWER_PERMISSIVE.decode(&digits).ok()?.first().copied()?
            }
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests;
