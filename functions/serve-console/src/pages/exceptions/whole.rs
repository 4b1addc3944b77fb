//! One decision about all that the filters of a view cover. It is counted first; whoever confirms confirms that number, and when it
//! is another by then nothing is decided and both numbers are shown.

use paywarden_api_client::{ClientError, Refusal};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::decide::{back, said};
use super::{Said, forms, list_link, page};
use crate::failure::Failure;
use crate::pages::names::Providers;
use crate::reply::Reply;
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::visit::{Visit, segment};

const DECISIONS: &str = "/reconciliation/exceptions/decisions";

/// How many were covered, and how many of them are left.
#[derive(Deserialize)]
struct Counted {
    count: u64,
    decided: u64,
    remaining: u64,
}

/// Counts, or carries out what was counted.
pub async fn decide(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let Some(expected) = visit.form.get("expected_count") else {
        return match count(visit).await {
            Ok(counted) => ask(visit, counted.count, 200, Html::default()).await,
            Err(error) => refused(visit, error).await,
        };
    };
    match visit.post(DECISIONS, &body(visit, "expected_count", number(expected))).await {
        Ok(answer) => {
            let counted: Counted = answer.json()?;
            if counted.remaining == 0 {
                return Ok(Reply::SeeOther(back(visit, "all")));
            }
            let notice =
                format!("{} of {} are decided. Go on with the rest.", counted.decided, counted.count);
            ask(visit, counted.remaining, 200, Notice::done(notice).html()?).await
        }
        Err(ClientError::Refused(refusal)) if refusal.code == "count_changed" => {
            changed(visit, &refusal).await
        }
        Err(error) => refused(visit, error).await,
    }
}

async fn count(visit: &Visit<'_>) -> Result<Counted, ClientError> {
    visit.post(DECISIONS, &body(visit, "dry_run", json!(true))).await?.json()
}

/// Both numbers, and the way to confirm the one of now.
async fn changed(visit: &Visit<'_>, refusal: &Refusal) -> Result<Reply, Failure> {
    let notice = Notice::of_refusal(refusal).html()?;
    match count(visit).await {
        Ok(counted) => ask(visit, counted.count, refusal.status, notice).await,
        Err(error) => refused(visit, error).await,
    }
}

/// The list again, with what the API refused at the form.
async fn refused(visit: &Visit<'_>, error: ClientError) -> Result<Reply, Failure> {
    match error {
        ClientError::Refused(refusal) if matches!(refusal.status, 400 | 409 | 413 | 422) => {
            let form = forms::whole(visit).filled(&visit.form).refused(&refusal)?;
            let said = Said { status: Some(refusal.status), whole: Some(form), ..Said::default() };
            page(visit, said).await
        }
        error => Err(error.into()),
    }
}

/// The list again with what was counted above it, so that whoever confirms sees what it is about.
async fn ask(visit: &Visit<'_>, count: u64, status: u16, notice: Html) -> Result<Reply, Failure> {
    page(visit, Said { status: Some(status), notice, counted: Some(count), ..Said::default() }).await
}

/// What is going to be done, to how many, and the button for it.
///
/// # Errors
/// When a template fails, which none does.
pub fn confirm(visit: &Visit<'_>, providers: &Providers, count: u64) -> Result<Html, Failure> {
    if count == 0 {
        return Ok(
            Notice::hint("No open exception passes these filters, so there is nothing to decide.").html()?
        );
    }
    let leave = cell::link(&list_link(visit, &view_query(visit)), "Do nothing")?;
    Ok(Html::join([
        cell::heading("Decide everything that passes these filters?")?,
        asked(visit, providers, count)?,
        form(visit, count).html()?,
        cell::actions(&[leave])?,
    ]))
}

fn view_query(visit: &Visit<'_>) -> String {
    visit.query.query(|name| !matches!(name, "done" | "cursor" | "format"))
}

/// The filters of the view, and what they are called.
const FILTERS: &[(&str, &str)] = &[
    ("provider_id", "Provider"),
    ("run_id", "Found by the run"),
    ("outcome", "What does not agree"),
    ("status", "Status"),
    ("assignee", "With"),
    ("min_age_days", "Found at least so many days ago"),
    ("amount_min", "Amount from"),
    ("amount_max", "Amount to"),
];

fn asked(visit: &Visit<'_>, providers: &Providers, count: u64) -> Result<Html, Failure> {
    let set = FILTERS.iter().filter_map(|(name, label)| Some((*name, *label, visit.query.get(name)?)));
    let covered = set.map(|(name, label, value)| {
        let value = if name == "provider_id" { providers.name(value) } else { value };
        cell::text(&format!("{label}: {value}"))
    });
    let covered = covered.collect::<Result<Vec<_>, _>>()?;
    let is_assigned = visit.form.get("action") == Some("assign");
    Ok(facts(&[
        ("How many", cell::text(&count.to_string())?),
        (
            "Of what is open",
            if covered.is_empty() { cell::text("all of it")? } else { cell::stack(&covered)? },
        ),
        ("What is done", cell::text(visit.form.text("action"))?),
        ("With", if is_assigned { cell::text(visit.form.text("assignee"))? } else { Html::default() }),
        ("Reason", cell::text(visit.form.text("reason"))?),
    ])?)
}

fn form(visit: &Visit<'_>, count: u64) -> Form {
    let query = view_query(visit);
    let mark = if query.is_empty() { "" } else { "?" };
    let action = visit.link(&format!("/reconciliation/exceptions/{}{mark}{query}", segment("all")));
    let what = visit.form.text("action");
    let of = if count == 1 { "exception" } else { "exceptions" };
    let form = Form::new(action, format!("Yes: {what} {count} {of}"));
    let form = ["action", "reason", "assignee"]
        .into_iter()
        .fold(form, |form, name| form.hidden(name, visit.form.text(name)))
        .hidden("expected_count", count.to_string());
    if what == "assign" { form } else { form.destructive() }
}

/// What is asked of the API, with the member that says whether it is only counted.
fn body(visit: &Visit<'_>, name: &str, value: Value) -> Value {
    let mut body = said(visit);
    body.insert("filter".to_owned(), Value::Object(filter(visit)));
    body.insert(name.to_owned(), value);
    Value::Object(body)
}

/// The filters of the view as the API takes them in a body.
fn filter(visit: &Visit<'_>) -> Map<String, Value> {
    let text = |name: &'static str| Some((name.to_owned(), json!(visit.query.get(name)?)));
    let list = |name: &'static str| Some((name.to_owned(), json!([visit.query.get(name)?])));
    let whole = |name: &'static str| Some((name.to_owned(), number(visit.query.get(name)?)));
    let members = [
        text("run_id"),
        list("provider_id"),
        text("outcome"),
        list("status"),
        text("assignee"),
        whole("min_age_days"),
        text("amount_min"),
        text("amount_max"),
    ];
    members.into_iter().flatten().collect()
}

/// A whole number; what is none is for the API to refuse.
fn number(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number))
}
