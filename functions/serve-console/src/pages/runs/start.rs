//! `/reconciliation/runs/new`: what is to be held against what.

use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use serde_json::{Map, Value, json};

use super::link;
use super::run::Run;
use crate::failure::Failure;
use crate::menu::Entry;
use crate::pages::names::Providers;
use crate::reply::{Page, Reply};
use crate::view::cell;
use crate::view::form::{Field, Form};
use crate::view::html::Html;
use crate::visit::{FORM_KEY, Visit};

/// Fields that are whole numbers, and where they stand in the request.
const RULES: &[(&str, &str, &str)] = &[
    (
        "rules.tolerance_minor",
        "Amounts may differ by so many of the smallest unit",
        "Empty for the merchant's setting",
    ),
    (
        "rules.tolerance_basis_points",
        "Or by so many ten-thousandths of the ledger's amount",
        "Empty for the merchant's setting",
    ),
    (
        "rules.lag_days",
        "Business days from payment to settlement",
        "Empty for what the provider's settings say",
    ),
];

pub async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    visit.require(Scope::ReconciliationWrite)?;
    let providers = Providers::read(visit).await?;
    let form = form(visit, &providers).hidden(FORM_KEY, visit.new_key());
    page(&form, 200)
}

fn page(form: &Form, status: u16) -> Result<Reply, Failure> {
    let about = "What moved on these days is held against the provider's statements. The same request again is the same run; when \
                 it completes it takes the place of the run before for the same provider and days.";
    let body = Html::join([cell::paragraph(about)?, form.html()?]);
    Ok(Page::new("Start a run", Entry::Runs, body).with_status(status).into())
}

/// The form; what the address says is filled in, as the page of a file does it.
fn form(visit: &Visit<'_>, providers: &Providers) -> Form {
    let asked = |name: &str| visit.query.text(name).to_owned();
    let provider = visit.query.get("provider_id");
    let form = Form::new(visit.here(""), "Start the run")
        .field(
            Field::choice("provider_id", "Provider", providers.choices(provider)).value(asked("provider_id")),
        )
        .field(Field::day("start_date", "First day").required().value(asked("start_date")))
        .field(
            Field::day("end_date", "Last day")
                .required()
                .value(asked("end_date"))
                .help("At most 92 days in all"),
        )
        .field(
            Field::area("statement_ids", "Statements, one id a line")
                .value(asked("statement_ids"))
                .help("Empty for all that have bookings on these days"),
        )
        .field(
            Field::day("as_of", "Day by which the statements are complete")
                .value(asked("as_of"))
                .help("Empty for the day of their last row"),
        );
    let rules = RULES.iter().map(|(name, label, help)| Field::text(*name, *label).help(*help));
    form.fields(rules).field(
        Field::flag("dry_run", "Dry run")
            .help("Leaves nothing but its report: no exceptions, and no other run gives way"),
    )
}

/// Starts it, and shows it.
pub async fn start(visit: &Visit<'_>) -> Result<Reply, Failure> {
    match visit.post("/reconciliation/runs", &body(visit)).await {
        Ok(answer) => {
            let run: Run = answer.member("run")?;
            let done = if answer.status == 201 { "started" } else { "known" };
            Ok(Reply::SeeOther(format!("{}?done={done}", link(visit, &run.id))))
        }
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 409 | 413 | 422) => {
            let providers = Providers::read(visit).await?;
            let form = form(visit, &providers).filled(&visit.form).refused(&refusal)?;
            page(&form.hidden(FORM_KEY, visit.form.text(FORM_KEY)), refusal.status)
        }
        Err(error) => Err(error.into()),
    }
}

/// The request. What is not filled in is not said, so that the API's own defaults hold.
fn body(visit: &Visit<'_>) -> Value {
    let names = ["provider_id", "start_date", "end_date", "as_of"];
    let said = names.into_iter().filter_map(|name| Some((name.to_owned(), json!(visit.form.get(name)?))));
    let mut body: Map<String, Value> = said.collect();
    let ids = visit.form.text("statement_ids").split([' ', ',', '\n', '\r', '\t']);
    let ids: Vec<&str> = ids.filter(|id| !id.is_empty()).collect();
    if !ids.is_empty() {
        body.insert("statement_ids".to_owned(), json!(ids));
    }
    if visit.form.is_ticked("dry_run") {
        body.insert("dry_run".to_owned(), json!(true));
    }
    let rules = RULES.iter().filter_map(|(name, _, _)| {
        Some((name.strip_prefix("rules.")?.to_owned(), whole_number(visit.form.get(name)?)))
    });
    let rules: Map<String, Value> = rules.collect();
    if !rules.is_empty() {
        body.insert("rules".to_owned(), Value::Object(rules));
    }
    Value::Object(body)
}

/// A whole number; what is none is for the API to refuse.
fn whole_number(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number))
}
