//! Names and what stands behind them.

use askama::Template;

use super::html::Html;

#[derive(Template)]
#[template(path = "view/facts.html")]
struct Facts<'a> {
    facts: &'a [(&'a str, Html)],
}

/// A list of names and values. Those without a value are left out.
///
/// # Errors
/// When the template fails, which it does not.
pub fn facts(facts: &[(&str, Html)]) -> Result<Html, askama::Error> {
    Html::of(&Facts { facts })
}
