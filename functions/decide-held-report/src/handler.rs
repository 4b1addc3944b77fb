//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::TransactionId;
use paywarden_domain::transaction::decision::{Decision, HeldId, NotDecided, Ruling};
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_payments::decide::{DecideError, HeldDecision};
use serde_json::{Value, json};

use crate::deps::Deps;

/// What is to be decided.
struct Wish {
    held: HeldId,
    ruling: Ruling,
    reason: String,
}

/// Decides, and answers the transaction as it is then.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", TransactionId::parse)?;
    let wish = read(&request.json()?)?;
    let decision = HeldDecision {
        held: wish.held,
        ruling: wish.ruling,
        reason: &wish.reason,
        by: caller.actor(),
        correlation_id: &request.correlation_id,
    };
    let decided = deps.decider.decide(&caller.merchant_id, &id, &decision).await.map_err(problem)?;
    let answer = Answer::ok(&json!({
        "status": true,
        "transaction": TransactionRecord::new(&decided, &caller.zone),
        "held_reports": decided.held_answer(&caller.zone),
    }))?;
    Ok(answer.with_change(Changed::to(json!({
        "transaction_status": decided.status(),
        "decision": wish.ruling.as_str(),
        "reason": wish.reason,
        "held_reports": decided.held_answer(&caller.zone),
    }))))
}

fn read(body: &Value) -> Result<Wish, InvalidField> {
    let fields = Fields::of(body)?;
    let wish = Wish {
        held: fields
            .text("held_id", HeldId::CHARACTERS)?
            .map(|text| HeldId::new(&text))
            .ok_or_else(|| fields.refused("held_id", "is required"))?,
        ruling: fields.required("ruling", Ruling::parse)?,
        reason: fields
            .text("reason", Decision::REASON_CHARACTERS)?
            .ok_or_else(|| fields.refused("reason", "is required"))?,
    };
    fields.finish()?;
    Ok(wish)
}

fn problem(error: DecideError) -> Problem {
    let message = error.to_string();
    match error {
        DecideError::NotThere => Problem::not_found("transaction"),
        DecideError::NotDecided(NotDecided::NotHeld) => Problem::unprocessable("held_id", message),
        DecideError::NotDecided(NotDecided::OtherCurrency) => Problem::unprocessable("ruling", message),
        DecideError::NotDecided(NotDecided::Accepted) => Problem::conflict("already_decided", message),
        DecideError::PaymentOfAnother => Problem::conflict("payment_of_another_transaction", message),
        DecideError::Store(error) => error.into(),
    }
}

#[cfg(test)]
mod tests;
