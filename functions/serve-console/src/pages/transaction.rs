//! `/transactions/{id}`: one payment, with all that is known of it. Whoever looks for why it is stuck and whether the merchant was
//! told finds both in the first lines.

mod held;
mod replay;
mod story;
pub mod timeline;
mod told;

use futures::future::{self, OptionFuture};
use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::facts::facts;
use crate::view::html::Html;
use crate::view::money::Amount;
use crate::view::notice::Notice;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, json, list, type_name};
use crate::visit::{Visit, segment};

pub use held::decide;
pub use replay::show as replay;
pub use told::replay as tell_again;

/// A transaction as the page looks into it; all of it is behind "Record as JSON".
#[derive(Debug, Clone, Deserialize)]
pub struct Transaction {
    pub id: String,
    pub transaction_reference: String,
    pub payment_reference: Option<String>,
    pub customers_id: Option<String>,
    pub provider_id: Option<String>,
    pub provider_name: Option<String>,
    pub created_at: String,
    pub updated_at: Option<String>,
    pub paid_at: Option<String>,
    pub expired_at: Option<String>,
    pub status_changed_at: String,
    pub method: String,
    pub destination: Option<String>,
    pub amount: Amount,
    pub currency: String,
    pub status: String,
    pub unpaid_reason: Option<String>,
    pub fee: Option<Amount>,
    pub tax: Option<Amount>,
    pub occurrence: u64,
    pub version: u64,
}

/// A try to pay it.
#[derive(Deserialize)]
struct Attempt {
    provider_name: Option<String>,
    provider_transaction_id: Option<String>,
    status: String,
    reported_at: Option<String>,
    unpaid_reason: Option<String>,
    stands: bool,
}

/// Another payment under the same reference.
#[derive(Deserialize)]
struct Other {
    id: String,
    occurrence: u64,
    status: String,
    amount: Amount,
    currency: String,
    created_at: String,
}

/// What the API has of it.
struct Details {
    record: Value,
    transaction: Transaction,
    attempts: Vec<Attempt>,
    held: Vec<held::HeldReport>,
}

const ATTEMPTS: &[Column] = &[
    Column::new("Provider's id"),
    Column::new("Provider"),
    Column::new("Status"),
    Column::new("Reported"),
    Column::new("Reason"),
];

const OTHERS: &[Column] = &[
    Column::new("Transaction"),
    Column::new("Occurrence"),
    Column::new("Created"),
    Column::amount("Amount"),
    Column::new("Status"),
];

pub async fn show(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    page(visit, id, None).await
}

/// The page, with what a form on it has to say.
async fn page(visit: &Visit<'_>, id: &str, notice: Option<(u16, Html)>) -> Result<Reply, Failure> {
    visit.require(Scope::TransactionsRead)?;
    let logs: OptionFuture<_> = visit.may(Scope::LogsRead).then(|| timeline::read(visit, id)).into();
    let (details, logs) = future::join(details(visit, id), logs).await;
    let details = details?;
    let transaction = &details.transaction;
    let others = others(visit, transaction).await;
    let (status, notice) = notice.map_or((200, Html::default()), |(status, notice)| (status, notice));
    let mut parts = vec![notice];
    parts.push(done(visit)?);
    parts.push(story::first_lines(visit, transaction, logs.as_ref())?);
    parts.push(facts_of(visit, transaction)?);
    parts.push(held::part(visit, transaction, &details.held)?);
    parts.push(attempts(visit, &details.attempts)?);
    parts.push(others_part(visit, transaction, others)?);
    if let Some(logs) = logs {
        parts.push(timeline::part(visit, transaction, logs)?);
    }
    parts.push(raw(visit, &details.record)?);
    let title = format!("Transaction {}", transaction.transaction_reference);
    Ok(Page::new(title, Entry::List, Html::join(parts)).with_status(status).into())
}

async fn details(visit: &Visit<'_>, id: &str) -> Result<Details, Failure> {
    let answer = match visit.get(&format!("/transactions/{}", segment(id))).await {
        // Something that cannot be an id is no transaction.
        Err(ClientError::Refused(refusal)) if refusal.status == 400 => return Err(Failure::NotFound),
        answer => answer?,
    };
    Ok(Details {
        record: answer.member("transaction")?,
        transaction: answer.member("transaction")?,
        attempts: answer.member("attempts")?,
        held: answer.member("held_reports")?,
    })
}

/// What was done by the form that led here.
fn done(visit: &Visit<'_>) -> Result<Html, Failure> {
    let said = match visit.query.get("done") {
        Some("decided") => "Your decision is written down.",
        Some("replayed") => "The callback is on its way and will be applied in a moment.",
        Some("webhook-replayed") => {
            let said = "The webhook is in the queue again. Its next attempt stands in the timeline once it was made.";
            return told::done(visit, &Notice::done(said));
        }
        Some("webhook-waits") => {
            let said = "The webhook was not over yet: it goes out anyway, and was not sent again.";
            return told::done(visit, &Notice::hint(said));
        }
        _ => return Ok(Html::default()),
    };
    Ok(Notice::done(said).html()?)
}

