//! One callback that fits nothing: what it says, what it would change at a transaction, and the two things that can be done.

use askama::Error;
use futures::future::{self, OptionFuture};
use paywarden_api_client::{Answer, ClientError, Refusal};
use paywarden_domain::access::Scope;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::asked::Asked;
use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::transaction::Transaction;
use crate::reply::{Page, Reply};
use crate::view::facts::facts;
use crate::view::form::{Field, Form};
use crate::view::html::Html;
use crate::view::list;
use crate::view::money::Amount;
use crate::view::notice::Notice;
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, json as folded};
use crate::visit::{Visit, segment};

const REPORTS: &[Column] = &[
    Column::new("It reports"),
    Column::new("Of the provider's payment"),
    Column::amount("Amount"),
    Column::new("When it happened"),
    Column::new("Message"),
];

const COMPARED: &[Column] =
    &[Column::new("What"), Column::new("The transaction now"), Column::new("The callback")];

/// What a callback says.
#[derive(Deserialize)]
struct Callback {
    received_at: String,
    reports: Vec<Value>,
}

#[derive(Deserialize)]
struct Report {
    status: Option<String>,
    occurred_at: Option<String>,
    amount: Option<Amount>,
    currency: Option<String>,
    provider_transaction_id: Option<String>,
    code: Option<String>,
    message: Option<String>,
}

pub async fn show(visit: &Visit<'_>, provider: &str, entry: &str) -> Result<Reply, Failure> {
    page(visit, provider, entry, &visit.query, None).await
}

