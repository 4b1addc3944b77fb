//! The filters of a list. They are a form that asks for an address, so the address is the view: it can be kept, sent and gone back
//! to, and a filter that changes begins at the first page again. Their names are the API's own parameters.

use askama::Template;

use super::html::Html;
use crate::asked::Asked;

/// A filter.
#[derive(Debug, Clone)]
pub struct Filter {
    name: &'static str,
    label: &'static str,
    kind: Kind,
    value: String,
    /// One that is needed now and then.
    is_rare: bool,
}

#[derive(Debug, Clone)]
enum Kind {
    Text {
        placeholder: &'static str,
    },
    /// A day or a moment, on the merchant's clocks.
    Time,
    Day,
    /// One of several; values and what they are called.
    Choice(Vec<(String, String)>),
}

impl Filter {
    fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self { name, label, kind, value: String::new(), is_rare: false }
    }

    /// The same filter behind "More filters", unless it is set.
    #[must_use]
    pub fn rare(self) -> Self {
        Self { is_rare: true, ..self }
    }

    pub fn text(name: &'static str, label: &'static str, placeholder: &'static str) -> Self {
        Self::new(name, label, Kind::Text { placeholder })
    }

    pub fn time(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Time)
    }

    pub fn day(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Day)
    }

    pub fn choice(
        name: &'static str,
        label: &'static str,
        choices: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        let choices = choices.into_iter().map(|(value, name)| (value.into(), name.into())).collect();
        Self::new(name, label, Kind::Choice(choices))
    }

    /// Those that have to hold, or not.
    pub fn flag(name: &'static str, label: &'static str) -> Self {
        Self::choice(name, label, [("true", "Yes"), ("false", "No")])
    }
}

/// The filters of one view, with what was asked for.
pub struct Filters {
    filters: Vec<Filter>,
    /// Parameters of the view that are no filters, such as its tab.
    kept: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "view/filters.html")]
struct FilterForm<'a> {
    action: &'a str,
    usual: Vec<&'a Filter>,
    rare: Vec<&'a Filter>,
    kept: &'a [(&'static str, String)],
    /// Whether anything is filtered.
    is_set: bool,
    clear: String,
}

impl Filters {
    pub fn new(asked: &Asked, mut filters: Vec<Filter>, kept: &[&'static str]) -> Self {
        for filter in &mut filters {
            filter.value = asked.text(filter.name).to_owned();
        }
        let kept = kept.iter().filter_map(|name| Some((*name, asked.get(name)?.to_owned()))).collect();
        Self { filters, kept }
    }

    pub fn is_set(&self) -> bool {
        self.filters.iter().any(|filter| !filter.value.is_empty())
    }

    /// The filters that are set, as the API takes them.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let set = self.filters.iter().filter(|filter| !filter.value.is_empty());
        set.map(|filter| (filter.name, filter.value.as_str()))
    }

    /// The query string of the view without its page.
    pub fn query(&self) -> String {
        let kept = self.kept.iter().map(|(name, value)| (*name, value.as_str()));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(kept.chain(self.pairs())).finish()
    }

    /// The form; `action` is the path of the page.
    ///
    /// # Errors
    /// When the template fails, which it does not.
    pub fn html(&self, action: &str) -> Result<Html, askama::Error> {
        let kept = self.kept.iter().map(|(name, value)| (*name, value.as_str()));
        let kept = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
        let clear = if kept.is_empty() { action.to_owned() } else { format!("{action}?{kept}") };
        let (rare, usual) = self.filters.iter().partition(|filter| filter.is_rare && filter.value.is_empty());
        Html::of(&FilterForm { action, usual, rare, kept: &self.kept, is_set: self.is_set(), clear })
    }
}
