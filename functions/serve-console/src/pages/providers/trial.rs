//! Tries a callback on a provider, a sample or one that it sent: what would become of it is shown, and nothing is written.

use askama::Error;
use paywarden_api_client::Refusal;
use paywarden_domain::access::Scope;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::record::{self, Provider, path, refusal};
use crate::asked::Asked;
use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::facts::facts;
use crate::view::form::{Field, Form};
use crate::view::html::Html;
use crate::view::money::Amount;
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, json as folded};
use crate::visit::{Visit, segment};

const REPORTS: &[Column] = &[
    Column::new("Reports"),
    Column::amount("Amount"),
    Column::new("Of"),
    Column::new("What would become of it"),
    Column::new("Status"),
];

const BODY: &str = "callback.body";
const HEADERS: &str = "callback.headers";
const TOKEN: &str = "callback.path_token";

#[derive(Deserialize)]
struct Trial {
    is_sample: bool,
    body: String,
    outcome: Outcome,
}

#[derive(Deserialize)]
struct Outcome {
    verdict: String,
    trust: Option<String>,
    acknowledgement: Option<Acknowledgement>,
    reports: Vec<Report>,
    not_booked: Vec<NotBooked>,
    problem: Option<String>,
}

#[derive(Deserialize)]
struct Acknowledgement {
    status: u16,
    body: Value,
}

#[derive(Deserialize)]
struct NotBooked {
    event: Option<String>,
    reason: String,
}

#[derive(Deserialize)]
struct Report {
    status: Option<String>,
    amount: Option<Amount>,
    currency: Option<String>,
    provider_transaction_id: Option<String>,
    message: Option<String>,
    transaction_reference: Option<String>,
    transaction: Option<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    id: String,
    transaction_reference: String,
    outcome: String,
    reason: Option<String>,
    status_before: Option<String>,
    status_after: String,
}

pub async fn show(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    visit.require(Scope::ProvidersWrite)?;
    let provider = record::read(visit, id).await?;
    page(visit, &provider, Html::default(), None)
}

/// Tries what the form says.
pub async fn run(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    let (provider, answer) = futures::future::join(
        record::read(visit, id),
        visit.post(&format!("{}/test", path(id)), &body(&visit.form)),
    )
    .await;
    let provider = provider?;
    match answer {
        Ok(answer) => {
            let trial = answer.member("test")?;
            page(visit, &provider, outcome(visit, &trial)?, None)
        }
        Err(error) => page(visit, &provider, Html::default(), Some(refusal(error)?)),
    }
}

/// A sample, or the callback that was pasted.
fn body(asked: &Asked) -> Value {
    if asked.get(BODY).is_none() && asked.get(HEADERS).is_none() && asked.get(TOKEN).is_none() {
        return match asked.get("reference") {
            Some(reference) => json!({"reference": reference}),
            None => json!({}),
        };
    }
    let (headers, body) = (headers(asked.text(HEADERS)), asked.text(BODY));
    let callback = match asked.get(TOKEN) {
        Some(token) => json!({"headers": headers, "body": body, "path_token": token}),
        None => json!({"headers": headers, "body": body}),
    };
    json!({"callback": callback})
}

/// `Name: value` lines.
fn headers(text: &str) -> Map<String, Value> {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.map(|(name, value)| (name.trim().to_owned(), value.trim().into())).collect()
}

fn page(
    visit: &Visit<'_>,
    provider: &Provider,
    shown: Html,
    refusal: Option<Refusal>,
) -> Result<Reply, Failure> {
    let action = provider.link(visit, "/test");
    let mut sample =
        Form::new(action.clone(), "Try a sample")
            .field(Field::text("reference", "Order id of the sample").help(
            "A paid payment of this order, signed as the provider signs. Empty: an order that there is not",
        ));
    let mut pasted = Form::new(action, "Try this callback")
        .field(Field::area(BODY, "Body, exactly as it was sent").required())
        .field(Field::area(HEADERS, "Headers").help("One on each line, such as x-callback-token: …"))
        .field(Field::secret(TOKEN, "Token behind the provider in its address").help("Where it has one"));
    let is_pasted = visit.form.get("reference").is_none() && visit.form.pairs().any(|(name, _)| name == BODY);
    if let Some(refusal) = &refusal {
        if is_pasted {
            pasted = pasted.filled(&visit.form).refused(refusal)?;
        } else {
            sample = sample.filled(&visit.form).refused(refusal)?;
        }
    }
    let body = [
        cell::actions(&[cell::link(&provider.link(visit, ""), "Back to the provider")?])?,
        cell::paragraph("What would become of a callback is shown; nothing is written and nobody is told.")?,
        shown,
        cell::heading("A sample")?,
        sample.html()?,
        cell::heading("A callback that it sent")?,
        pasted.html()?,
    ];
    let page = Page::new(format!("Test {}", provider.name), Entry::Providers, Html::join(body));
    Ok(page.with_status(refusal.map_or(200, |refusal| refusal.status)).into())
}

