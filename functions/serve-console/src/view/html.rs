//! Text that is HTML already: it came out of a template, which escaped what it was given.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl HtmlSafe for Html {}

impl Html {
    /// What a template comes to: the one way to make HTML.
    ///
    /// # Errors
    /// When the template fails, which none of ours does.
    pub fn of(template: &impl Template) -> Result<Self, askama::Error> {
        Ok(Self(template.render()?))
    }

    /// Several, one after the other.
    pub fn join(parts: impl IntoIterator<Item = Self>) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Html {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