/// Replays it, or binds it to a transaction, with the reason that was given.
pub async fn decide(visit: &Visit<'_>, provider: &str, entry: &str) -> Result<Reply, Failure> {
    let asked = &visit.form;
    let (day, reason) = (asked.get("day"), asked.get("reason"));
    let (body, done) = match asked.get("transaction_id") {
        Some(id) => (json!({"apply": true, "day": day, "reason": reason, "transaction_id": id}), "bound"),
        None => (json!({"apply": true, "day": day, "reason": reason}), "replayed"),
    };
    match send(visit, provider, entry, &body).await {
        Ok(_) => {
            let day = asked.query(|name| name == "day");
            Ok(Reply::SeeOther(visit.link(&format!("/unmatched-callbacks?{day}&done={done}"))))
        }
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 409 | 422) => {
            page(visit, provider, entry, asked, Some(refusal)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn send(visit: &Visit<'_>, provider: &str, entry: &str, body: &Value) -> Result<Answer, ClientError> {
    let path = format!("/providers/{}/unmatched-callbacks/{}", segment(provider), segment(entry));
    visit.post(&path, body).await
}

async fn page(
    visit: &Visit<'_>,
    provider: &str,
    entry: &str,
    asked: &Asked,
    refusal: Option<Refusal>,
) -> Result<Reply, Failure> {
    visit.require(Scope::ProvidersWrite)?;
    let look = json!({"day": asked.get("day")});
    let bound: OptionFuture<_> = asked.get("transaction_id").map(|id| transaction(visit, id)).into();
    let (callback, bound) = future::join(send(visit, provider, entry, &look), bound).await;
    let shown = list::part(callback, |answer| {
        let callback: Callback = answer.member("unmatched_callback")?;
        let reports =
            callback.reports.iter().filter_map(|report| serde_json::from_value(report.clone()).ok());
        let reports: Vec<Report> = reports.collect();
        if reports.is_empty() {
            let nothing =
                Notice::hint("It reports no payment, so there is nothing to replay or to bind.").html()?;
            return Ok(Html::join([said(visit, provider, &callback, &reports)?, nothing]));
        }
        Ok(Html::join([
            said(visit, provider, &callback, &reports)?,
            replay(visit, asked, refusal.as_ref())?,
            binding(visit, asked, bound, &reports, refusal.as_ref())?,
        ]))
    })?;
    let day = asked.query(|name| name == "day");
    let back = cell::link(&visit.link(&format!("/unmatched-callbacks?{day}")), "Back to the list")?;
    let body = Html::join([cell::actions(&[back])?, shown]);
    let page = Page::new("A callback that fits no transaction", Entry::Unmatched, body);
    Ok(page.with_status(refusal.map_or(200, |refusal| refusal.status)).into())
}

async fn transaction(visit: &Visit<'_>, id: &str) -> Result<Transaction, ClientError> {
    visit.get(&format!("/transactions/{}", segment(id))).await?.member("transaction")
}

fn said(visit: &Visit<'_>, provider: &str, callback: &Callback, reports: &[Report]) -> Result<Html, Failure> {
    let (zone, now) = (visit.zone(), visit.now);
    let row = |(place, report): (usize, &Report)| {
        let status =
            report.status.as_deref().map_or_else(|| cell::text("no status of its own"), cell::status)?;
        let message = [&report.code, &report.message].into_iter().flatten().map(|text| cell::text(text));
        let cells = vec![
            status,
            report.provider_transaction_id.as_deref().map_or_else(|| cell::maybe(None), cell::id)?,
            amount(report)?,
            cell::maybe_time(report.occurred_at.as_deref(), zone, now)?,
            cell::stack(&message.collect::<Result<Vec<_>, _>>()?)?,
        ];
        Ok(Row { key: place.to_string(), cells, ..Row::default() })
    };
    let rows = (1..).zip(reports).map(row).collect::<Result<_, Error>>()?;
    let provider = cell::link(&visit.link(&format!("/providers/{}", segment(provider))), provider)?;
    Ok(Html::join([
        facts(&[("Received", cell::time(&callback.received_at, zone, now)?), ("Provider", provider)])?,
        Table::new("What it says", REPORTS, rows, "It reports no payment.").html()?,
        folded::folded("As it is read today", &callback.reports.clone().into())?,
    ]))
}

fn amount(report: &Report) -> Result<Html, Error> {
    match (report.amount, &report.currency) {
        (Some(amount), Some(currency)) => cell::money(amount, currency),
        _ => cell::maybe(None),
    }
}

/// A form of this page; the day is where the callback is listed.
fn form(visit: &Visit<'_>, asked: &Asked, submit: &str) -> Form {
    Form::new(visit.here(""), submit).hidden("day", asked.text("day"))
}

fn reason(submit: Form) -> Form {
    submit.field(Field::text("reason", "Reason").required().help("Stands beside it, with your name"))
}

/// Sends it on its way as it is: it may fit by now.
fn replay(visit: &Visit<'_>, asked: &Asked, refusal: Option<&Refusal>) -> Result<Html, Failure> {
    let refusal = refusal.filter(|_| asked.get("transaction_id").is_none());
    let mut form = reason(form(visit, asked, "Replay it as it is"));
    if let Some(refusal) = refusal {
        form = form.filled(asked).refused(refusal)?;
    }
    let said = "It goes on its way once more, as it came. It changes something where its payment is known by now, else it waits \
                here again.";
    Ok(Html::join([
        cell::heading_at("replay", "Replay it")?,
        cell::paragraph(said)?,
        cell::folded("Replay it…", &form.html()?, refusal.is_some())?,
    ]))
}

/// First names a transaction and shows what would change there, then does it.
fn binding(
    visit: &Visit<'_>,
    asked: &Asked,
    bound: Option<Result<Transaction, ClientError>>,
    reports: &[Report],
    refusal: Option<&Refusal>,
) -> Result<Html, Failure> {
    let name = Form::new(visit.here(""), "Show what it would change")
        .searching()
        .hidden("day", asked.text("day"))
        .field(
            Field::text("transaction_id", "Transaction id")
                .required()
                .placeholder("tra_…")
                .value(asked.text("transaction_id")),
        );
    let mut parts = vec![cell::heading_at("bind", "Bind it to a transaction")?, name.html()?];
    if let Some(bound) = bound {
        parts.push(list::part(bound, |transaction| {
            Ok(Html::join([
                compared(visit, &transaction, reports)?,
                apply(visit, asked, &transaction, refusal)?,
            ]))
        })?);
    }
    Ok(Html::join(parts))
}

/// The transaction beside what the callback says of it.
fn compared(visit: &Visit<'_>, transaction: &Transaction, reports: &[Report]) -> Result<Html, Error> {
    let href = visit.link(&format!("/transactions/{}", segment(&transaction.id)));
    let mut rows =
        vec![row("Transaction", cell::link(&href, &transaction.transaction_reference)?, Html::default())];
    for report in reports {
        let says =
            report.status.as_deref().map_or_else(|| cell::text("no status of its own"), cell::status)?;
        let becomes = match report.status.as_deref() {
            None => "What it does to the status, the callback alone does not say",
            Some(status) if status == transaction.status => "It stays",
            Some(_) => "It changes, if it may follow what there is",
        };
        let becomes = cell::stack(&[says, cell::text(becomes)?])?;
        rows.push(row("Status", cell::status(&transaction.status)?, becomes));
        let differs = report.amount.is_some_and(|amount| amount.0 != transaction.amount.0)
            || report.currency.as_ref().is_some_and(|currency| *currency != transaction.currency);
        let warning =
            if differs { cell::mark(Tone::Warning, "differs: it would be held")? } else { Html::default() };
        let now = cell::money(transaction.amount, &transaction.currency)?;
        rows.push(row("Amount", now, cell::stack(&[amount(report)?, warning])?));
    }
    Table::new("What it would change", COMPARED, rows, "").html()
}

fn row(what: &str, now: Html, says: Html) -> Row {
    let name = cell::text(what).unwrap_or_default();
    Row { key: what.to_owned(), cells: vec![name, now, says], ..Row::default() }
}

fn apply(
    visit: &Visit<'_>,
    asked: &Asked,
    transaction: &Transaction,
    refusal: Option<&Refusal>,
) -> Result<Html, Failure> {
    let submit = format!("Bind it to {}", transaction.transaction_reference);
    let mut form =
        reason(form(visit, asked, &submit)).hidden("transaction_id", &transaction.id).destructive();
    if let Some(refusal) = refusal {
        form = form.filled(asked).refused(refusal)?;
    }
    Ok(form.html()?)
}
