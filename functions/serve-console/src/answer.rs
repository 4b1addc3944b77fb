//! Replies and failures as answers of the function.

use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::problem::Problem;

use crate::assets::Asset;
use crate::failure::Failure;
use crate::frame;
use crate::guard;
use crate::reply::{Page, Reply};
use crate::session::Who;
use crate::view::notice::Notice;

/// What an answer is made for.
pub struct Setting<'a> {
    pub base: &'a str,
    pub is_tls: bool,
    pub who: Option<&'a Who>,
    pub wants_part: bool,
    pub new_cookies: &'a [String],
}

impl Setting<'_> {
    /// # Errors
    /// [`Problem`] when a template fails.
    pub fn answer(&self, reply: Reply) -> Result<Answer, Problem> {
        match reply {
            Reply::Page(page) => self.page(page),
            Reply::SeeOther(path) => self.redirect(&path),
            Reply::Leave(address) => self.redirect(&address),
            Reply::Download { name, text } => {
                let answer = self.plain(200, "text/csv; charset=utf-8", text)?;
                let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
                Ok(answer.with_header(CONTENT_DISPOSITION, disposition.map_err(internal)?))
            }
        }
    }

    fn page(&self, page: Page) -> Result<Answer, Problem> {
        let status = page.status.unwrap_or(200);
        let text = match (&page.part, self.wants_part) {
            (Some(part), true) => part.to_string(),
            _ => frame::around(&page, self.base, self.who).map_err(internal)?,
        };
        self.plain(status, "text/html; charset=utf-8", text)
    }

    fn redirect(&self, address: &str) -> Result<Answer, Problem> {
        let answer = self.plain(303, "text/plain; charset=utf-8", String::new())?;
        Ok(answer.with_header(LOCATION, HeaderValue::from_str(address).map_err(internal)?))
    }

    fn plain(&self, status: u16, kind: &str, body: String) -> Result<Answer, Problem> {
        let mut headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_str(kind).map_err(internal)?)]);
        guard::protect(&mut headers, self.is_tls);
        for cookie in self.new_cookies {
            headers.append(SET_COOKIE, HeaderValue::from_str(cookie).map_err(internal)?);
        }
        let status = StatusCode::from_u16(status).map_err(internal)?;
        Ok(Answer { status, headers, body, changed: None })
    }

    /// # Errors
    /// [`Problem`] when it is our own fault, or a template fails.
    pub fn failure(&self, failure: Failure) -> Result<Answer, Problem> {
        let (status, title, notice) = match failure {
            Failure::NotFound | Failure::SignedOut => {
                (404, "Not found", Notice::warning("There is nothing at this address, or it is not yours."))
            }
            Failure::Foreign => (
                403,
                "Not from here",
                Notice::error("This form was not sent by a page of this console, so nothing was done."),
            ),
            Failure::TooLarge => {
                let said =
                    "That is longer than a form may be: four megabytes with its file. Nothing was done.";
                (413, "Too long", Notice::error(said))
            }
            Failure::Forbidden(scope) => (
                403,
                "Not for you",
                Notice::warning(format!(
                    "This page needs the permission {scope}. An admin can give you a role that has it."
                )),
            ),
            Failure::Refused(refusal) => (refusal.status, "That was refused", Notice::of_refusal(&refusal)),
            Failure::Unavailable { request_id, detail } => {
                tracing::warn!(request_id, detail, "the API has no answer for a page");
                (503, "No answer now", Notice::unavailable(&request_id))
            }
            Failure::Internal(problem) => return Err(problem),
        };
        let body = notice.html().map_err(internal)?;
        self.page(Page { title: title.to_owned(), body, ..Page::default() }.with_status(status))
    }
}

/// A file that every page needs. A browser keeps it for good if it is the one it asked for.
pub fn asset(asset: &Asset, asked: &str) -> Answer {
    let keep = if asset.name == asked { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (HeaderName::from_static("cache-control"), HeaderValue::from_static(keep)),
        (HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")),
    ];
    Answer {
        status: StatusCode::OK,
        headers: HeaderMap::from_iter(headers),
        body: asset.text.to_owned(),
        changed: None,
    }
}

/// What a person sees of a problem of our own: that there is one, and under which number the log has it.
pub fn render(problem: &Problem, request_id: &str) -> Answer {
    let notice = Notice::unavailable(request_id);
    let setting = Setting { base: "", is_tls: false, who: None, wants_part: true, new_cookies: &[] };
    let body = notice.html().unwrap_or_default();
    let page = Page { title: "No answer now".to_owned(), part: Some(body), ..Page::default() };
    setting.page(page.with_status(problem.status())).unwrap_or_else(|_| problem.to_answer(request_id))
}

fn internal(error: impl std::fmt::Display) -> Problem {
    Problem::internal(error.to_string())
}
