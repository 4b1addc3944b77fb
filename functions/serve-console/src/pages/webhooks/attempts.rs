//! The attempts at a delivery, each with what was sent and what came back.

use askama::Error;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::view::html::Html;
use crate::view::status::Tone;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, json};
use crate::visit::Visit;

const COLUMNS: &[Column] = &[
    Column::amount("Attempt"),
    Column::new("When"),
    Column::amount("Took"),
    Column::new("What came of it"),
    Column::new("Sent and answered"),
];

#[derive(Deserialize)]
pub struct Attempt {
    number: u64,
    at: String,
    duration_ms: u64,
    http_status: Option<u16>,
    error: Option<String>,
    response: String,
    request_headers: Option<Map<String, Value>>,
}

/// All of them in their order.
///
/// # Errors
/// [`Failure`].
pub fn part(visit: &Visit<'_>, attempts: &[Attempt]) -> Result<Html, Failure> {
    let rows = attempts.iter().map(|attempt| row(visit, attempt)).collect::<Result<_, _>>()?;
    let table = Table::new("Attempts", COLUMNS, rows, "It was not tried yet.");
    Ok(Html::join([cell::heading("Attempts")?, table.html()?]))
}

fn row(visit: &Visit<'_>, attempt: &Attempt) -> Result<Row, Error> {
    let number = attempt.number.to_string();
    let cells = vec![
        cell::text(&number)?,
        cell::time(&attempt.at, visit.zone(), visit.now)?,
        cell::text(&format!("{} ms", attempt.duration_ms))?,
        outcome(attempt.http_status, attempt.error.as_deref())?,
        Html::join([headers(attempt)?, response(attempt)?]),
    ];
    Ok(Row { key: number, cells, ..Row::default() })
}

/// The headers as they went out, one a line.
fn headers(attempt: &Attempt) -> Result<Html, Error> {
    let Some(headers) = &attempt.request_headers else {
        return cell::text("Nothing was sent.");
    };
    let line = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{name}: {text}"),
        other => format!("{name}: {other}"),
    };
    let lines: Vec<String> = headers.iter().map(line).collect();
    json::folded_text(&format!("Headers of attempt {}", attempt.number), &lines.join("\n"))
}

fn response(attempt: &Attempt) -> Result<Html, Error> {
    if attempt.response.is_empty() {
        return Ok(Html::default());
    }
    json::folded_text(&format!("Answer to attempt {}", attempt.number), &attempt.response)
}

/// What came of an attempt: how it was answered, or why it was not.
///
/// # Errors
/// When a template fails, which none does.
pub fn outcome(http_status: Option<u16>, error: Option<&str>) -> Result<Html, Error> {
    match (http_status, error) {
        (Some(status), None) => cell::mark(Tone::Good, &status.to_string()),
        (Some(status), Some("http_status")) => cell::mark(Tone::Bad, &status.to_string()),
        (Some(status), Some(error)) => cell::mark(Tone::Bad, &format!("{status}; {}", in_words(error))),
        (None, Some(error)) => cell::mark(Tone::Bad, in_words(error)),
        (None, None) => cell::maybe(None),
    }
}

/// Why an attempt failed; a reason that is newer than this console is shown as it is.
fn in_words(error: &str) -> &str {
    match error {
        "dns_error" => "its name does not resolve",
        "connection_refused" => "nobody listens there",
        "tls_error" => "no TLS connection could be made",
        "timeout" => "no answer in time",
        "http_status" => "it was no success",
        "blocked_address" => "its address is not on the public internet",
        "response_too_large" => "its answer is too long",
        "connection_error" => "the connection broke off",
        error => error,
    }
}
