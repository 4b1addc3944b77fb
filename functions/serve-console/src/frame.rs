//! What stands around every page: its head, the menu, who signed in.

use askama::Template;
use paywarden_domain::access::Scope;

use crate::assets::{ICON, SCRIPT, STYLE};
use crate::menu::{Entry, GROUPS, Group};
use crate::reply::Page;
use crate::session::Who;
use crate::view::html::Html;

#[derive(Template)]
#[template(path = "frame.html")]
struct Frame<'a> {
    title: &'a str,
    base: &'a str,
    style: &'a str,
    script: &'a str,
    icon: &'a str,
    groups: &'static [Group],
    current: Option<Entry>,
    who: Option<&'a Who>,
    body: &'a Html,
}

impl Frame<'_> {
    fn scopes(&self) -> &[Scope] {
        self.who.map_or(&[], |who| &who.scopes)
    }

    fn is_shown(&self, group: &Group) -> bool {
        group.entries.iter().any(|entry| entry.is_for(self.scopes()))
    }

    fn is_current(&self, entry: &Entry) -> bool {
        self.current == Some(*entry)
    }
}

/// The page in its frame.
///
/// # Errors
/// When a template fails, which none does.
pub fn around(page: &Page, base: &str, who: Option<&Who>) -> Result<String, askama::Error> {
    let frame = Frame {
        title: &page.title,
        base,
        style: &STYLE.name,
        script: &SCRIPT.name,
        icon: &ICON.name,
        groups: GROUPS,
        current: page.entry,
        who,
        body: &page.body,
    };
    frame.render()
}
