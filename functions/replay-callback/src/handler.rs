//! The endpoint.

use paywarden_domain::access::Scope;
use paywarden_domain::audit::Changed;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::{EntryId, TransactionId};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_payments::replay::ReplayError;
use serde_json::{Value, json};

use crate::deps::Deps;

/// What is to be read again.
struct Wish {
    transaction_id: TransactionId,
    entry_id: EntryId,
    apply: bool,
}

/// Reads the callback behind an entry again, shows what is different, and queues it if it is to be applied.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let wish = read(&request.json()?)?;
    if wish.apply {
        caller.require(Scope::ProvidersWrite)?;
    }
    let replay = deps.replayer.read(&caller.merchant_id, &wish.transaction_id, &wish.entry_id).await;
    let replay = replay.map_err(problem)?;
    if wish.apply {
        deps.replayer.apply(&replay, &request.correlation_id).await.map_err(problem)?;
    }
    let shown = json!({
        "transaction_id": wish.transaction_id,
        "entry_id": wish.entry_id,
        "provider_id": replay.provider.id,
        "received_at": caller.zone.offset_text_millis(replay.entry.at),
        "then": replay.reading.then,
        "now": replay.reading.now,
        "differences": replay.reading.differences,
        "applied": wish.apply,
    });
    let answer = Answer::ok(&json!({"status": true, "replay": shown}))?;
    Ok(if wish.apply { answer.with_change(Changed::to(shown)) } else { answer })
}

fn read(body: &Value) -> Result<Wish, InvalidField> {
    let fields = Fields::of(body)?;
    let wish = Wish {
        transaction_id: fields.required("transaction_id", TransactionId::parse)?,
        entry_id: fields.required("entry_id", EntryId::parse)?,
        apply: fields.flag("apply")?.unwrap_or(false),
    };
    fields.finish()?;
    Ok(wish)
}

fn problem(error: ReplayError) -> Problem {
    let message = error.to_string();
    match error {
        ReplayError::NotThere(noun) => Problem::not_found(noun),
        ReplayError::NoCallback | ReplayError::Malformed(_) | ReplayError::ReportsNothing => {
            Problem::unprocessable("entry_id", message)
        }
        ReplayError::Store(error) => error.into(),
    }
}

#[cfg(test)]
mod tests;
