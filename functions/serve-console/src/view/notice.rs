//! What a page has to say: that something was done, or why not.

use askama::Template;
use paywarden_api_client::Refusal;

use super::html::Html;
use super::status::Tone;

#[derive(Template)]
#[template(path = "view/notice.html")]
pub struct Notice {
    tone: Tone,
    text: String,
    /// Under which the logs have it.
    request_id: Option<String>,
}

impl Notice {
    fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into(), request_id: None }
    }

    pub fn done(text: impl Into<String>) -> Self {
        Self::new(Tone::Good, text)
    }

    pub fn hint(text: impl Into<String>) -> Self {
        Self::new(Tone::Quiet, text)
    }

    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Tone::Warning, text)
    }

    pub fn error(text: impl Into<String>) -> Self {
        Self::new(Tone::Bad, text)
    }

    /// What the API refused, in its words.
    pub fn of_refusal(refusal: &Refusal) -> Self {
        let text = match &refusal.parameter {
            Some(parameter) => format!("{parameter}: {}", refusal.message),
            None => refusal.message.clone(),
        };
        Self { request_id: Some(refusal.request_id.clone()), ..Self::error(text) }
    }

    /// That the API has no answer now.
    pub fn unavailable(request_id: &str) -> Self {
        let text = "The API has no answer now. Nothing was changed by looking; try again in a moment.";
        Self { request_id: Some(request_id.to_owned()).filter(|id| !id.is_empty()), ..Self::error(text) }
    }

    /// # Errors
    /// When the template fails, which it does not.
    pub fn html(&self) -> Result<Html, askama::Error> {
        Html::of(self)
    }

    fn role(&self) -> &'static str {
        if matches!(self.tone, Tone::Bad | Tone::Warning) { "alert" } else { "status" }
    }
}
