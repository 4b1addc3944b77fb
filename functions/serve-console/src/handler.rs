//! From a request to an answer: who is it, may it change something, which page is it for.

use http::{Method, Uri};
use paywarden_api_client::Api;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;

use crate::answer::{self, Setting};
use crate::asked::{self, Asked, LONGEST_FORM};
use crate::deps::Deps;
use crate::failure::Failure;
use crate::session::{self, Session};
use crate::sign_in;
use crate::visit::{self, Visit};
use crate::{assets, guard, routes};

/// Where the console is, as browsers know it.
pub struct Place {
    /// Scheme, host and port.
    pub origin: String,
    /// The path of the console, such as `/v1/console`.
    pub base: String,
    /// The address of the API.
    pub api: String,
}

impl Place {
    fn of(deps: &Deps, request: &ApiRequest) -> Result<Self, Problem> {
        let api = deps.public_url.of(request, "");
        let parsed: Uri = api.parse().map_err(|error| Problem::internal(format!("{api}: {error}")))?;
        let origin =
            origin_of(&parsed).ok_or_else(|| Problem::internal(format!("{api}: no scheme or host")))?;
        let base = format!("{}/console", parsed.path().trim_end_matches('/'));
        Ok(Self { origin, base, api })
    }

    pub fn is_tls(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

/// Scheme, host and port as browsers write them in `Origin`: in small letters, and no port where it is the scheme's own (RFC 6454,
/// section 6). An address that HTTP cannot write could not be asked either, so nothing here needs the tables of international names
/// that a parser of any address brings.
fn origin_of(address: &Uri) -> Option<String> {
    let scheme = address.scheme_str()?.to_ascii_lowercase();
    let host = address.host()?.to_ascii_lowercase();
    let own = if scheme == "https" { 443 } else { 80 };
    let port = address.port_u16().filter(|port| *port != own);
    Some(port.map_or_else(|| format!("{scheme}://{host}"), |port| format!("{scheme}://{host}:{port}")))
}

pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let path = visit::path_behind(&request);
    if let Some(name) = path.strip_prefix("/assets/") {
        return Ok(assets::find(name).map_or_else(
            || Problem::not_found("file").to_answer(&request.request_id),
            |asset| answer::asset(asset, name),
        ));
    }
    let place = Place::of(deps, &request)?;
    if !guard::may_change(&request.method, &request.headers, &place.origin) {
        return Setting::of_nobody(&place, &request).failure(Failure::Foreign);
    }
    if request.body.len() > LONGEST_FORM {
        return Setting::of_nobody(&place, &request).failure(Failure::TooLarge);
    }
    let api = Api::anonymous(std::sync::Arc::clone(&deps.transport), &place.api);
    if path == "/sign-in" || path == "/sign-in/start" || path == "/sign-in/callback" || path == "/sign-out" {
        return sign_in::answer(deps, &request, &place, &api, &path).await;
    }
    let session = session::find(&api, &request.headers, deps.clock.now()).await;
    match session.map_err(Failure::from) {
        Ok(Some(session)) => page(deps, &request, &place, &api, session).await,
        Ok(None) => sign_in::ask(deps, &request, &place),
        Err(failure) => Setting::of_nobody(&place, &request).failure(failure),
    }
}

/// A page for somebody who signed in.
async fn page(
    deps: &Deps,
    request: &ApiRequest,
    place: &Place,
    api: &Api,
    session: Session,
) -> Result<Answer, Problem> {
    let (form, file) = asked::form(&request.headers, &request.body).await;
    let visit = Visit {
        deps,
        who: session.who,
        api: api.with_token(&session.token),
        base: place.base.clone(),
        path: visit::path_behind(request),
        query: Asked::new(request.query.0.clone()),
        form,
        file,
        wants_part: visit::wants_part(&request.headers),
        now: deps.clock.now(),
    };
    let setting = Setting {
        base: &visit.base,
        is_tls: place.is_tls(),
        who: Some(&visit.who),
        wants_part: visit.wants_part,
        new_cookies: &session.new_cookies,
    };
    let outcome = match request.method {
        Method::POST => routes::post(&visit).await,
        _ => routes::get(&visit).await,
    };
    match outcome {
        Ok(reply) => setting.answer(reply),
        Err(Failure::SignedOut) => sign_in::ask(deps, request, place),
        Err(failure) => setting.failure(failure),
    }
}

impl<'a> Setting<'a> {
    /// For somebody who has not signed in.
    pub fn of_nobody(place: &'a Place, request: &ApiRequest) -> Self {
        Self {
            base: &place.base,
            is_tls: place.is_tls(),
            who: None,
            wants_part: visit::wants_part(&request.headers),
            new_cookies: &[],
        }
    }
}

#[cfg(test)]
mod budgets;
#[cfg(test)]
mod tests;
