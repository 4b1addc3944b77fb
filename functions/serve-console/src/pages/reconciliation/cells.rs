//! Cells of the pages about reconciliation.

use askama::Template;

use crate::view::html::Html;
use crate::view::time::Moment;
use crate::visit::Visit;

#[derive(Template)]
#[template(
    source = "<time><span>{{ first }}{% if last != first %} –</span> <span>{{ last }}{% endif %}</span></time>",
    ext = "html"
)]
struct Days<'a> {
    first: &'a str,
    last: &'a str,
}

/// A business day, in one piece.
///
/// # Errors
/// When the template fails, which it does not.
pub fn day(day: &str) -> Result<Html, askama::Error> {
    days(day, day)
}

/// Business days from a first through a last.
///
/// # Errors
/// As [`day`].
pub fn days(first: &str, last: &str) -> Result<Html, askama::Error> {
    Html::of(&Days { first, last })
}

/// A moment of the API as text, on the merchant's clocks; what is none stays as it is.
pub fn moment(visit: &Visit<'_>, text: &str) -> String {
    Moment::parse(text, visit.zone(), visit.now)
        .map_or_else(|| text.to_owned(), |moment| format!("{} {}", moment.day, moment.clock))
}
