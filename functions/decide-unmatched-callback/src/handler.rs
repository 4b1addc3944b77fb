//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::{EntryId, ProviderId, TransactionId};
use paywarden_domain::time::Day;
use paywarden_domain::transaction::decision::Decision;
use paywarden_domain::transaction::report::Report;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_payments::replay::ReplayError;
use paywarden_payments::unmatched::{Decided, Unmatched, UnmatchedError};
use paywarden_payments::unmatched_days::bounds;
use serde_json::{Value, json};

use crate::deps::Deps;

/// What is to be done.
struct Wish {
    /// The day it is listed on.
    day: Option<Day>,
    /// What it is to be bound to, if it is.
    transaction_id: Option<TransactionId>,
    reason: String,
    apply: bool,
}

/// Shows what the callback says, and does with it what is wished.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let provider = request.path_id("id", ProviderId::parse)?;
    let entry = request.path_id("entry_id", EntryId::parse)?;
    let wish = read(&request.json()?)?;
    let day = wish.day.unwrap_or_else(|| caller.zone.day_of(deps.decider.clock().now()));
    let bounds = bounds(&caller.zone, day)
        .map_err(|_| Problem::unprocessable("day", "expected a day of the calendar as YYYY-MM-DD"))?;
    let found = deps.decider.find(&caller.merchant_id, &provider, &entry, bounds).await.map_err(refused)?;
    if wish.apply {
        apply(deps, &caller, &found, &wish).await?;
    }
    let reports: Vec<Value> = found.callback.reports.iter().map(Report::summary).collect();
    let shown = json!({
        "entry_id": entry,
        "provider_id": provider,
        "received_at": caller.zone.offset_text_millis(found.entry.at),
        "reports": reports,
        "transaction_id": wish.transaction_id,
        "applied": wish.apply,
    });
    let answer = Answer::ok(&json!({"status": true, "unmatched_callback": shown}))?;
    Ok(if wish.apply { answer.with_change(Changed::to(shown)) } else { answer })
}

async fn apply(deps: &Deps, caller: &Caller, found: &Unmatched, wish: &Wish) -> Result<(), Problem> {
    let decided = Decided { by: caller.actor(), reason: &wish.reason };
    let Some(to) = &wish.transaction_id else {
        return deps.decider.replay(found, &decided).await.map_err(refused);
    };
    deps.decider.bind(found, to, &decided).await.map_err(|error| match error {
        UnmatchedError::Replay(error) => refused(error),
        UnmatchedError::PaymentOfAnother => {
            Problem::conflict("payment_of_another_transaction", error.to_string())
        }
        UnmatchedError::AppliedBefore => Problem::conflict("applied_before", error.to_string()),
        UnmatchedError::Several => Problem::unprocessable("entry_id", error.to_string()),
    })
}

fn read(body: &Value) -> Result<Wish, InvalidField> {
    let fields = Fields::of(body)?;
    let wish = Wish {
        day: fields.parsed("day", Day::parse)?,
        transaction_id: fields.parsed("transaction_id", TransactionId::parse)?,
        reason: fields.text("reason", Decision::REASON_CHARACTERS)?.unwrap_or_default(),
        apply: fields.flag("apply")?.unwrap_or(false),
    };
    fields.finish()?;
    if wish.apply && wish.reason.is_empty() {
        return Err(fields.refused("reason", "is required to apply it"));
    }
    Ok(wish)
}

fn refused(error: ReplayError) -> Problem {
    let message = error.to_string();
    match error {
        ReplayError::NotThere("transaction") => Problem::unprocessable("transaction_id", message),
        ReplayError::NotThere(noun) => Problem::not_found(noun),
        ReplayError::NoCallback | ReplayError::Malformed(_) | ReplayError::ReportsNothing => {
            Problem::unprocessable("entry_id", message)
        }
        ReplayError::Store(error) => error.into(),
    }
}

#[cfg(test)]
mod tests;