fn facts_of(visit: &Visit<'_>, transaction: &Transaction) -> Result<Html, Failure> {
    let (zone, now) = (visit.zone(), visit.now);
    let money = |amount: Option<Amount>| match amount {
        Some(amount) => cell::money(amount, &transaction.currency),
        None => cell::text("not known yet"),
    };
    let or_nothing = |text: &Option<String>| text.as_deref().map_or(Ok(Html::default()), cell::id);
    Ok(facts(&[
        ("Amount", cell::money(transaction.amount, &transaction.currency)?),
        ("Fee", money(transaction.fee)?),
        ("VAT", money(transaction.tax)?),
        ("Type", cell::text(type_name(&transaction.method))?),
        ("Destination", cell::maybe(transaction.destination.as_deref())?),
        ("Provider", provider(visit, transaction)?),
        ("Transaction id", cell::id(&transaction.id)?),
        ("Order id", cell::id(&transaction.transaction_reference)?),
        ("Payment reference", or_nothing(&transaction.payment_reference)?),
        ("Customer", or_nothing(&transaction.customers_id)?),
        ("Created", cell::time(&transaction.created_at, zone, now)?),
        ("Updated", cell::maybe_time(transaction.updated_at.as_deref(), zone, now)?),
        ("Paid", cell::maybe_time(transaction.paid_at.as_deref(), zone, now)?),
        ("Expires", cell::maybe_time(transaction.expired_at.as_deref(), zone, now)?),
        ("Version", cell::text(&transaction.version.to_string())?),
    ])?)
}

fn provider(visit: &Visit<'_>, transaction: &Transaction) -> Result<Html, askama::Error> {
    let name = transaction.provider_name.as_deref();
    match &transaction.provider_id {
        Some(id) if visit.may(Scope::ProvidersRead) => {
            cell::link(&visit.link(&format!("/providers/{}", segment(id))), name.unwrap_or(id))
        }
        _ => cell::maybe(name),
    }
}

fn attempts(visit: &Visit<'_>, attempts: &[Attempt]) -> Result<Html, Failure> {
    if attempts.len() < 2 {
        return Ok(Html::default());
    }
    let row = |attempt: &Attempt| {
        let id = attempt.provider_transaction_id.as_deref();
        let status = cell::status(&attempt.status)?;
        let cells = vec![
            id.map_or_else(|| cell::maybe(None), cell::id)?,
            cell::maybe(attempt.provider_name.as_deref())?,
            if attempt.stands { cell::stack(&[status, cell::text("stands")?])? } else { status },
            cell::maybe_time(attempt.reported_at.as_deref(), visit.zone(), visit.now)?,
            cell::maybe(attempt.unpaid_reason.as_deref())?,
        ];
        Ok(Row { key: id.unwrap_or_default().to_owned(), cells, ..Row::default() })
    };
    let rows = attempts.iter().map(row).collect::<Result<_, askama::Error>>()?;
    let table = Table::new("Tries to pay it", ATTEMPTS, rows, "");
    Ok(Html::join([cell::heading("Tries to pay it")?, table.html()?]))
}

async fn others(visit: &Visit<'_>, transaction: &Transaction) -> Result<Vec<Other>, ClientError> {
    let reference: String =
        form_urlencoded::byte_serialize(transaction.transaction_reference.as_bytes()).collect();
    let path = format!("/transactions?transaction_reference={reference}&limit=20");
    Ok(visit.api.page(&path, "transactions", None).await?.items)
}

fn others_part(
    visit: &Visit<'_>,
    transaction: &Transaction,
    others: Result<Vec<Other>, ClientError>,
) -> Result<Html, Failure> {
    list::part(others, |others| {
        let others: Vec<&Other> = others.iter().filter(|other| other.id != transaction.id).collect();
        if others.is_empty() {
            return Ok(Html::default());
        }
        let row = |other: &&Other| {
            let href = visit.link(&format!("/transactions/{}", segment(&other.id)));
            let cells = vec![
                cell::linked_id(&href, &other.id)?,
                cell::text(&other.occurrence.to_string())?,
                cell::time(&other.created_at, visit.zone(), visit.now)?,
                cell::money(other.amount, &other.currency)?,
                cell::status(&other.status)?,
            ];
            Ok(Row { key: other.id.clone(), cells, ..Row::default() })
        };
        let rows = others.iter().map(row).collect::<Result<_, askama::Error>>()?;
        let heading = format!("Other payments of this order (this is occurrence {})", transaction.occurrence);
        let table = Table::new("Other payments of this order", OTHERS, rows, "");
        Ok(Html::join([cell::heading(&heading)?, table.html()?]))
    })
}

/// For engineers: the record as the API has it, and how to ask for it.
fn raw(visit: &Visit<'_>, record: &Value) -> Result<Html, Failure> {
    let id = record["id"].as_str().unwrap_or_default();
    let curl = format!("curl -s '{}/transactions/{id}' -H \"Authorization: Bearer $TOKEN\"", visit.api.url());
    Ok(Html::join([json::folded("Record as JSON", record)?, json::folded_text("curl of this view", &curl)?]))
}

#[cfg(test)]
mod tests;
