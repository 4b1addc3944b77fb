//! How many payments of a tab there are of each status; each number leads to its list.

use paywarden_api_client::ClientError;
use serde::Deserialize;

use super::tab::Shown;
use crate::failure::Failure;
use crate::view::html::Html;
use crate::view::list;
use crate::view::tabs::{Tab, tabs};
use crate::visit::Visit;

/// How many there are by status, of one tab.
#[derive(Deserialize, Default)]
pub struct Counts {
    counts: Vec<Count>,
    total: u64,
    created_at_start_date: String,
    created_at_end_date: String,
}

#[derive(Deserialize)]
struct Count {
    status: String,
    count: u64,
}

pub async fn read(visit: &Visit<'_>, tab: Shown) -> Result<Counts, ClientError> {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(tab.pairs()).finish();
    let mark = if query.is_empty() { "" } else { "?" };
    visit.get(&format!("/transactions/counts{mark}{query}")).await?.json()
}

/// How many there are of each status, since the beginning of the month; each leads to its list.
pub fn part(visit: &Visit<'_>, counts: Result<Counts, ClientError>) -> Result<Html, Failure> {
    list::part(counts, |counts| {
        let current = visit.query.get("status");
        let kept = visit.query.query(|name| name == "tab");
        let tab_of = |count: &Count| Tab {
            name: count.status.clone(),
            href: visit.here(&format!(
                "{kept}{}status={}&created_at_start_date={}&created_at_end_date={}",
                if kept.is_empty() { "" } else { "&" },
                count.status,
                counts.created_at_start_date,
                counts.created_at_end_date,
            )),
            is_current: current == Some(count.status.as_str()),
            count: Some(count.count),
        };
        let all = Tab {
            name: "This month".to_owned(),
            href: visit.here(&kept),
            is_current: current.is_none(),
            count: Some(counts.total),
        };
        let shown: Vec<Tab> = std::iter::once(all).chain(counts.counts.iter().map(tab_of)).collect();
        Ok(tabs("Status, of what was created this month", &shown)?)
    })
}
