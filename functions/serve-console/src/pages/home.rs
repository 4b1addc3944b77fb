//! `/`: what waits for somebody, by what they may do about it. Each part leads to its list.

use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::html::Html;
use crate::visit::Visit;

pub async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let _ = visit;
    Ok(Page::new("Home", Entry::Home, Html::default()).into())
}
