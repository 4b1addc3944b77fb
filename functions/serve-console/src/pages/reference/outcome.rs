//! What came of a request that was tried.

use http::StatusCode;
use paywarden_api_client::{Answer, ClientError};
use serde_json::Value;

use super::call::{Call, Payload, is_secret};
use super::language::variable;
use super::pieces::raw;
use crate::failure::Failure;
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::html::Html;
use crate::view::json;
use crate::view::notice::Notice;
use crate::view::status::Tone;
use crate::visit::Visit;

/// Headers of an answer that say something.
const HEADERS: &[&str] = &[
    "content-type",
    "etag",
    "location",
    "idempotent-replayed",
    "retry-after",
    "x-next-cursor",
    "x-correlation-id",
    "www-authenticate",
];

/// Members of answers that would let somebody act as whoever is signed in.
const TOKENS: &[&str] = &["access_token", "refresh_token", "id_token"];

/// Longest body that is shown, in characters.
const LONGEST_BODY: usize = 100_000;

/// Sends a request and shows what came back.
///
/// # Errors
/// [`Failure`].
pub async fn of(visit: &Visit<'_>, call: &Call) -> Result<Html, Failure> {
    let began = visit.deps.clock.now();
    let answer = send(visit, call).await;
    let took = visit.deps.clock.now().as_millis().saturating_sub(began.as_millis());
    let shown = match answer {
        Ok(answer) => answer_part(&answer, took)?,
        Err(ClientError::Transport(error)) => {
            tracing::warn!(error = %error, "the API has no answer for a request that was tried");
            Notice::unavailable("").html()?
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Html::join([shown, json::folded_text("What was sent", &sent(visit, call))?]))
}

async fn send(visit: &Visit<'_>, call: &Call) -> Result<Answer, ClientError> {
    let mut request = if call.has_token {
        visit.api.request(call.method.clone(), &call.path).await?
    } else {
        visit.api.at(call.method.clone(), &format!("{}{}", visit.api.url(), call.path))
    };
    for (name, value) in &call.headers {
        request = request.header(name.as_str(), value.as_str());
    }
    request = match &call.payload {
        Payload::Nothing => request,
        Payload::Text(text) => request.body(text.clone()),
        Payload::Form(members) => {
            let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(members).finish();
            request.header("content-type", "application/x-www-form-urlencoded").body(form)
        }
    };
    request.send().await
}

fn answer_part(answer: &Answer, took: u64) -> Result<Html, Failure> {
    let reason = StatusCode::from_u16(answer.status).ok().and_then(|status| status.canonical_reason());
    let status = format!("{} {}", answer.status, reason.unwrap_or_default());
    let tone = if answer.status < 400 { Tone::Good } else { Tone::Bad };
    let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
    let mut about = vec![
        ("Status", cell::mark(tone, status.trim())?),
        ("Took", cell::text(&format!("{took} ms"))?),
        ("Request id", header("x-request-id").map_or_else(|| cell::maybe(None), cell::id)?),
    ];
    for name in HEADERS {
        if let Some(value) = header(name) {
            about.push((name, cell::text(value)?));
        }
    }
    Ok(Html::join([facts(&about)?, body(&answer.text)?]))
}

fn body(text: &str) -> Result<Html, Failure> {
    let shown = match serde_json::from_str::<Value>(text) {
        Ok(mut value) => {
            hide_tokens(&mut value);
            serde_json::to_string_pretty(&value).unwrap_or_default()
        }
        Err(_) => text.to_owned(),
    };
    if shown.is_empty() {
        return Ok(cell::paragraph("The answer has no body.")?);
    }
    match shown.char_indices().nth(LONGEST_BODY).and_then(|(end, _)| shown.get(..end)) {
        None => Ok(raw("the answer", &shown)?),
        Some(beginning) => {
            let said = format!("This is the beginning: the answer has {} bytes.", text.len());
            Ok(Html::join([Notice::hint(said).html()?, raw("the beginning of the answer", beginning)?]))
        }
    }
}

/// A page is no place for tokens: they are for programs, and whoever needs one asks with the code below.
fn hide_tokens(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if TOKENS.contains(&name.as_str()) && member.is_string() {
                    *member = Value::from("(there is one; it is not shown here)");
                } else {
                    hide_tokens(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide_tokens),
        _ => {}
    }
}

/// The request as it went out, without secrets.
fn sent(visit: &Visit<'_>, call: &Call) -> String {
    let mut lines = vec![format!("{} {}{}", call.method, visit.api.url(), call.path)];
    if call.has_token {
        lines.push("authorization: Bearer $TOKEN".to_owned());
    }
    lines.extend(call.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    match &call.payload {
        Payload::Nothing => {}
        Payload::Text(text) => lines.extend([String::new(), text.clone()]),
        Payload::Form(members) => {
            lines.extend(["content-type: application/x-www-form-urlencoded".to_owned(), String::new()]);
            lines.extend(members.iter().map(|(name, value)| match is_secret(name) {
                true => format!("{name}=${}", variable(name)),
                false => format!("{name}={value}"),
            }));
        }
    }
    lines.join("\n")
}
