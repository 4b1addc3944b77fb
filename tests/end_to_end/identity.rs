//! A browser and a relying party in one: how a person comes by an ID token (OpenID Connect Core, section 3.1, with PKCE, RFC 7636).

use data_encoding::BASE64URL_NOPAD;
use paywarden_api_client::Method;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::stack::{Answer, IdentityProvider, at, send, unique};

const FORM: &str = "application/x-www-form-urlencoded";

/// A sign-in that has begun, as the relying party remembers it.
pub struct SignIn<'a> {
    provider: &'a IdentityProvider,
    /// What the provider says of itself.
    described: Value,
    state: String,
    pub nonce: String,
    /// The secret of this sign-in, which the provider knows by its hash.
    verifier: String,
}

impl<'a> SignIn<'a> {
    pub async fn begin(provider: &'a IdentityProvider) -> Self {
        let address = format!("{}/.well-known/openid-configuration", provider.issuer);
        let described = send(at(Method::GET, &address)).await.expect(200);
        assert_eq!(described["issuer"], provider.issuer.as_str());
        let verifier = unique("a-verifier-has-to-be-of-forty-three-characters");
        Self { provider, described, state: unique("state"), nonce: unique("nonce"), verifier }
    }

    /// Where the browser is sent.
    pub fn address(&self) -> String {
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(self.verifier.as_bytes()));
        let parameters = form(&[
            ("client_id", &self.provider.client_id),
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("redirect_uri", &self.provider.redirect_uri),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        format!("{}?{parameters}", self.endpoint("authorization_endpoint"))
    }

    /// The code that the browser brought back, if it belongs to this sign-in.
    pub fn code(&self, returned: &str) -> String {
        let query = returned.strip_prefix(&self.provider.redirect_uri).expect("the browser comes back");
        let parameters: Vec<(String, String)> =
            form_urlencoded::parse(query.trim_start_matches('?').as_bytes()).into_owned().collect();
        let find = |name: &str| parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value);
        assert_eq!(find("state"), Some(&self.state), "{returned}");
        assert_eq!(find("iss"), Some(&self.provider.issuer), "{returned}");
        find("code").unwrap_or_else(|| panic!("no code: {returned}")).clone()
    }

    /// What the provider gives for a code, with the verifier of this sign-in or another one.
    pub async fn redeem(&self, code: &str, verifier: Option<&str>) -> Answer {
        let body = form(&[
            ("grant_type", "authorization_code"),
            ("client_id", &self.provider.client_id),
            ("redirect_uri", &self.provider.redirect_uri),
            ("code", code),
            ("code_verifier", verifier.unwrap_or(&self.verifier)),
        ]);
        let request = at(Method::POST, &self.endpoint("token_endpoint")).header("content-type", FORM);
        send(request.body(body)).await
    }

    fn endpoint(&self, name: &str) -> String {
        self.described[name].as_str().expect("the provider has it").to_owned()
    }
}

/// An ID token for whoever signs in with `login`, and its nonce.
pub async fn id_token(provider: &IdentityProvider, login: &str) -> (String, String) {
    let sign_in = SignIn::begin(provider).await;
    let returned = Browser::default().sign_in(&sign_in.address(), login).await;
    let given = sign_in.redeem(&sign_in.code(&returned), None).await.expect(200);
    (given["id_token"].as_str().expect("an ID token").to_owned(), sign_in.nonce)
}

pub fn form(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// A browser that knows one site: it keeps its cookies, follows its redirects and fills in its forms.
#[derive(Default)]
pub struct Browser {
    cookies: Vec<Cookie>,
}

struct Cookie {
    name: String,
    value: String,
    path: String,
}

impl Browser {
    /// Signs in at the provider and agrees to what it asks; answers the address behind it that the browser is sent to.
    pub async fn sign_in(&mut self, address: &str, login: &str) -> String {
        let mut arrived = self.open(Method::GET, address, String::new()).await;
        for _ in 0..4 {
            let page = match arrived {
                Arrived::Elsewhere(address) => return address,
                Arrived::Page(page) => page,
            };
            let action = between(&page, "action=\"", "\"").expect("a form");
            let prompt = between(&page, "name=\"prompt\" value=\"", "\"").expect("a prompt");
            let filled = match prompt {
                "login" => form(&[("prompt", prompt), ("login", login), ("password", "any")]),
                _ => form(&[("prompt", prompt)]),
            };
            arrived = self.open(Method::POST, action, filled).await;
        }
        panic!("the provider goes on asking")
    }

    async fn open(&mut self, method: Method, address: &str, body: String) -> Arrived {
        let site = origin(address).to_owned();
        let mut answer = self.ask(method, address, body).await;
        for _ in 0..10 {
            let Some(location) = answer.headers.get("location") else {
                assert_eq!(answer.status, 200, "{}", answer.text);
                return Arrived::Page(answer.text.clone());
            };
            let location = location.to_str().expect("an address").to_owned();
            let next = if location.starts_with('/') { format!("{site}{location}") } else { location };
            if origin(&next) != site {
                return Arrived::Elsewhere(next);
            }
            answer = self.ask(Method::GET, &next, String::new()).await;
        }
        panic!("redirected without end")
    }

    async fn ask(&mut self, method: Method, address: &str, body: String) -> Answer {
        let path = address.strip_prefix(origin(address)).unwrap_or_default();
        let cookies = self.cookies.iter().filter(|cookie| path.starts_with(&cookie.path));
        let cookies: Vec<String> =
            cookies.map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        let request = at(method, address).header("cookie", cookies.join("; ")).header("content-type", FORM);
        let answer = send(request.body(body)).await;
        for set in answer.headers.get_all("set-cookie") {
            self.keep(set.to_str().expect("a cookie is text"));
        }
        answer
    }

    /// Keeps what a site sets, in the place of what it set before; a cookie that has ended has no value.
    fn keep(&mut self, set: &str) {
        let (pair, attributes) = set.split_once(';').unwrap_or((set, ""));
        let (name, value) = pair.split_once('=').expect("a cookie has a name");
        let path = attributes.split(';').find_map(|attribute| attribute.trim().strip_prefix("path="));
        let path = path.unwrap_or("/").to_owned();
        self.cookies.retain(|cookie| cookie.name != name || cookie.path != path);
        if !value.is_empty() {
            self.cookies.push(Cookie { name: name.to_owned(), value: value.to_owned(), path });
        }
    }
}

/// Where a browser stands at the end of its redirects.
enum Arrived {
    Page(String),
    Elsewhere(String),
}

/// `http://host:port` of an address.
fn origin(address: &str) -> &str {
    let host = address.find("://").map_or(0, |scheme| scheme + 3);
    let end = address[host..].find('/').map_or(address.len(), |path| host + path);
    &address[..end]
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}
