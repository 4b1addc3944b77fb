//! What is granted, and the answer that says so.

use paywarden_domain::access::Scope;
use paywarden_domain::client::Client;
use paywarden_domain::session::{RefreshToken, Session};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use serde_json::{Value, json};

use crate::bearer::Bearer;
use crate::deps::Deps;

/// What somebody gets.
pub struct Grant<'a> {
    pub bearer: &'a Bearer,
    pub scopes: Vec<Scope>,
    /// The session that it is of, with the token by which that goes on.
    pub session: Option<(&'a Session, &'a RefreshToken)>,
    /// What kind of token it is, where that is told: in exchange for another one (RFC 8693, section 2.2.1).
    pub issued: Option<&'static str>,
}

impl Grant<'_> {
    /// Issues the token and notes the use of a client.
    pub async fn answer(self, deps: &Deps) -> Result<Answer, Problem> {
        let answer = Answer::ok(&self.body(deps).await?)?;
        if let Bearer::Client(client) = self.bearer {
            note_use(deps, client).await;
        }
        Ok(answer)
    }

    async fn body(&self, deps: &Deps) -> Result<Value, Problem> {
        let caller = self.caller(deps).await?;
        let token = deps.tokens.issue(&caller, &self.bearer.addresses()).await;
        let token = token.map_err(|error| Problem::unavailable().with_detail(error.to_string()))?;
        let now = deps.clock.now().as_seconds();
        let scope: Vec<&str> = self.scopes.iter().map(|scope| scope.as_str()).collect();
        let mut body = json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": caller.expires_at.as_seconds().saturating_sub(now),
            "scope": scope.join(" "),
        });
        let Value::Object(members) = &mut body else {
            return Ok(body);
        };
        members.extend(self.issued.map(|kind| ("issued_token_type".to_owned(), json!(kind))));
        if let Some((session, refresh_token)) = self.session {
            let left = session.good_until().as_seconds().saturating_sub(now);
            members.insert("refresh_token".to_owned(), json!(refresh_token.reveal()));
            members.insert("refresh_token_expires_in".to_owned(), json!(left));
        }
        Ok(body)
    }

    /// Whom the token speaks for. It outlives no session.
    async fn caller(&self, deps: &Deps) -> Result<Caller, Problem> {
        let merchant = deps.merchants.get(self.bearer.merchant_id()).await?;
        let expiry = deps.tokens.expiry();
        Ok(Caller {
            merchant_id: self.bearer.merchant_id().clone(),
            principal: self.bearer.principal(),
            role: self.bearer.role(),
            scopes: self.scopes.clone(),
            zone: merchant.zone,
            expires_at: self.session.map_or(expiry, |(session, _)| expiry.min(session.ends_at)),
        })
    }
}

/// Notes that the client is used, so seldom that a token costs no write. What cannot be noted keeps nobody from a token.
async fn note_use(deps: &Deps, client: &Client) {
    let now = deps.clock.now();
    if !client.is_use_news(now) {
        return;
    }
    if let Err(error) = deps.clients.note_use(&client.id, now).await {
        Problem::from(error).log();
    }
}
