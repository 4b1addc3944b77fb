//! A callback that was kept is read again as today's adapter understands it: first to see what would change, then for good.

use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::menu::Entry;
use crate::reply::{Page, Reply};
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::view::table::{Column, Row, Table};
use crate::view::{cell, json as folded};
use crate::visit::{FORM_KEY, Visit, segment};

const DIFFERENCES: &[Column] = &[Column::new("Member"), Column::new("Then"), Column::new("Now")];

#[derive(Deserialize)]
struct Replay {
    received_at: String,
    then: Option<Value>,
    now: Option<Value>,
    differences: serde_json::Map<String, Value>,
}

/// Shows the difference; with `apply` it is applied.
pub async fn show(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    let (entry_id, apply) = (visit.form.text("entry_id"), visit.form.is_ticked("apply"));
    let body = json!({"transaction_id": id, "entry_id": entry_id, "apply": apply});
    let replay: Replay = match visit.post("/callbacks/replay", &body).await {
        Ok(_) if apply => {
            return Ok(Reply::SeeOther(
                visit.link(&format!("/transactions/{}?done=replayed#timeline", segment(id))),
            ));
        }
        Ok(answer) => answer.member("replay")?,
        Err(ClientError::Refused(refusal)) if matches!(refusal.status, 400 | 409 | 422) => {
            let notice = Notice::of_refusal(&refusal).html()?;
            return super::page(visit, id, Some((refusal.status, notice))).await;
        }
        Err(error) => return Err(error.into()),
    };
    let back = visit.link(&format!("/transactions/{}#timeline", segment(id)));
    let body = [
        cell::actions(&[cell::link(&back, "Back to the transaction")?])?,
        cell::time(&replay.received_at, visit.zone(), visit.now)?,
        differences(&replay)?,
        apply_form(visit, id, entry_id)?,
        folded::folded("As it was read then", &replay.then.unwrap_or_default())?,
        folded::folded("As it is read now", &replay.now.unwrap_or_default())?,
    ];
    Ok(Page::new("A callback, read again", Entry::List, Html::join(body)).into())
}

fn differences(replay: &Replay) -> Result<Html, Failure> {
    let row = |(member, difference): (&String, &Value)| {
        let shown = |which: &str| cell::text(&difference[which].to_string());
        Ok(Row {
            key: member.clone(),
            cells: vec![cell::text(member)?, shown("then")?, shown("now")?],
            ..Row::default()
        })
    };
    let rows = replay.differences.iter().map(row).collect::<Result<_, askama::Error>>()?;
    let same = "It is read as it was then. Applying it again changes nothing that is not missing.";
    Ok(Table::new("What is read differently", DIFFERENCES, rows, same).html()?)
}

fn apply_form(visit: &Visit<'_>, id: &str, entry_id: &str) -> Result<Html, Failure> {
    if !visit.may(Scope::ProvidersWrite) {
        return Ok(cell::paragraph("Applying it needs the permission providers:write.")?);
    }
    let action = visit.link(&format!("/transactions/{}/replay", segment(id)));
    let form = Form::new(action, "Apply it").hidden("entry_id", entry_id).hidden("apply", "true");
    Ok(form.hidden(FORM_KEY, visit.new_key()).html()?)
}
