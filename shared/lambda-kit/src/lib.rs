#![doc = include_str!("../README.md")]

pub mod answer;
pub mod batch;
pub mod caller;
pub mod csv;
pub mod cursor;
pub mod door;
pub mod entity_tag;
pub mod form;
pub mod logging;
pub mod problem;
pub mod public_url;
pub mod query;
pub mod request;
pub mod stream;
mod time_left;
pub mod token;
pub mod worker;

/// What a process is wired with lives as long as the process does: made once, and never given back.
fn for_ever<T>(deps: T) -> &'static T {
    Box::leak(Box::new(deps))
}
