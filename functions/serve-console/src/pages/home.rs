//! `/`: what waits for somebody, by what they may do about it. Each part leads to its list, and one that fails leaves the others.

use askama::Template;
use futures::future::{self, BoxFuture};
use paywarden_api_client::{ClientError, Page as Listed};
use paywarden_domain::access::Scope;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::webhooks::health;
use crate::pages::webhooks::record::{self, Endpoint};
use crate::reply::{Page, Reply};
use crate::view::html::Html;
use crate::view::{cell, list, type_name};
use crate::visit::{Visit, segment};

/// How many of each are shown.
const SHOWN: usize = 5;

/// One matter.
struct Card {
    title: &'static str,
    /// Where all of it is.
    href: String,
    body: Html,
}

#[derive(Template)]
#[template(path = "cards.html")]
struct Cards {
    cards: Vec<Card>,
}

/// Some of a matter, and whether there is more.
#[derive(Template)]
#[template(path = "card.html")]
struct Matter {
    number: String,
    lines: Vec<Html>,
    empty: &'static str,
}

#[derive(Deserialize)]
struct Transaction {
    id: String,
    transaction_reference: String,
    method: String,
    status: String,
    created_at: String,
}

#[derive(Deserialize)]
struct Provider {
    id: String,
    name: String,
    status: String,
    status_reason: String,
}

#[derive(Deserialize)]
struct Exception {
    outcome: String,
    detail: String,
    run_id: String,
}

#[derive(Deserialize)]
struct Callback {
    provider_name: String,
    log: Logged,
}

#[derive(Deserialize)]
struct Logged {
    summary: String,
    at: String,
}

pub async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let made: [(Scope, BoxFuture<'_, Result<Card, Failure>>); 6] = [
        (Scope::TransactionsRead, Box::pin(stuck(visit))),
        (Scope::TransactionsRead, Box::pin(held(visit))),
        (Scope::ProvidersRead, Box::pin(providers(visit))),
        (Scope::ReconciliationRead, Box::pin(exceptions(visit))),
        (Scope::LogsRead, Box::pin(unmatched(visit))),
        (Scope::WebhooksRead, Box::pin(endpoints(visit))),
    ];
    let theirs = made.into_iter().filter(|(scope, _)| visit.may(*scope)).map(|(_, card)| card);
    let cards = future::try_join_all(theirs).await?;
    Ok(Page::new("What waits for you", Entry::Home, Html::of(&Cards { cards })?).into())
}

async fn stuck(visit: &Visit<'_>) -> Result<Card, Failure> {
    let found = few(visit, "/transactions?stuck=true", "transactions").await;
    card(
        visit,
        ("Stuck payments", "/transactions?tab=all&stuck=true"),
        found,
        "No payment is open longer than it should be.",
        |found| line_of(visit, found),
    )
}

async fn held(visit: &Visit<'_>) -> Result<Card, Failure> {
    let found = few(visit, "/transactions?held=true", "transactions").await;
    card(
        visit,
        ("Held reports", "/transactions?tab=all&held=true"),
        found,
        "Nothing contradicts a payment.",
        |found| line_of(visit, found),
    )
}

fn line_of(visit: &Visit<'_>, found: &Transaction) -> Result<Html, askama::Error> {
    let href = visit.link(&format!("/transactions/{}", segment(&found.id)));
    cell::stack(&[
        cell::link(&href, &found.transaction_reference)?,
        cell::text(&format!("{} {}", type_name(&found.method), found.status))?,
        cell::time(&found.created_at, visit.zone(), visit.now)?,
    ])
}

async fn providers(visit: &Visit<'_>) -> Result<Card, Failure> {
    let found = visit.api.page::<Provider>("/providers?limit=100", "providers", None).await;
    let found = found.map(|page| Listed {
        items: page.items.into_iter().filter(|provider| provider.status != "ACTIVE").collect(),
        ..page
    });
    card(visit, ("Providers out of order", "/providers"), found, "All providers are active.", |provider| {
        let href = visit.link(&format!("/providers/{}", segment(&provider.id)));
        cell::stack(&[
            cell::link(&href, &provider.name)?,
            cell::status(&provider.status)?,
            cell::text(&provider.status_reason)?,
        ])
    })
}

async fn exceptions(visit: &Visit<'_>) -> Result<Card, Failure> {
    let found = few(visit, "/reconciliation/exceptions", "exceptions").await;
    let about = ("Open exceptions", "/reconciliation/exceptions");
    card(visit, about, found, "Every row of the statements found its own.", |found: &Exception| {
        let href = visit.link(&format!("/reconciliation/exceptions?run_id={}", segment(&found.run_id)));
        cell::stack(&[cell::link(&href, &found.outcome)?, cell::text(&found.detail)?])
    })
}

async fn unmatched(visit: &Visit<'_>) -> Result<Card, Failure> {
    let found = few(visit, "/unmatched-callbacks?decided=false", "unmatched_callbacks").await;
    let about = ("Callbacks of today that fit nothing", "/unmatched-callbacks?decided=false");
    card(visit, about, found, "Every callback of today found its payment.", |found: &Callback| {
        cell::stack(&[
            cell::text(&format!("{}: {}", found.provider_name, found.log.summary))?,
            cell::time(&found.log.at, visit.zone(), visit.now)?,
        ])
    })
}

async fn endpoints(visit: &Visit<'_>) -> Result<Card, Failure> {
    let found = visit.api.page::<Endpoint>("/webhook-endpoints?limit=100", "webhook_endpoints", None).await;
    let found = found
        .map(|page| Listed { items: page.items.into_iter().filter(health::is_in_trouble).collect(), ..page });
    let about = ("Webhook endpoints that fail or wait", "/developers/webhooks");
    card(visit, about, found, "Every endpoint takes what it is told.", |endpoint| {
        let href = record::link(visit, &endpoint.id, "");
        cell::stack(&[cell::link(&href, &endpoint.url)?, health::cell(visit, endpoint)?])
    })
}

/// The first few of a list.
async fn few<T: DeserializeOwned>(
    visit: &Visit<'_>,
    path: &str,
    items: &str,
) -> Result<Listed<T>, ClientError> {
    let separator = if path.contains('?') { '&' } else { '?' };
    visit.api.page(&format!("{path}{separator}limit={SHOWN}"), items, None).await
}

fn card<T>(
    visit: &Visit<'_>,
    (title, path): (&'static str, &str),
    found: Result<Listed<T>, ClientError>,
    empty: &'static str,
    line: impl Fn(&T) -> Result<Html, askama::Error>,
) -> Result<Card, Failure> {
    let body = list::part(found, |page| {
        let more = if page.next_cursor.is_some() { " or more" } else { "" };
        let number = format!("{}{more}", page.items.len());
        let lines = page.items.iter().take(SHOWN).map(line).collect::<Result<_, _>>()?;
        Ok(Html::of(&Matter { number, lines, empty })?)
    })?;
    Ok(Card { title, href: visit.link(path), body })
}

#[cfg(test)]
mod tests;
