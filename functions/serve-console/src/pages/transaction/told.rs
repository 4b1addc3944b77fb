//! An attempt at a webhook leads to the delivery that it was made for. The last one, where it was given up, can be told again.

use std::collections::{BTreeMap, BTreeSet};

use paywarden_api_client::ClientError;
use paywarden_domain::access::Scope;
use serde_json::{Value, json};

use super::Transaction;
use super::story::is_success;
use super::timeline::Logged;
use crate::failure::{Failure, refusal};
use crate::pages::webhooks::record::{delivery_link, path};
use crate::pages::webhooks::replay::Replay;
use crate::reply::Reply;
use crate::view::cell;
use crate::view::form::Form;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::visit::{FORM_KEY, Visit, segment};

const ENDPOINT: &str = "endpoint_id";
const DELIVERY: &str = "delivery_id";

/// The ids of an attempt's endpoint and delivery; what is no attempt has none.
fn ids(entry: &Logged) -> Option<(&str, &str)> {
    let id = |name: &str| entry.detail.get(name).and_then(Value::as_str);
    id(ENDPOINT).zip(id(DELIVERY)).filter(|_| entry.kind == "webhook_attempt")
}

/// The entries that are the last attempt at their delivery.
pub fn last_attempts(entries: &[Logged]) -> BTreeSet<&str> {
    let attempts = entries.iter().filter_map(|entry| Some((ids(entry)?.1, entry.id.as_str())));
    let last: BTreeMap<&str, &str> = attempts.collect();
    last.into_values().collect()
}

/// Where its delivery is, and the button that tells it again.
///
/// # Errors
/// When a template fails, which none does.
pub fn ways(
    visit: &Visit<'_>,
    transaction: &Transaction,
    entry: &Logged,
    is_last: bool,
) -> Result<Html, askama::Error> {
    let Some((endpoint, delivery)) = ids(entry).filter(|_| visit.may(Scope::WebhooksRead)) else {
        return Ok(Html::default());
    };
    let link = cell::link(&delivery_link(visit, endpoint, delivery), "Its delivery")?;
    let is_planned = entry.detail.get("next_attempt_at").is_some_and(|at| !at.is_null());
    let is_over = is_last && !is_planned && !is_success(entry);
    if !is_over || !visit.may(Scope::WebhooksWrite) {
        return cell::actions(&[link]);
    }
    let action = visit.link(&format!("/transactions/{}/webhooks", segment(&transaction.id)));
    let form = Form::new(action, "Replay")
        .hidden(ENDPOINT, endpoint)
        .hidden(DELIVERY, delivery)
        .hidden(FORM_KEY, visit.new_key());
    Ok(Html::join([cell::actions(&[link])?, form.html()?]))
}

/// What was done, in words, with the way to see it arrive.
pub fn done(visit: &Visit<'_>, notice: &Notice) -> Result<Html, Failure> {
    let again = format!("{}#timeline", visit.here(""));
    Ok(Html::join([notice.html()?, cell::actions(&[cell::link(&again, "Look again")?])?]))
}

/// Tells it again, and comes back to the payment.
pub async fn replay(visit: &Visit<'_>, id: &str) -> Result<Reply, Failure> {
    visit.require(Scope::WebhooksWrite)?;
    match send(visit).await {
        Ok(replay) => {
            let page = format!("/transactions/{}?done=webhook-{}#timeline", segment(id), replay.done());
            Ok(Reply::SeeOther(visit.link(&page)))
        }
        Err(error) => {
            let refusal = refusal(error)?;
            let notice = Notice::of_refusal(&refusal).html()?;
            super::page(visit, id, Some((refusal.status, notice))).await
        }
    }
}

async fn send(visit: &Visit<'_>) -> Result<Replay, ClientError> {
    let body = json!({DELIVERY: visit.form.text(DELIVERY)});
    let answer = visit.post(&format!("{}/replay", path(visit.form.text(ENDPOINT))), &body).await?;
    answer.member("replay")
}
