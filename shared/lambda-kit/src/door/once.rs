//! `Idempotency-Key`: a request that creates something, sent again under its key, gets the answer it had before. As Stripe does it
//! (<https://docs.stripe.com/api/idempotent_requests>) and the draft of the IETF describes it
//! (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).

use data_encoding::HEXLOWER;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use paywarden_store::StoreError;
use paywarden_store::kept_answers::{Asked, Hold, KeptAnswers, Known};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::answer::Answer;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::request::ApiRequest;

const HEADER: &str = "Idempotency-Key";

/// Says that an answer is that of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Longest key, in characters.
const KEY_CHARACTERS: usize = 255;

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// The request as it is known again, if it has a key.
pub(super) fn asked(function: &str, caller: &Caller, request: &ApiRequest) -> Result<Option<Asked>, Problem> {
    let Some(key) = key(&request.headers)? else {
        return Ok(None);
    };
    let merchant = caller.merchant_id.clone();
    let who = caller.principal.to_string();
    let id = hash(&[merchant.as_str(), who.as_str(), function, key].map(str::as_bytes));
    let mut query = request.query.0.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
    let mut parts = vec![request.method.as_str().as_bytes(), request.path.as_bytes(), &request.body];
    parts.extend(&mut query);
    Ok(Some(Asked { merchant_id: merchant, id, fingerprint: hash(&parts) }))
}

fn key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(HEADER).into_iter();
    let (Some(value), more) = (values.next(), values.next()) else {
        return Ok(None);
    };
    let is_key = |key: &&str| {
        (1..=KEY_CHARACTERS).contains(&key.len()) && key.bytes().all(|byte| (b' '..=b'~').contains(&byte))
    };
    let key = value.to_str().ok().map(str::trim).filter(is_key).filter(|_| more.is_none());
    let expected = format!("expected one key of 1 to {KEY_CHARACTERS} printable ASCII characters");
    key.map(Some).ok_or_else(|| Problem::invalid(HEADER, expected))
}

/// The hash of some parts, each behind its length.
fn hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    HEXLOWER.encode(&hash.finalize())
}

/// Does the work, unless it was done before.
pub(super) async fn once(
    answers: &KeptAnswers,
    asked: Asked,
    work: impl Future<Output = Result<Answer, Problem>>,
) -> Result<Answer, Problem> {
    match answers.begin(asked).await {
        Ok(Known::ToBeDone(hold, beginning)) => {
            let outcome = beginning.run(work).await;
            settle(answers, &hold, &outcome).await;
            outcome
        }
        Ok(Known::Answered(kept)) => replayed(&kept),
        Ok(Known::Otherwise) => Err(Problem::key_reused(HEADER)),
        Ok(Known::Busy) | Err(StoreError::Conflict) => Err(Problem::under_way()),
        Err(error) => Err(error.into()),
    }
}

/// Keeps what was done, and lets go of what was not. Where that fails the answer is given all the same: whoever asks again has it
/// done again, with the same outcome.
async fn settle(answers: &KeptAnswers, hold: &Hold, outcome: &Result<Answer, Problem>) {
    let settled = match outcome {
        Ok(answer) => answers.keep(hold, &text(answer)).await,
        Err(problem) if problem.status() >= 500 => answers.release(hold).await,
        Err(_) => answers.forget(hold).await,
    };
    if let Err(error) = settled {
        Problem::from(error).log();
    }
}

fn text(answer: &Answer) -> String {
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers = answer.headers.iter().filter_map(header).collect();
    let kept = Kept { status: answer.status.as_u16(), headers, body: answer.body.clone() };
    serde_json::json!(kept).to_string()
}

fn replayed(kept: &str) -> Result<Answer, Problem> {
    let unreadable = |error: String| Problem::internal(format!("a kept answer cannot be read: {error}"));
    let kept: Kept = serde_json::from_str(kept).map_err(|error| unreadable(error.to_string()))?;
    let status = StatusCode::from_u16(kept.status).map_err(|error| unreadable(error.to_string()))?;
    let header = |(name, value): (String, String)| Some((name.parse().ok()?, value.parse().ok()?));
    let headers: HeaderMap = kept.headers.into_iter().filter_map(header).collect();
    let answer = Answer { status, headers, body: kept.body, changed: None };
    Ok(answer.with_header(REPLAYED, HeaderValue::from_static("true")))
}
