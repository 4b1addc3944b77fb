//! Tabs, each a link.

use askama::Template;

use super::html::Html;

pub struct Tab {
    pub name: String,
    pub href: String,
    pub is_current: bool,
    /// How many are behind it, if that is known.
    pub count: Option<u64>,
}

#[derive(Template)]
#[template(path = "view/tabs.html")]
struct Tabs<'a> {
    label: &'a str,
    tabs: &'a [Tab],
}

/// # Errors
/// When the template fails, which it does not.
pub fn tabs(label: &str, tabs: &[Tab]) -> Result<Html, askama::Error> {
    Html::of(&Tabs { label, tabs })
}
