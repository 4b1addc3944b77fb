//! The timeline of one transaction, all of it or one kind, with what finds the same requests in the logs of the functions.

use std::collections::BTreeMap;

use askama::Error;
use futures::future;
use paywarden_api_client::ClientError;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::transaction::Transaction;
use crate::pages::transaction::timeline::{self, Logged, Logs};
use crate::reply::{Page, Reply};
use crate::view::facts::facts;
use crate::view::html::Html;
use crate::view::tabs::{Tab, tabs};
use crate::view::{cell, json, type_name};
use crate::visit::{Visit, segment};

pub async fn show(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    if !id.starts_with("tra_") {
        return by_reference(visit, id).await;
    }
    let (transaction, logs) = future::join(transaction(visit, id), timeline::read(visit, id)).await;
    let transaction = transaction?;
    let kind = visit.query.get("kind");
    let mut parts = vec![links(visit, &transaction)?, facts_of(visit, &transaction)?];
    if let Ok(logs) = &logs {
        parts.push(chips(visit, &transaction, &logs.entries, kind)?);
    }
    let logs = logs.map(|logs| only(logs, kind));
    let queries = logs.as_ref().ok().map(|logs| queries(&logs.entries)).transpose()?;
    parts.push(timeline::part(visit, &transaction, logs)?);
    parts.extend(queries);
    let title = format!("Logs of {}", transaction.transaction_reference);
    Ok(Page::new(title, Entry::Logs, Html::join(parts)).into())
}

/// The timeline of the record that stands for an order.
async fn by_reference(visit: &Visit<'_>, reference: &str) -> Result<Reply, Failure> {
    let answer = visit.get(&format!("/transactions/record/{}", segment(reference))).await.map_err(unknown)?;
    let found: Transaction = answer.member("transaction")?;
    Ok(Reply::SeeOther(visit.link(&format!("/logs?transaction={}", segment(&found.id)))))
}

async fn transaction(visit: &Visit<'_>, id: &str) -> Result<Transaction, Failure> {
    let answer = visit.get(&format!("/transactions/{}", segment(id))).await.map_err(unknown)?;
    Ok(answer.member("transaction")?)
}

/// Something that cannot be an id is no transaction.
fn unknown(error: ClientError) -> Failure {
    match error {
        ClientError::Refused(refusal) if refusal.status == 400 => Failure::NotFound,
        error => error.into(),
    }
}

fn links(visit: &Visit<'_>, transaction: &Transaction) -> Result<Html, Error> {
    let whole = visit.link(&format!("/transactions/{}", segment(&transaction.id)));
    cell::actions(&[
        cell::link(&visit.link("/logs"), "All transactions")?,
        cell::link(&whole, "The whole page of this transaction")?,
    ])
}

fn facts_of(visit: &Visit<'_>, transaction: &Transaction) -> Result<Html, Error> {
    let (zone, now) = (visit.zone(), visit.now);
    facts(&[
        ("Status", cell::status(&transaction.status)?),
        ("Transaction id", cell::id(&transaction.id)?),
        ("Order id", cell::id(&transaction.transaction_reference)?),
        ("Created", cell::time(&transaction.created_at, zone, now)?),
        ("Updated", cell::maybe_time(transaction.updated_at.as_deref(), zone, now)?),
        ("Paid", cell::maybe_time(transaction.paid_at.as_deref(), zone, now)?),
        ("Method", cell::text(type_name(&transaction.method))?),
        ("Destination code", cell::maybe(transaction.destination.as_deref())?),
        ("Provider", cell::maybe(transaction.provider_name.as_deref())?),
    ])
}

/// The kinds that there are, each with its number; one of them, or all.
fn chips(
    visit: &Visit<'_>,
    transaction: &Transaction,
    entries: &[Logged],
    kind: Option<&str>,
) -> Result<Html, Error> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for entry in entries {
        let count = counts.entry(&entry.kind).or_default();
        *count = count.saturating_add(1);
    }
    let here = format!("transaction={}", segment(&transaction.id));
    let all = Tab {
        name: "All".to_owned(),
        href: visit.here(&here),
        is_current: kind.is_none(),
        count: u64::try_from(entries.len()).ok(),
    };
    let of_kind = counts.into_iter().map(|(name, count)| Tab {
        name: name.replace('_', " "),
        href: visit.here(&format!("{here}&kind={}", segment(name))),
        is_current: kind == Some(name),
        count: Some(count),
    });
    tabs("Kinds of entries", &std::iter::once(all).chain(of_kind).collect::<Vec<_>>())
}

/// The entries of a kind.
fn only(logs: Logs, kind: Option<&str>) -> Logs {
    let entries = logs.entries.into_iter().filter(|entry| kind.is_none_or(|kind| entry.kind == kind));
    Logs { entries: entries.collect(), is_cut: logs.is_cut }
}

/// A query of the functions' logs for each request that is told of, ready to be pasted.
fn queries(entries: &[Logged]) -> Result<Html, Error> {
    let mut ids: Vec<&str> = Vec::new();
    for id in entries.iter().filter_map(|entry| entry.request_id.as_deref()) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.is_empty() {
        return Ok(Html::default());
    }
    let about = "For CloudWatch Logs Insights, over the log groups of all functions: every line that a request left, down to \
                 the webhook.";
    let mut parts = vec![cell::heading_at("queries", "Queries of the logs")?, cell::paragraph(about)?];
    for id in ids {
        parts.push(json::folded_text(&format!("Request {id}"), &query(id))?);
    }
    Ok(Html::join(parts))
}

/// The query. An id is quoted as JSON is, so that none can end the text that it stands in.
fn query(id: &str) -> String {
    let id = serde_json::Value::from(id);
    format!(
        "fields @timestamp, level, service, message, transaction_id\n\
         | filter correlation_id = {id} or function_request_id = {id}\n\
         | sort @timestamp asc\n\
         | limit 1000"
    )
}
