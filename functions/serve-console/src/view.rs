//! What pages are put together from. Each is a template of its own that escapes what it is given; a page says which and in what
//! order.

pub mod cell;
pub mod chart;
pub mod facts;
pub mod filters;
pub mod form;
pub mod html;
pub mod json;
pub mod list;
pub mod money;
pub mod notice;
pub mod status;
pub mod table;
pub mod tabs;
pub mod time;

use paywarden_domain::vocabulary::Method;

/// What a method is called; one that is newer than this console is shown as it is.
pub fn type_name(method: &str) -> &str {
    match Method::parse(method) {
        Ok(method) => method.type_name(),
        Err(_) => method,
    }
}
