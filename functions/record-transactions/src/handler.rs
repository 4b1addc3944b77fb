//! The endpoint.

use std::sync::Arc;

use futures::StreamExt;
use paywarden_domain::access::Scope;
use paywarden_domain::entropy::Entropy;
use paywarden_domain::id::TransactionId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::sequence;
use paywarden_domain::time::{Clock, Zone};
use paywarden_domain::transaction::draft::{Draft, Recording};
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::transaction::{ProviderBinding, Transaction};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::StoreError;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::transactions::{Binding, Expected, Transactions, Write};
use serde_json::{Value, json};

use crate::input::{self, UncheckedDraft};

/// Transactions one request may record.
const MAX_TRANSACTIONS: usize = 100;

/// Transactions of one request that are written at the same time.
const CONCURRENCY: usize = 10;

/// Times a write is decided anew because somebody else was first.
const ATTEMPTS: usize = 4;

/// What the endpoint works with.
pub struct Deps {
    pub merchants: Merchants,
    pub providers: Providers,
    pub transactions: Transactions,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

/// What became of one transaction.
enum Recorded {
    Created(Box<Transaction>),
    Known(Box<Transaction>),
}

impl Recorded {
    fn status_code(&self) -> u16 {
        match self {
            Self::Created(_) => 201,
            Self::Known(_) => 200,
        }
    }

    fn record(&self, zone: &Zone) -> TransactionRecord {
        let (Self::Created(transaction) | Self::Known(transaction)) = self;
        TransactionRecord::new(transaction, zone)
    }
}

/// Records what the body holds: an object is answered 201, or 200 when it was known; an array 207 with one result each.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let caller = request.caller(deps.clock.as_ref())?;
    caller.require(Scope::TransactionsWrite)?;
    let body = request.json()?;
    let merchant = deps.merchants.get(&caller.merchant_id).await?;
    match &body {
        Value::Object(_) => {
            let recorded = record(deps, &merchant, &request.correlation_id, &body).await?;
            let answer = json!({"status": true, "transaction": recorded.record(&merchant.zone)});
            Answer::json(recorded.status_code(), &answer)
        }
        Value::Array(items) if (1..=MAX_TRANSACTIONS).contains(&items.len()) => {
            let recordings: Vec<_> =
                items.iter().map(|item| record_in_batch(deps, &merchant, &request, item)).collect();
            let results: Vec<_> = futures::stream::iter(recordings).buffered(CONCURRENCY).collect().await;
            Answer::json(207, &json!({"status": true, "results": results}))
        }
        _ => Err(Problem::unprocessable(
            "body",
            format!("expected an object or an array of 1 to {MAX_TRANSACTIONS}"),
        )),
    }
}

async fn record_in_batch(deps: &Deps, merchant: &Merchant, request: &ApiRequest, item: &Value) -> Value {
    match record(deps, merchant, &request.correlation_id, item).await {
        Ok(recorded) => {
            json!({"status_code": recorded.status_code(), "transaction": recorded.record(&merchant.zone)})
        }
        Err(problem) => {
            problem.log();
            json!({"status_code": problem.status(), "error": problem.error_json(&request.request_id)})
        }
    }
}

async fn record(
    deps: &Deps,
    merchant: &Merchant,
    correlation_id: &str,
    item: &Value,
) -> Result<Recorded, Problem> {
    let unchecked = input::draft(item, &merchant.zone, deps.clock.as_ref(), deps.entropy.as_ref())?;
    let draft = with_provider(deps, merchant, unchecked).await?;
    for _ in 0..ATTEMPTS {
        match try_once(deps, merchant, correlation_id, &draft).await {
            Err(Attempt::Outrun) => {}
            Err(Attempt::Refused(problem)) => return Err(problem),
            Ok(recorded) => return Ok(recorded),
        }
    }
    Err(Problem::unavailable())
}

/// Looks up the provider that the merchant names; without a name, the first of the sequence is assumed.
async fn with_provider(
    deps: &Deps,
    merchant: &Merchant,
    unchecked: UncheckedDraft,
) -> Result<Draft, Problem> {
    let mut draft = unchecked.draft;
    if let Some(id) = &unchecked.provider_id {
        let stored = deps.providers.find_of(&merchant.id, id).await?;
        let stored = stored.ok_or_else(|| {
            Problem::unprocessable("provider_id", "expected the id of one of your providers")
        })?;
        draft.provider = Some(stored.provider.binding());
    } else {
        let providers = deps.providers.list_cached(&merchant.id).await?;
        let first = sequence::first(&providers, draft.method.service(), draft.money);
        draft.assumed_provider =
            first.map(|provider| ProviderBinding { assumed: true, ..provider.binding() });
    }
    Ok(draft)
}

