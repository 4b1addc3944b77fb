//! A request of somebody who signed in, as pages see it.

use http::HeaderMap;
use paywarden_api_client::{Answer, Api, ClientError, Method};
use paywarden_domain::access::Scope;
use paywarden_domain::entropy::{Entropy, random_bytes};
use paywarden_domain::time::{Timestamp, Zone};
use paywarden_lambda_kit::request::ApiRequest;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use crate::asked::{Asked, File};
use crate::deps::Deps;
use crate::failure::Failure;
use crate::session::Who;

/// Everything in a part of a path but what RFC 3986 leaves as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub struct Visit<'a> {
    pub deps: &'a Deps,
    pub who: Who,
    /// The API as this person sees it.
    pub api: Api,
    /// The path of the console, such as `/v1/console`.
    pub base: String,
    /// What stands behind it in the address, such as `/transactions`.
    pub path: String,
    pub query: Asked,
    /// The fields of the form that was sent, of a `POST`.
    pub form: Asked,
    /// The file that came with it.
    pub file: Option<File>,
    /// A request for the part of a page that changes by itself, and not for the page.
    pub wants_part: bool,
    pub now: Timestamp,
}

impl Visit<'_> {
    pub fn zone(&self) -> &Zone {
        &self.who.zone
    }

    /// Whether the API lets this person do something; what it does not, is not shown.
    pub fn may(&self, scope: Scope) -> bool {
        self.who.scopes.contains(&scope)
    }

    /// # Errors
    /// [`Failure::Forbidden`]: the page is not for this person.
    pub fn require(&self, scope: Scope) -> Result<(), Failure> {
        if self.may(scope) { Ok(()) } else { Err(Failure::Forbidden(scope)) }
    }

    /// The address of another page.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The address of this page with other parameters.
    pub fn here(&self, query: &str) -> String {
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{}{mark}{query}", self.base, self.path)
    }

    /// Asks the API; what it refuses is an error.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn get(&self, path: &str) -> Result<Answer, ClientError> {
        self.api.get(path).await?.accepted()
    }

    /// Creates or changes something by the API. `key` is that of the form, so that a form that is sent twice does it once.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, ClientError> {
        let request = self.api.request(Method::POST, path).await?.json(body);
        let request = match self.form.get(FORM_KEY) {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        };
        request.send().await?.accepted()
    }

    /// Changes something that was seen in a version.
    ///
    /// # Errors
    /// [`ClientError`]; 412 when it is another version by now.
    pub async fn patch(&self, path: &str, version: &str, body: &Value) -> Result<Answer, ClientError> {
        let request = self.api.request(Method::PATCH, path).await?;
        request.header("if-match", format!("\"{version}\"")).json(body).send().await?.accepted()
    }

    /// # Errors
    /// [`ClientError`].
    pub async fn delete(&self, path: &str) -> Result<Answer, ClientError> {
        self.api.request(Method::DELETE, path).await?.send().await?.accepted()
    }

    /// A key for a form that creates something.
    pub fn new_key(&self) -> String {
        let entropy: &dyn Entropy = self.deps.entropy.as_ref();
        data_encoding::HEXLOWER.encode(&random_bytes::<16>(entropy))
    }
}

/// The field of a form that creates something, with the key under which it does so.
pub const FORM_KEY: &str = "idempotency_key";

/// Whether a request is the page's own script asking for what changed.
pub fn wants_part(headers: &HeaderMap) -> bool {
    headers.contains_key("x-console-part")
}

/// A text as a part of a path. What every client takes for a step within the path, encoded or not, becomes something that nothing is
/// called.
pub fn segment(text: &str) -> String {
    match text {
        "." | ".." => "-".to_owned(),
        _ => utf8_percent_encode(text, SEGMENT).to_string(),
    }
}

/// The path behind the console's own, decoded once, without a slash at its end: `/` is the console itself.
pub fn path_behind(request: &ApiRequest) -> String {
    let path = request.path.strip_prefix("/console").unwrap_or(&request.path);
    let path = percent_decode_str(path.trim_matches('/')).decode_utf8_lossy();
    format!("/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_one_part_of_its_path() {
        for (text, part) in
            [("INV/1", "INV%2F1"), ("a b?c#d%", "a%20b%3Fc%23d%25"), ("..", "-"), (".", "-"), ("...", "...")]
        {
            assert_eq!(segment(text), part);
        }
    }
}
