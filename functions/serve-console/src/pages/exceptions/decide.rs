//! Decisions about single exceptions: those whose boxes are ticked.

use paywarden_api_client::{Answer, ClientError, Refusal};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Said, forms, list_link, page};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, status::Tone};
use crate::visit::Visit;

const RESULTS: &[Column] = &[Column::new("Decision"), Column::new("What became of it")];

/// What became of one decision of several.
#[derive(Deserialize)]
struct Outcome {
    status_code: u16,
    exception: Option<Named>,
    error: Option<Wrong>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Wrong {
    code: String,
    message: String,
    parameter: Option<String>,
    request_id: String,
}

/// Carries out what the form says about each that was selected.
pub async fn selected(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let ids = selection(visit);
    let form = || {
        let form = forms::selected(visit).filled(&visit.form);
        ids.iter().fold(form, |form, id| form.hidden("selected", *id))
    };
    if ids.is_empty() {
        let notice = Notice::error("Nothing is selected: tick the boxes of the rows that you decide.");
        return again(visit, 400, notice.html()?, form()).await;
    }
    let decisions: Vec<Value> = ids.iter().map(|id| decision(visit, id)).collect();
    match visit.post("/reconciliation/exceptions", &Value::Array(decisions)).await {
        Ok(answer) => {
            let results = Results::of(&answer, &ids)?;
            if results.is_whole() {
                return Ok(Reply::SeeOther(back(visit, "decided")));
            }
            match results.refused_alike() {
                Some(refusal) => {
                    let kept = Notice::hint(still_selected(ids.len())).html()?;
                    again(visit, refusal.status, kept, form().refused(&refusal)?).await
                }
                None => again(visit, results.status(), results.html()?, forms::selected(visit)).await,
            }
        }
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 409 | 413 | 422) => {
            again(visit, refusal.status, Html::default(), form().refused(&refusal)?).await
        }
        Err(error) => Err(error.into()),
    }
}

fn still_selected(count: usize) -> String {
    match count {
        1 => "The row that was selected still is.".to_owned(),
        count => format!("The {count} rows that were selected still are."),
    }
}

/// The ids that were ticked, each once.
fn selection<'a>(visit: &'a Visit<'_>) -> Vec<&'a str> {
    let mut ids: Vec<&str> = visit.form.all("selected").collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn decision(visit: &Visit<'_>, id: &str) -> Value {
    let mut decision = said(visit);
    decision.insert("exception_id".to_owned(), json!(id));
    Value::Object(decision)
}

/// What the form says is to be done. Who looks at it is only told when somebody is to.
pub fn said(visit: &Visit<'_>) -> Map<String, Value> {
    let text = |name: &str| (name.to_owned(), json!(visit.form.text(name)));
    let mut said = Map::from_iter([text("action"), text("reason")]);
    if let Some(assignee) = visit.form.get("assignee").filter(|_| visit.form.get("action") == Some("assign"))
    {
        said.insert("assignee".to_owned(), json!(assignee));
    }
    said
}

/// The view that the form came from, with what was done.
pub fn back(visit: &Visit<'_>, done: &str) -> String {
    let query = visit.query.query(|name| !matches!(name, "done" | "cursor"));
    let separator = if query.is_empty() { "" } else { "&" };
    list_link(visit, &format!("{query}{separator}done={done}"))
}

async fn again(visit: &Visit<'_>, status: u16, notice: Html, form: Form) -> Result<Reply, Failure> {
    page(visit, Said { status: Some(status), notice, selected: Some(form), ..Said::default() }).await
}

/// What became of several decisions, each with what it is called.
pub struct Results<'a> {
    outcomes: Vec<Outcome>,
    names: Vec<&'a str>,
}

impl<'a> Results<'a> {
    /// Reads an answer; `names` say what each decision was about, as far as that is known.
    ///
    /// # Errors
    /// [`ClientError`] when it is none of the API's.
    pub fn of(answer: &Answer, names: &[&'a str]) -> Result<Self, ClientError> {
        Ok(Self { outcomes: answer.member("results")?, names: names.to_vec() })
    }

    /// Whether all of it was carried out.
    pub fn is_whole(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.status_code == 200)
    }

    /// That of the first that was not.
    pub fn status(&self) -> u16 {
        let refused = self.outcomes.iter().find(|outcome| outcome.status_code != 200);
        refused.map_or(200, |outcome| outcome.status_code)
    }

    /// The refusal, if none was carried out and all for what the form says of every one of them.
    fn refused_alike(&self) -> Option<Refusal> {
        let first = self.outcomes.first()?.error.as_ref()?;
        let parameter = first.parameter.as_deref()?;
        let is_alike = |outcome: &Outcome| {
            outcome.error.as_ref().is_some_and(|error| error.parameter.as_deref() == Some(parameter))
        };
        self.outcomes.iter().all(is_alike).then(|| Refusal {
            status: self.status(),
            code: first.code.clone(),
            message: first.message.clone(),
            parameter: Some(parameter.to_owned()),
            request_id: first.request_id.clone(),
        })
    }

    /// Each decision that was not carried out, with why, below how many were.
    ///
    /// # Errors
    /// When a template fails, which none does.
    pub fn html(&self) -> Result<Html, askama::Error> {
        let done = self.outcomes.iter().filter(|outcome| outcome.status_code == 200).count();
        let of = self.outcomes.len();
        let notice = Notice::warning(format!("{done} of {of} decisions were carried out. These were not:"));
        let refused = self.outcomes.iter().enumerate().filter(|(_, outcome)| outcome.status_code != 200);
        let rows = refused.map(|(place, outcome)| self.row(place, outcome)).collect::<Result<_, _>>()?;
        let table = Table::new("Decisions that were not carried out", RESULTS, rows, "");
        Ok(Html::join([notice.html()?, table.html()?]))
    }

    fn row(&self, place: usize, outcome: &Outcome) -> Result<Row, askama::Error> {
        let known = outcome.exception.as_ref().map(|named| named.id.as_str());
        let name = match known.or_else(|| self.names.get(place).copied()) {
            Some(id) => cell::id(id)?,
            None => cell::text(&format!("Decision {}", place.saturating_add(1)))?,
        };
        let why = outcome.error.as_ref().map_or_else(String::new, |error| match &error.parameter {
            Some(parameter) => format!("{parameter}: {}", error.message),
            None => error.message.clone(),
        });
        Ok(Row { key: place.to_string(), cells: vec![name, cell::mark(Tone::Bad, &why)?], ..Row::default() })
    }
}
