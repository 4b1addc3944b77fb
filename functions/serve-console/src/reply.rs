//! What a page comes to.

use crate::menu::Entry;
use crate::view::html::Html;

/// An answer to a browser, before it has its headers.
pub enum Reply {
    Page(Page),
    /// To another address of this console, after something was done.
    SeeOther(String),
    /// To the address of somebody else's page.
    Leave(String),
    /// A file to keep.
    Download {
        name: String,
        text: String,
    },
}

/// A page without its frame.
#[derive(Debug, Default)]
pub struct Page {
    pub title: String,
    /// Where in the menu it is.
    pub entry: Option<Entry>,
    /// 200 when nothing else is said.
    pub status: Option<u16>,
    pub body: Html,
    /// The part of it that changes by itself, if there is one.
    pub part: Option<Html>,
}

impl Page {
    pub fn new(title: impl Into<String>, entry: Entry, body: Html) -> Self {
        Self { title: title.into(), entry: Some(entry), body, ..Self::default() }
    }

    /// The same page as an answer of another status.
    pub fn with_status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    /// The same page with a part that changes by itself.
    pub fn with_part(self, part: Html) -> Self {
        Self { part: Some(part), ..self }
    }
}

impl From<Page> for Reply {
    fn from(page: Page) -> Self {
        Self::Page(page)
    }
}
