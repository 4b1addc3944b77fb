//! An API and who asks it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::answer::{Answer, ClientError};
use crate::records::Page;
use crate::request::Request;
use crate::transport::Transport;

/// A token that is over sooner than this is not presented any more: the request takes time too.
const MARGIN: Duration = Duration::from_secs(30);

/// What a client signs in with.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: String,
}

/// Who asks.
#[derive(Clone)]
enum Access {
    Anonymous,
    Token(String),
    Client { credentials: Credentials, token: Arc<Mutex<Option<Token>>> },
}

#[derive(Clone)]
struct Token {
    text: String,
    good_until: Instant,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: u64,
}

/// The API, as one of its callers sees it. Clones share the token.
#[derive(Clone)]
pub struct Api {
    transport: Arc<dyn Transport>,
    url: String,
    access: Access,
}

impl Api {
    /// The API at `url`, its `/v1` included, without a token.
    #[must_use]
    pub fn anonymous(transport: Arc<dyn Transport>, url: &str) -> Self {
        Self { transport, url: url.trim_end_matches('/').to_owned(), access: Access::Anonymous }
    }

    /// The same API with a token that somebody has.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { access: Access::Token(token.to_owned()), ..self.clone() }
    }

    /// The same API as a client of it. The token is asked for now, and again whenever it is nearly over.
    ///
    /// # Errors
    /// [`ClientError`], such as a refusal of the credentials.
    pub async fn sign_in(&self, credentials: &Credentials) -> Result<Self, ClientError> {
        let access = Access::Client { credentials: credentials.clone(), token: Arc::default() };
        let signed_in = Self { access, ..self.clone() };
        signed_in.token().await?;
        Ok(signed_in)
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The token to present, if there is one.
    ///
    /// # Errors
    /// [`ClientError`] when a new one is needed and not to be had.
    pub async fn token(&self) -> Result<Option<String>, ClientError> {
        match &self.access {
            Access::Anonymous => Ok(None),
            Access::Token(token) => Ok(Some(token.clone())),
            Access::Client { credentials, token } => {
                let mut kept = token.lock().await;
                if let Some(token) = kept.as_ref().filter(|token| token.good_until > Instant::now()) {
                    return Ok(Some(token.text.clone()));
                }
                let token = self.new_token(credentials).await?;
                let text = token.text.clone();
                *kept = Some(token);
                Ok(Some(text))
            }
        }
    }

    async fn new_token(&self, credentials: &Credentials) -> Result<Token, ClientError> {
        let asked = Instant::now();
        let request =
            Request::new(Arc::clone(&self.transport), Method::POST, &format!("{}/oauth/token", self.url))
                .basic(&credentials.client_id, &credentials.client_secret)
                .header("content-type", "application/x-www-form-urlencoded")
                .body("grant_type=client_credentials");
        let answer: TokenAnswer = request.send().await?.accepted()?.json()?;
        let good_for = Duration::from_secs(answer.expires_in).saturating_sub(MARGIN);
        Ok(Token { text: answer.access_token, good_until: asked + good_for })
    }

    /// A request for a path behind the API's address, such as `/transactions`, with the caller's token.
    ///
    /// # Errors
    /// As [`Api::token`].
    pub async fn request(&self, method: Method, path: &str) -> Result<Request, ClientError> {
        let token = self.token().await?;
        let request = self.at(method, &format!("{}{path}", self.url));
        Ok(match token {
            Some(token) => request.bearer(&token),
            None => request,
        })
    }

    /// A request without a token for an address that the API gave: of callbacks, uploads and reports.
    #[must_use]
    pub fn at(&self, method: Method, address: &str) -> Request {
        Request::new(Arc::clone(&self.transport), method, address)
    }

    /// Asks; an answer of any status is an answer.
    ///
    /// # Errors
    /// [`ClientError::Transport`], or as [`Api::token`].
    pub async fn get(&self, path: &str) -> Result<Answer, ClientError> {
        self.request(Method::GET, path).await?.send().await
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// As [`Api::get`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, ClientError> {
        self.request(Method::POST, path).await?.json(body).send().await
    }

    /// Changes something.
    ///
    /// # Errors
    /// As [`Api::get`].
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Answer, ClientError> {
        self.request(Method::PATCH, path).await?.json(body).send().await
    }

    /// One page of a list: `items` is the member of the answer that holds them, such as `transactions`. `path` may have a
    /// query; the cursor of the page before is added to it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn page<T: DeserializeOwned>(
        &self,
        path: &str,
        items: &str,
        cursor: Option<&str>,
    ) -> Result<Page<T>, ClientError> {
        let answer = self.get(&behind(path, cursor)).await?.accepted()?;
        let mut body = answer.body()?;
        let (items, next_cursor) = (answer.taken(&mut body, items)?, answer.taken(&mut body, "next_cursor")?);
        Ok(Page { items, next_cursor })
    }

    /// Every item of a list, page by page.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn all<T: DeserializeOwned>(&self, path: &str, items: &str) -> Result<Vec<T>, ClientError> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.page(path, items, cursor.as_deref()).await?;
            all.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }
}

/// The path of the page behind a cursor.
fn behind(path: &str, cursor: Option<&str>) -> String {
    let Some(cursor) = cursor else {
        return path.to_owned();
    };
    let separator = if path.contains('?') { '&' } else { '?' };
    let cursor: String = form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
    format!("{path}{separator}cursor={cursor}")
}
