//! Signing in, with a client's credentials or as oneself, and out again. No secret is kept: it is exchanged for a session at once.

mod form;
pub mod provider;

use http::Method;
use paywarden_api_client::{Api, ClientError};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;

use crate::answer::Setting;
use crate::asked::Asked;
use crate::cookies::{self, ACCESS, SESSION, SIGN_IN};
use crate::deps::Deps;
use crate::failure::Failure;
use crate::handler::Place;
use crate::reply::{Page, Reply};
use crate::session::{self, Session};
use crate::view::notice::Notice;
use crate::visit;

use self::form::{Kept, SignInForm};
use self::provider::Begun;

/// What a session is asked for with.
const OFFLINE: &str = "offline_access";

/// Answers what is about signing in.
///
/// # Errors
/// [`Problem`] when it is our own fault.
pub async fn answer(
    deps: &Deps,
    request: &ApiRequest,
    place: &Place,
    api: &Api,
    path: &str,
) -> Result<Answer, Problem> {
    let query = Asked::new(request.query.0.clone());
    let form = Asked::of_form(&request.body);
    match (&request.method, path) {
        (&Method::POST, "/sign-in") => with_credentials(deps, request, place, api, &form).await,
        (&Method::POST, "/sign-out") => sign_out(request, place, api).await,
        (_, "/sign-in/start") => start(deps, request, place, query.text("return")).await,
        (_, "/sign-in/callback") => come_back(deps, request, place, api, &query).await,
        _ => Shown { return_to: form::inside(query.text("return")), ..Shown::default() }
            .page(deps, request, place, 200),
    }
}

/// Asks somebody to sign in who wanted something else: a page leads to signing in and back, a page's script is told, and what was
/// filled in is kept.
///
/// # Errors
/// [`Problem`] when a template fails.
pub fn ask(deps: &Deps, request: &ApiRequest, place: &Place) -> Result<Answer, Problem> {
    let path = visit::path_behind(request);
    let query = Asked::new(request.query.0.clone()).query(|_| true);
    let return_to = if query.is_empty() { path } else { format!("{path}?{query}") };
    let return_to = form::inside(&return_to);
    if request.method != Method::POST && !visit::wants_part(&request.headers) {
        let query =
            form_urlencoded::Serializer::new(String::new()).append_pair("return", &return_to).finish();
        let address = format!("{}/sign-in?{query}", place.base);
        return Setting::of_nobody(place, request).answer(Reply::SeeOther(address));
    }
    let kept = (request.method == Method::POST).then(|| Kept::of(&Asked::of_form(&request.body)));
    let notice = kept.as_ref().map(|_| {
        Notice::warning("Your session was over. Sign in, and what you had filled in is still here; secrets have to be typed again.")
    });
    Shown { return_to, kept, notice, client_id: "" }.page(deps, request, place, 401)
}

async fn with_credentials(
    deps: &Deps,
    request: &ApiRequest,
    place: &Place,
    api: &Api,
    form: &Asked,
) -> Result<Answer, Problem> {
    let (client_id, client_secret) = (form.text("client_id"), form.text("client_secret"));
    let kept = Kept::again(form);
    let return_to = form::inside(form.text("return"));
    let parameters = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", client_secret),
        ("scope", OFFLINE),
    ];
    match session::ask(api, &parameters).await.and_then(|tokens| session::begin(&tokens)) {
        Ok(session) => arrive(request, place, &session, &return_to, kept),
        Err(error) => refuse(deps, request, place, error, Shown { return_to, kept, client_id, notice: None }),
    }
}

/// Somebody has signed in: on to where they wanted to go, or to the form that they had filled in.
fn arrive(
    request: &ApiRequest,
    place: &Place,
    session: &Session,
    return_to: &str,
    kept: Option<Kept>,
) -> Result<Answer, Problem> {
    let setting = Setting {
        who: Some(&session.who),
        new_cookies: &session.new_cookies,
        ..Setting::of_nobody(place, request)
    };
    match kept {
        None => setting.answer(Reply::SeeOther(format!("{}{return_to}", place.base))),
        Some(kept) => {
            let body = kept.page(&place.base, return_to).map_err(internal)?;
            let page = Page { title: "Where you were".to_owned(), body, ..Page::default() };
            setting.answer(page.into())
        }
    }
}

fn refuse(
    deps: &Deps,
    request: &ApiRequest,
    place: &Place,
    error: ClientError,
    shown: Shown<'_>,
) -> Result<Answer, Problem> {
    let (status, notice) = match error {
        ClientError::Refused(refusal) if refusal.status < 429 => {
            tracing::info!(code = refusal.code, client_id = shown.client_id, "somebody could not sign in");
            let said = match refusal.code.as_str() {
                "invalid_client" | "invalid_request" => "No client has this id and secret.".to_owned(),
                _ => refusal.message,
            };
            (401, Notice::error(said))
        }
        error => match Failure::from(error) {
            Failure::Unavailable { request_id, .. } => (503, Notice::unavailable(&request_id)),
            failure => return Setting::of_nobody(place, request).failure(failure),
        },
    };
    Shown { notice: Some(notice), ..shown }.page(deps, request, place, status)
}