fn outcome(visit: &Visit<'_>, trial: &Trial) -> Result<Html, Failure> {
    let outcome = &trial.outcome;
    let what = if trial.is_sample { "A sample" } else { "The callback" };
    let verdict = match outcome.verdict.as_str() {
        "taken" => cell::mark(Tone::Good, &format!("{what} would be taken"))?,
        "refused" => cell::mark(Tone::Bad, &format!("{what} would be refused"))?,
        other => cell::mark(Tone::Warning, &format!("{what} would be {other}"))?,
    };
    let told = match &outcome.acknowledgement {
        Some(told) => cell::text(&format!("{} {}", told.status, told.body))?,
        None => Html::default(),
    };
    let skipped = outcome.not_booked.iter().map(|skipped| {
        let event = skipped.event.as_deref().unwrap_or("an event");
        cell::text(&format!("{event}: {}", skipped.reason))
    });
    let or_nothing = |text: Option<&str>| text.map_or(Ok(Html::default()), cell::text);
    let facts = facts(&[
        ("Verdict", verdict),
        ("Why", or_nothing(outcome.problem.as_deref())?),
        ("Believed", or_nothing(outcome.trust.as_deref())?),
        ("The provider would be told", told),
        ("Not booked", cell::stack(&skipped.collect::<Result<Vec<_>, Error>>()?)?),
    ])?;
    let rows = outcome.reports.iter().map(|report| row(visit, report)).collect::<Result<_, _>>()?;
    let reports = Table::new("What it reports", REPORTS, rows, "It reports no payment.").html()?;
    let raw = folded::folded_text("What was tried, as it would be kept", &trial.body)?;
    Ok(Html::join([cell::heading_at("outcome", "What would happen")?, facts, reports, raw]))
}

fn row(visit: &Visit<'_>, report: &Report) -> Result<Row, Error> {
    let amount = match (report.amount, &report.currency) {
        (Some(amount), Some(currency)) => cell::money(amount, currency)?,
        _ => cell::maybe(None)?,
    };
    let mut said = vec![match &report.status {
        Some(status) => cell::status(status)?,
        None => cell::text("no status of its own")?,
    }];
    for text in [&report.provider_transaction_id, &report.message].into_iter().flatten() {
        said.push(cell::text(text)?);
    }
    let (of, outcome, status) = match &report.transaction {
        Some(expected) => expected_cells(visit, expected)?,
        None => (
            cell::maybe(report.transaction_reference.as_deref())?,
            cell::mark(Tone::Warning, "fits nothing: it would wait with the unmatched callbacks")?,
            cell::maybe(None)?,
        ),
    };
    let key = report.provider_transaction_id.clone().unwrap_or_default();
    Ok(Row { key, cells: vec![cell::stack(&said)?, amount, of, outcome, status], ..Row::default() })
}

fn expected_cells(visit: &Visit<'_>, expected: &Expected) -> Result<(Html, Html, Html), Error> {
    let href = visit.link(&format!("/transactions/{}", segment(&expected.id)));
    let of = match expected.outcome.as_str() {
        // It is not there yet.
        "created" => cell::text(&expected.transaction_reference)?,
        _ => cell::link(&href, &expected.transaction_reference)?,
    };
    let outcome = match expected.outcome.as_str() {
        "created" => "a new transaction is recorded",
        "status_changed" => "the status changes",
        "enriched" => "the status stays, and details are learned",
        "ignored" => "it is ignored",
        "held" => "it is held, and a person has to decide",
        other => other,
    };
    let outcome = match &expected.reason {
        Some(reason) => cell::stack(&[cell::text(outcome)?, cell::text(reason)?])?,
        None => cell::text(outcome)?,
    };
    let before = expected.status_before.as_deref().map_or(Ok(Html::default()), cell::status)?;
    Ok((of, outcome, cell::stack(&[before, cell::status(&expected.status_after)?])?))
}
