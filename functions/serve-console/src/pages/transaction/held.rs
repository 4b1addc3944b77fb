//! What contradicts a payment and waits for somebody, and what they decide.

use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use serde::Deserialize;
use serde_json::json;

use super::Transaction;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::view::cell;
use crate::view::facts::facts;
use crate::view::form::{Field, Form};
use crate::view::html::Html;
use crate::view::money::Amount;
use crate::view::notice::Notice;
use crate::view::status::Tone;
use crate::visit::{Visit, segment};

#[derive(Deserialize)]
pub struct HeldReport {
    held_id: String,
    kind: String,
    amount: Amount,
    currency: String,
    reports: Vec<Message>,
    decision: Option<Decision>,
}

#[derive(Deserialize)]
struct Message {
    status: Option<String>,
    occurred_at: String,
    provider_transaction_id: Option<String>,
}

#[derive(Deserialize)]
struct Decision {
    ruling: String,
    by: String,
    at: String,
    reason: String,
}

/// All of it, each with the two things that can be done about it.
pub fn part(visit: &Visit<'_>, transaction: &Transaction, held: &[HeldReport]) -> Result<Html, Failure> {
    if held.is_empty() {
        return Ok(Html::default());
    }
    let mut parts = vec![cell::heading_at("held", "Held: what contradicts this payment")?];
    for report in held {
        parts.push(about(visit, transaction, report)?);
        if report.decision.as_ref().is_none_or(|decision| decision.ruling == "dismissed") {
            parts.push(forms(visit, transaction, report)?);
        }
    }
    Ok(Html::join(parts))
}

fn about(visit: &Visit<'_>, transaction: &Transaction, report: &HeldReport) -> Result<Html, Failure> {
    let (zone, now) = (visit.zone(), visit.now);
    let what = match report.kind.as_str() {
        "refund" => "A refund of more than is left",
        _ => "An amount that is not the order's",
    };
    let mut messages = Vec::new();
    for message in &report.reports {
        let id = message.provider_transaction_id.as_deref().unwrap_or("a payment without an id");
        let status = message.status.as_deref().unwrap_or("refund");
        let said = cell::text(&format!("{id} reports {status}"))?;
        messages.push(cell::stack(&[said, cell::time(&message.occurred_at, zone, now)?])?);
    }
    let decided = match &report.decision {
        None => cell::mark(Tone::Warning, "waits for a decision")?,
        Some(decision) => cell::stack(&[
            cell::text(&format!("{} by {}: {}", decision.ruling, decision.by, decision.reason))?,
            cell::time(&decision.at, zone, now)?,
        ])?,
    };
    Ok(facts(&[
        ("What", cell::text(what)?),
        ("Reported", cell::money(report.amount, &report.currency)?),
        ("The order's", cell::money(transaction.amount, &transaction.currency)?),
        ("Messages", cell::stack(&messages)?),
        ("Decision", decided),
    ])?)
}

fn forms(visit: &Visit<'_>, transaction: &Transaction, report: &HeldReport) -> Result<Html, Failure> {
    if !visit.may(Scope::ReconciliationWrite) {
        return Ok(cell::paragraph("Somebody of finance decides this.")?);
    }
    let action = visit.link(&format!("/transactions/{}/held-reports", segment(&transaction.id)));
    let amount = format!("{} {}", report.amount.grouped(), report.currency);
    let form = |ruling: &str, submit: String| {
        Form::new(action.clone(), submit)
            .hidden("held_id", &report.held_id)
            .hidden("ruling", ruling)
            .field(Field::text("reason", "Reason").required().help("Stands in the history, with your name"))
    };
    let accept = form("accepted", format!("Accept {amount}"));
    if report.decision.is_some() {
        return Ok(cell::folded("Accept it after all", &accept.html()?, false)?);
    }
    let dismiss = form("dismissed", format!("Dismiss {amount}")).destructive();
    Ok(Html::join([
        cell::folded(&format!("Accept {amount}…"), &accept.html()?, false)?,
        cell::folded(&format!("Dismiss {amount}…"), &dismiss.html()?, false)?,
    ]))
}

/// Does what one of the forms says.
pub async fn decide(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    let [held_id, ruling, reason] = ["held_id", "ruling", "reason"].map(|name| visit.form.text(name));
    let body = json!({"held_id": held_id, "ruling": ruling, "reason": reason});
    match visit.post(&format!("/transactions/{}/held-reports", segment(id)), &body).await {
        Ok(_) => Ok(Reply::SeeOther(visit.link(&format!("/transactions/{}?done=decided#held", segment(id))))),
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 409 | 422) => {
            let notice = Notice::of_refusal(&refusal).html()?;
            super::page(visit, id, Some((refusal.status, notice))).await
        }
        Err(error) => Err(error.into()),
    }
}
