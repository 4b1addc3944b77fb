//! The endpoint.

use std::sync::Arc;

use paywarden_domain::access::Scope;
use paywarden_domain::id::{EntryId, ProviderId, TransactionId};
use paywarden_domain::provider::Provider;
use paywarden_domain::time::Clock;
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::TrustGrade;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::body::Fields;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::StoreError;
use paywarden_store::providers::Providers;
use paywarden_store::queue::{Message, Queue};
use paywarden_store::timeline::Timeline;
use paywarden_store::transactions::Transactions;
use serde_json::{Value, json};

use crate::reading::{Reading, read_again};

/// Entries of a timeline that are read at once, and how often, before an entry counts as not found.
const PAGE: u16 = 100;
const PAGES: usize = 20;

/// What the endpoint works with.
pub struct Deps {
    pub transactions: Transactions,
    pub timeline: Timeline,
    pub providers: Providers,
    pub events: Arc<dyn Queue>,
    pub clock: Arc<dyn Clock>,
}

/// What is to be read again.
struct Wish {
    transaction_id: TransactionId,
    entry_id: EntryId,
    apply: bool,
}

/// Reads the callback behind an entry again, shows what is different, and queues it if it is to be applied.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let caller = request.caller(deps.clock.as_ref())?;
    caller.require(Scope::LogsRead)?;
    let wish = read(&request.json()?)?;
    if wish.apply {
        caller.require(Scope::ProvidersWrite)?;
    }
    let transaction = find_transaction(deps, &caller, &wish.transaction_id).await?;
    let entry = find_entry(deps, &wish).await?;
    let provider = find_provider(deps, &caller, &entry).await?;
    let reading = read_again(&provider, &transaction, &entry)?;
    if wish.apply {
        if reading.reports.is_empty() {
            let message = "cannot be applied: as it is read now, it reports nothing of this transaction";
            return Err(Problem::unprocessable("entry_id", message));
        }
        apply(deps, &request, &provider, &entry, &reading).await?;
    }
    Answer::ok(&json!({
        "status": true,
        "replay": {
            "transaction_id": transaction.id,
            "entry_id": entry.id,
            "provider_id": provider.id,
            "received_at": caller.zone.offset_text_millis(entry.at),
            "then": reading.then,
            "now": reading.now,
            "differences": reading.differences,
            "applied": wish.apply,
        },
    }))
}

fn read(body: &Value) -> Result<Wish, Problem> {
    let fields = Fields::of(body)?;
    let wish = Wish {
        transaction_id: fields.required("transaction_id", TransactionId::parse)?,
        entry_id: fields.required("entry_id", EntryId::parse)?,
        apply: fields.flag("apply")?.unwrap_or(false),
    };
    fields.finish()?;
    Ok(wish)
}

async fn find_transaction(deps: &Deps, caller: &Caller, id: &TransactionId) -> Result<Transaction, Problem> {
    let found = deps.transactions.find(id).await?;
    let found = found.filter(|transaction| transaction.merchant_id == caller.merchant_id);
    found.ok_or_else(|| Problem::not_found("transaction"))
}

/// Entries are in order of time and looked up by transaction, so one of them is found by reading on.
async fn find_entry(deps: &Deps, wish: &Wish) -> Result<Entry, Problem> {
    let subject = Subject::Transaction(wish.transaction_id.clone());
    let mut after = None;
    for _ in 0..PAGES {
        let page = deps.timeline.list(&subject, PAGE, after.as_deref()).await?;
        if let Some(entry) = page.entries.into_iter().find(|entry| entry.id == wish.entry_id) {
            return if entry.kind == EntryKind::ProviderMessage {
                Ok(entry)
            } else {
                Err(Problem::unprocessable("entry_id", "expected an entry of the kind provider_message"))
            };
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Err(Problem::not_found("entry"))
}

async fn find_provider(deps: &Deps, caller: &Caller, entry: &Entry) -> Result<Provider, Problem> {
    let not_found = || Problem::not_found("provider");
    let id = ProviderId::parse(&entry.source).map_err(|_| not_found())?;
    let stored = deps.providers.find_of(&caller.merchant_id, &id).await?;
    Ok(stored.ok_or_else(not_found)?.provider)
}

/// Sends what today's adapter makes of it the way the callback went when it came.
async fn apply(
    deps: &Deps,
    request: &ApiRequest,
    provider: &Provider,
    entry: &Entry,
    reading: &Reading,
) -> Result<(), Problem> {
    let grade =
        entry.detail.get("trust").and_then(Value::as_str).and_then(|word| TrustGrade::parse(word).ok());
    let callback = VerifiedCallback {
        merchant_id: provider.merchant_id.clone(),
        provider: provider.binding(),
        grade: grade.unwrap_or(TrustGrade::None),
        received_at: entry.at,
        correlation_id: request.correlation_id.clone(),
        reports: reading.reports.clone(),
        raw_body: reading.body.clone(),
    };
    let body = serde_json::to_string(&callback).map_err(|error| Problem::internal(error.to_string()))?;
    let correlation_id = Some(request.correlation_id.clone());
    let message = Message { body, delay_seconds: 0, group: Some(provider.id.to_string()), correlation_id };
    deps.events.send(message).await.map_err(|error: StoreError| error.into())
}

#[cfg(test)]
mod tests;
