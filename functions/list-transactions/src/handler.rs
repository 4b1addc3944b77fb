//! The endpoint.

use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::csv;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::StoreError;
use paywarden_store::transactions::list::{ListPage, ListQuery};
use serde_json::json;

use crate::deps::Deps;
use crate::export;
use crate::filters::{self, Asked};
use crate::named;

/// Answers a page, as JSON or, to a caller that would rather have that, as CSV.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, filters::PARAMETERS)?;
    let asked = with_limits(deps, &caller, filters::read(&query, &caller.zone)?).await?;
    let limit = usize::from(query.limit()?);
    let binding = filters::binding(&caller.merchant_id, &asked);
    let after = deps.cursors.position(&query, &binding).await?;
    if csv::is_wanted(&request.headers) {
        let bound = query.single("limit")?.map_or(export::MAX_ROWS, |_| limit);
        let (table, next) = export::table(deps, &caller, &asked, bound, after).await?;
        return table.into_answer(deps.cursors.next(&binding, next.as_deref()).await?.as_deref());
    }
    let page = read(deps, &caller, &asked, limit, after).await?;
    let next_cursor = deps.cursors.next(&binding, page.next.as_deref()).await?;
    let record = |transaction| TransactionRecord::new(transaction, &caller.zone);
    let records: Vec<_> = page.transactions.iter().map(record).collect();
    Answer::ok(&json!({"status": true, "transactions": records, "next_cursor": next_cursor}))
}

/// What is asked for, with the limits by which the merchant calls a payment stuck where it is about those.
async fn with_limits(deps: &Deps, caller: &Caller, mut asked: Asked) -> Result<Asked, StoreError> {
    if asked.stuck {
        asked.filters.stuck = Some(deps.merchants.get(&caller.merchant_id).await?.settings.stuck);
    }
    Ok(asked)
}

/// Reads a page and says in the log what that took.
pub async fn read(
    deps: &Deps,
    caller: &Caller,
    asked: &Asked,
    limit: usize,
    after: Option<String>,
) -> Result<ListPage, Problem> {
    let page = find(deps, caller, asked, limit, after).await?;
    log(deps, &page);
    Ok(page)
}

async fn find(
    deps: &Deps,
    caller: &Caller,
    asked: &Asked,
    limit: usize,
    after: Option<String>,
) -> Result<ListPage, Problem> {
    if asked.contradictory {
        return Ok(ListPage { transactions: Vec::new(), next: None, index: "none", rows_read: 0 });
    }
    if let Some(payment) = &asked.provider_transaction_id {
        return Ok(named::by_provider_transaction(deps, caller, asked, payment, limit, after).await?);
    }
    if let Some(reference) = &asked.reference {
        return Ok(named::by_reference(deps, caller, asked, reference, limit, after).await?);
    }
    let merchant = deps.merchants.get(&caller.merchant_id).await?;
    let query = ListQuery {
        merchant: &merchant.id,
        shard_count: merchant.shard_count,
        filters: &asked.filters,
        order: asked.order,
        limit,
        after,
        now: deps.clock.now(),
    };
    Ok(deps.transactions.list(&query).await?)
}

fn log(deps: &Deps, page: &ListPage) {
    let consumed = deps.dynamo.take_consumed();
    tracing::info!(
        index = page.index,
        rows_read = page.rows_read,
        rows_answered = page.transactions.len(),
        queries = consumed.operations,
        read_units_tenths = consumed.tenths,
        "list planned"
    );
}

#[cfg(test)]
mod tests;
