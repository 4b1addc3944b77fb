//! The pages of webhooks, before an API that answers what each test says.

mod adding;
mod changing;
mod endpoint;
mod events;
mod list;
mod replay;
pub mod samples;

use samples::ENDPOINT;

fn at(rest: &str) -> String {
    format!("/developers/webhooks/{ENDPOINT}{rest}")
}
