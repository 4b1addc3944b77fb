//! Which services have fees of their own.

use std::collections::BTreeSet;

use super::record::Provider;
use crate::failure::Failure;
use crate::view::cell;
use crate::view::form::{Field, Form};
use crate::view::html::Html;
use crate::visit::Visit;

/// The form that asks for the fields of more services.
///
/// # Errors
/// [`Failure`].
pub fn more(
    visit: &Visit<'_>,
    provider: &Provider,
    services: Vec<(String, String)>,
    own: &BTreeSet<String>,
) -> Result<Html, Failure> {
    let left: Vec<_> = services.into_iter().filter(|(service, _)| !own.contains(service)).collect();
    if left.is_empty() {
        return Ok(Html::default());
    }
    let form = Form::new(provider.link(visit, "/fees"), "Show their fields").searching().field(Field::boxes(
        "own",
        "Services that cost something else",
        left,
    ));
    Ok(cell::folded("Fees of single services", &form.html()?, false)?)
}
