//! The pages of webhooks, before an API that answers what each test says.

mod events;
mod list;
pub mod samples;