/// Why one attempt did not record.
enum Attempt {
    /// Somebody else wrote between reading and writing: read and decide again.
    Outrun,
    Refused(Problem),
}

impl From<StoreError> for Attempt {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Outrun,
            other => Self::Refused(other.into()),
        }
    }
}

/// Writes first and reads only when the record is there already: the common case costs one write and no read.
async fn try_once(
    deps: &Deps,
    merchant: &Merchant,
    correlation_id: &str,
    draft: &Draft,
) -> Result<Recorded, Attempt> {
    let now = deps.clock.now();
    let first = find_first_occurrence(deps, merchant, draft).await?;
    let transaction = draft.clone().into_transaction(merchant, now, correlation_id);
    let write = Write {
        transaction: &transaction,
        expected: Expected::Absent,
        bind: binding(&transaction),
        first_occurrence: first.as_ref().filter(|first| first.occurrences < draft.occurrence),
    };
    match deps.transactions.write(write).await {
        Ok(()) => return Ok(Recorded::Created(Box::new(transaction))),
        Err(StoreError::Conflict) => {}
        Err(error) => return Err(error.into()),
    }
    let Some(existing) = deps.transactions.find(&transaction.id).await? else {
        return Err(bound_elsewhere(deps, &transaction).await?);
    };
    record_over(deps, existing, draft.clone(), correlation_id).await
}

/// The first occurrence, when a further one is to be opened: it keeps the count.
async fn find_first_occurrence(
    deps: &Deps,
    merchant: &Merchant,
    draft: &Draft,
) -> Result<Option<Transaction>, Attempt> {
    if draft.occurrence == 1 {
        return Ok(None);
    }
    let first = deps.transactions.find(&TransactionId::of(&merchant.id, &draft.reference, 1)).await?;
    let known = first.as_ref().map_or(0, |first| first.occurrences);
    if draft.occurrence > known.saturating_add(1) {
        let next = known.saturating_add(1);
        let message = format!("expected at most {next}: the reference has {known} so far");
        return Err(Attempt::Refused(Problem::unprocessable("occurrence", message)));
    }
    Ok(first)
}

async fn record_over(
    deps: &Deps,
    existing: Transaction,
    draft: Draft,
    correlation_id: &str,
) -> Result<Recorded, Attempt> {
    match draft.over(&existing, deps.clock.now(), correlation_id) {
        Recording::Same => Ok(Recorded::Known(Box::new(existing))),
        Recording::Conflict => Err(Attempt::Refused(Problem::conflict(
            "reference_conflict",
            "this transaction_reference was recorded with other content; a further payment under it needs the next occurrence",
        ))),
        Recording::Filled(filled) => {
            let newly_bound = existing.provider_transaction_id != filled.provider_transaction_id;
            let write = Write {
                transaction: &filled,
                expected: Expected::Version(existing.version),
                bind: binding(&filled).filter(|_| newly_bound),
                first_occurrence: None,
            };
            deps.transactions.write(write).await?;
            Ok(Recorded::Known(filled))
        }
    }
}

/// The record is absent and still could not be written: its provider's id may belong to another one.
async fn bound_elsewhere(deps: &Deps, transaction: &Transaction) -> Result<Attempt, StoreError> {
    let Some(binding) = binding(transaction) else {
        return Ok(Attempt::Outrun);
    };
    Ok(match deps.transactions.find_bound(binding).await? {
        Some(other) if other != transaction.id => Attempt::Refused(Problem::conflict(
            "provider_transaction_conflict",
            "this provider_transaction_id belongs to another transaction",
        )),
        _ => Attempt::Outrun,
    })
}

fn binding(transaction: &Transaction) -> Option<Binding<'_>> {
    let provider = &transaction.provider.as_ref()?.id;
    let payment = transaction.provider_transaction_id.as_deref()?;
    Some(Binding { provider, payment })
}

#[cfg(test)]
mod tests;
