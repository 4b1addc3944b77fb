//! What is to be done about exceptions: as an object, an array of them, or a table.

use lambda_http::http::header::CONTENT_TYPE;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::ExceptionId;
use paywarden_domain::reconciliation::exception::{Action, Exception};
use paywarden_domain::spreadsheet::original;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::{ApiRequest, MAX_BODY_BYTES};
use paywarden_reconciliation::decide::Decision;
use serde_json::{Map, Value};

/// Decisions that one request may bring.
pub const MAX_DECISIONS: usize = 500;

/// The columns of a table; others are passed over, so that the exported list can be sent back.
const COLUMNS: [&str; 4] = ["exception_id", "action", "reason", "assignee"];

/// What a request brings.
pub enum Decisions {
    One(Value),
    Many(Vec<Value>),
}

/// Reads the body, as far as how many there are.
pub fn read(request: &ApiRequest) -> Result<Decisions, Problem> {
    let content_type = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_table = content_type.is_some_and(|text| text.trim_start().starts_with("text/csv"));
    let body = if is_table { Value::Array(table(&request.body)?) } else { request.json()? };
    match body {
        Value::Object(_) => Ok(Decisions::One(body)),
        Value::Array(items) if (1..=MAX_DECISIONS).contains(&items.len()) => Ok(Decisions::Many(items)),
        _ => Err(Problem::unprocessable(
            "body",
            format!("expected one decision, or 1 to {MAX_DECISIONS} of them as an array or as CSV"),
        )),
    }
}

/// The rows of a table whose action was filled in.
fn table(bytes: &[u8]) -> Result<Vec<Value>, Problem> {
    if bytes.len() > MAX_BODY_BYTES {
        return Err(Problem::too_large(MAX_BODY_BYTES));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let refused = |error: csv::Error| Problem::invalid("body", format!("expected CSV: {error}"));
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.headers().map_err(refused)?.clone();
    let place = |name: &str| header.iter().position(|column| column.trim() == name);
    let places = COLUMNS.map(|name| (name, place(name)));
    for (name, place) in places.iter().take(3) {
        if place.is_none() {
            return Err(Problem::unprocessable(name, "expected a column of this name"));
        }
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(refused)?;
        let cell = |place: Option<usize>| {
            original(place.and_then(|place| record.get(place)).unwrap_or_default().trim())
        };
        let members = places.iter().filter(|(_, place)| !cell(*place).is_empty());
        let row: Map<String, Value> =
            members.map(|(name, place)| ((*name).to_owned(), Value::from(cell(*place)))).collect();
        if row.contains_key("action") {
            rows.push(Value::Object(row));
        }
    }
    Ok(rows)
}

/// Reads one decision.
pub fn decision(value: &Value) -> Result<Decision, InvalidField> {
    let fields = Fields::of(value)?;
    let decision = Decision {
        id: fields.required("exception_id", ExceptionId::parse)?,
        action: fields.required("action", Action::parse)?,
        reason: fields
            .text("reason", Exception::REASON_CHARACTERS)?
            .ok_or_else(|| fields.refused("reason", "is required"))?,
        assignee: fields.text("assignee", Exception::ASSIGNEE_CHARACTERS)?,
    };
    fields.finish()?;
    if decision.action == Action::Assign && decision.assignee.is_none() {
        return Err(fields.refused("assignee", "is required to assign"));
    }
    Ok(decision)
}
