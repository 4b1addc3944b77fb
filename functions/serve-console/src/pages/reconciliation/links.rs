//! Links from one view to another: the same page with something else filtered.

use form_urlencoded::Serializer;

use crate::visit::Visit;

/// This page with other parameters, from its first page on. One that is given as an empty text is dropped.
pub fn with(visit: &Visit<'_>, changes: &[(&str, &str)]) -> String {
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = visit.query.pairs().filter(|(name, value)| {
        !matches!(*name, "cursor" | "done") && !is_changed(name) && !value.trim().is_empty()
    });
    let set = changes.iter().copied().filter(|(_, value)| !value.is_empty());
    visit.here(&Serializer::new(String::new()).extend_pairs(kept.chain(set)).finish())
}

/// Another page with these parameters; empty ones are left out.
pub fn to(visit: &Visit<'_>, path: &str, parameters: &[(&str, &str)]) -> String {
    let set = parameters.iter().copied().filter(|(_, value)| !value.is_empty());
    let query = Serializer::new(String::new()).extend_pairs(set).finish();
    let mark = if query.is_empty() { "" } else { "?" };
    visit.link(&format!("{path}{mark}{query}"))
}
