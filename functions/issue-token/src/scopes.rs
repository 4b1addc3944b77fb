//! What is asked for in `scope`.

use paywarden_domain::access::Scope;
use paywarden_lambda_kit::form::Form;

/// Among the scopes that are asked for, the word for a refresh token (OpenID Connect Core, section 11).
const OFFLINE_ACCESS: &str = "offline_access";

/// Scopes, not known to be any.
pub struct Asked {
    /// The scopes' words, if any are asked for.
    pub scopes: Option<String>,
    /// Whether whoever asks wants to go on without signing in again.
    pub goes_on: bool,
}

impl Asked {
    /// What a form asks for.
    pub fn of(form: &Form) -> Self {
        let words = form.get("scope").unwrap_or_default().split_whitespace();
        let (goes_on, scopes): (Vec<&str>, Vec<&str>) = words.partition(|word| *word == OFFLINE_ACCESS);
        let scopes = Some(scopes.join(" ")).filter(|scopes| !scopes.is_empty());
        Self { scopes, goes_on: !goes_on.is_empty() }
    }
}

/// All that is allowed, or what is asked for (scopes separated by spaces) if all of that is allowed. Nothing else.
pub fn granted(allowed: &[Scope], asked: Option<&str>) -> Option<Vec<Scope>> {
    let Some(asked) = asked.filter(|scopes| !scopes.trim().is_empty()) else {
        return Some(allowed.to_vec());
    };
    let scopes: Vec<Scope> = asked.split_whitespace().map(Scope::parse).collect::<Result<_, _>>().ok()?;
    scopes.iter().all(|scope| allowed.contains(scope)).then_some(scopes)
}
