//! JSON, folded, for those who want to see what is really there.

use askama::Template;
use serde_json::Value;

use super::html::Html;

#[derive(Template)]
#[template(path = "view/json.html")]
struct Json<'a> {
    summary: &'a str,
    text: String,
}

/// A value behind a summary, with a button that copies it.
///
/// # Errors
/// When the template fails, which it does not.
pub fn folded(summary: &str, value: &Value) -> Result<Html, askama::Error> {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    Html::of(&Json { summary, text })
}

/// A text, such as a command to paste, in the same way.
///
/// # Errors
/// As [`folded`].
pub fn folded_text(summary: &str, text: &str) -> Result<Html, askama::Error> {
    Html::of(&Json { summary, text: text.to_owned() })
}