/// What the page has to show beside the two ways to sign in.
#[derive(Default)]
struct Shown<'a> {
    return_to: String,
    kept: Option<Kept>,
    client_id: &'a str,
    notice: Option<Notice>,
}

impl Shown<'_> {
    fn page(self, deps: &Deps, request: &ApiRequest, place: &Place, status: u16) -> Result<Answer, Problem> {
        let form = SignInForm {
            base: &place.base,
            return_to: &self.return_to,
            client_id: self.client_id,
            kept: self.kept.as_ref().map(|kept| kept.fields()).unwrap_or_default(),
            notice: self.notice.map(|notice| notice.html()).transpose().map_err(internal)?,
            provider: deps.identity.is_some(),
        };
        let page =
            Page { title: "Sign in".to_owned(), body: form.html().map_err(internal)?, ..Page::default() };
        Setting::of_nobody(place, request).answer(page.with_status(status).into())
    }
}

async fn start(deps: &Deps, request: &ApiRequest, place: &Place, return_to: &str) -> Result<Answer, Problem> {
    let setting = Setting::of_nobody(place, request);
    let Some(provider) = &deps.identity else {
        return setting.failure(Failure::NotFound);
    };
    let begun = Begun::new(deps.entropy.as_ref(), &form::inside(return_to));
    match provider.address(&begun, &redirect_uri(place)).await {
        Ok(address) => {
            let new_cookies = [cookies::set(SIGN_IN, &begun.to_cookie(), provider::SECONDS_TO_SIGN_IN)];
            Setting { new_cookies: &new_cookies, ..setting }.answer(Reply::Leave(address))
        }
        Err(error) => setting.failure(error.into()),
    }
}

async fn come_back(
    deps: &Deps,
    request: &ApiRequest,
    place: &Place,
    api: &Api,
    query: &Asked,
) -> Result<Answer, Problem> {
    let begun = cookies::find(&request.headers, SIGN_IN).and_then(Begun::of_cookie);
    let shown = Shown::default();
    let (Some(provider), Some(begun)) = (&deps.identity, begun) else {
        let notice =
            Notice::error("This sign-in was begun in another browser, or too long ago. Please begin again.");
        return Shown { notice: Some(notice), ..shown }.page(deps, request, place, 400);
    };
    let Some(code) = begun.code(query, provider) else {
        let said = query
            .get("error_description")
            .or(query.get("error"))
            .unwrap_or("The answer was not for this sign-in.");
        let notice = Notice::error(format!("You were not signed in. {said}"));
        return Shown { notice: Some(notice), ..shown }.page(deps, request, place, 400);
    };
    let token = match provider.redeem(&begun, code, &redirect_uri(place)).await {
        Ok(token) => token,
        Err(error) => return refuse(deps, request, place, error, shown),
    };
    let parameters = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ("subject_token", token.as_str()),
        ("nonce", begun.nonce.as_str()),
        ("scope", OFFLINE),
    ];
    match session::ask(api, &parameters).await.and_then(|tokens| session::begin(&tokens)) {
        Ok(mut session) => {
            session.new_cookies.push(cookies::forget(SIGN_IN));
            arrive(request, place, &session, &begun.return_to, None)
        }
        // What the exchange says is for the person: who their provider takes them for has no role here.
        Err(ClientError::Refused(refusal)) if refusal.code == "invalid_request" => {
            let notice = Notice::error(format!("You were not signed in: {}.", refusal.message));
            Shown { notice: Some(notice), ..shown }.page(deps, request, place, 403)
        }
        Err(error) => refuse(deps, request, place, error, shown),
    }
}

async fn sign_out(request: &ApiRequest, place: &Place, api: &Api) -> Result<Answer, Problem> {
    if let Some(token) = cookies::find(&request.headers, SESSION) {
        let form = form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
        let revoke = api.at(Method::POST, &format!("{}/oauth/revoke", place.api));
        let revoke = revoke.header("content-type", "application/x-www-form-urlencoded").body(form);
        // Whoever signs out is out, also when the session's own end cannot be written down: it ends by itself.
        if let Err(error) = revoke.send().await {
            tracing::warn!(error = %error, "a session could not be revoked");
        }
    }
    let new_cookies = [cookies::forget(ACCESS), cookies::forget(SESSION)];
    let setting = Setting { new_cookies: &new_cookies, ..Setting::of_nobody(place, request) };
    setting.answer(Reply::SeeOther(format!("{}/sign-in", place.base)))
}

fn redirect_uri(place: &Place) -> String {
    format!("{}/console/sign-in/callback", place.api)
}

fn internal(error: impl std::fmt::Display) -> Problem {
    Problem::internal(error.to_string())
}
