//! Payments that the caller names, by the merchant's reference or by a provider's id: the name leads to them, and no index
//! is read.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};
use paywarden_domain::id::{ProviderId, TransactionId};
use paywarden_domain::transaction::Transaction;
use paywarden_lambda_kit::caller::Caller;
use paywarden_store::StoreError;
use paywarden_store::transactions::list::{Filters, ListPage, Order};
use paywarden_store::transactions::{Binding, keys};

use crate::deps::Deps;
use crate::filters::Asked;

/// Providers that are asked about an id at the same time.
const AT_ONCE: usize = 16;

/// All occurrences of one reference, by their derived ids; a position is the number of the last one answered.
pub async fn by_reference(
    deps: &Deps,
    caller: &Caller,
    asked: &Asked,
    reference: &str,
    limit: usize,
    after: Option<String>,
) -> Result<ListPage, StoreError> {
    let first = find_occurrence(deps, caller, reference, 1).await?;
    let count = first.as_ref().map_or(0, |first| first.occurrences);
    let after = after.and_then(|position| position.parse::<u32>().ok());
    let numbers: Vec<u32> = match asked.order {
        Order::Ascending => (after.map_or(1, |last| last.saturating_add(1))..=count).collect(),
        Order::Descending => (1..=after.map_or(count, |last| last.saturating_sub(1))).rev().collect(),
    };
    let mut page = empty();
    let mut last_read = None;
    for number in numbers {
        if page.rows_read == limit {
            page.next = last_read.map(|number: u32| number.to_string());
            return Ok(page);
        }
        last_read = Some(number);
        page.rows_read = page.rows_read.saturating_add(1);
        let found = find_occurrence(deps, caller, reference, number).await?;
        page.transactions
            .extend(found.filter(|transaction| asked.filters.matches(transaction, deps.clock.now())));
    }
    Ok(page)
}

async fn find_occurrence(
    deps: &Deps,
    caller: &Caller,
    reference: &str,
    number: u32,
) -> Result<Option<Transaction>, StoreError> {
    let merchant = &caller.merchant_id;
    deps.transactions.find_of(merchant, &TransactionId::of(merchant, reference, number)).await
}

/// What a provider's id of a payment leads to: one for each provider at most. A position is that of the last one answered.
pub async fn by_provider_transaction(
    deps: &Deps,
    caller: &Caller,
    asked: &Asked,
    payment: &str,
    limit: usize,
    after: Option<String>,
) -> Result<ListPage, StoreError> {
    // A provider that is named beside it says whose id it is. The record may show another one, which carried another try.
    let filters = Filters { providers: BTreeSet::new(), ..asked.filters.clone() };
    let is_asked_for = |transaction: &Transaction| {
        let is_reference = asked.reference.as_ref().is_none_or(|asked| *asked == transaction.reference);
        is_reference && filters.matches(transaction, deps.clock.now())
    };
    let found = bound(deps, caller, asked, payment).await?;
    let rows_read = found.len();
    let placed = found
        .into_iter()
        .filter(is_asked_for)
        .map(|transaction| (keys::position(transaction.created_at, &transaction.id), transaction));
    // Ids of two providers may lead to one record.
    let placed: BTreeMap<String, Transaction> = placed.collect();
    Ok(ListPage { rows_read, ..page_behind(placed, asked.order, after.as_ref(), limit) })
}

/// A page of records that are all at hand, by their positions.
fn page_behind(
    placed: BTreeMap<String, Transaction>,
    order: Order,
    after: Option<&String>,
    limit: usize,
) -> ListPage {
    let is_behind = |place: &String| match order {
        Order::Ascending => after.is_none_or(|after| place > after),
        Order::Descending => after.is_none_or(|after| place < after),
    };
    let mut rows: Vec<_> = placed.into_iter().filter(|(place, _)| is_behind(place)).collect();
    if order == Order::Descending {
        rows.reverse();
    }
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().map(|(place, _)| place.clone()).filter(|_| is_more);
    ListPage { transactions: rows.into_iter().map(|(_, transaction)| transaction).collect(), next, ..empty() }
}

/// The records that the id is bound to, of the providers asked for or of all that the merchant has.
async fn bound(
    deps: &Deps,
    caller: &Caller,
    asked: &Asked,
    payment: &str,
) -> Result<Vec<Transaction>, StoreError> {
    let merchant = &caller.merchant_id;
    let reads = providers(deps, caller, asked).await?.into_iter().map(async |provider| {
        let binding = Binding { provider: &provider, payment };
        match deps.references.find_bound(binding).await? {
            Some(id) => deps.transactions.find_of(merchant, &id).await,
            None => Ok(None),
        }
    });
    let found: Vec<Option<Transaction>> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

async fn providers(deps: &Deps, caller: &Caller, asked: &Asked) -> Result<Vec<ProviderId>, StoreError> {
    if !asked.filters.providers.is_empty() {
        return Ok(asked.filters.providers.iter().cloned().collect());
    }
    let all = deps.providers.list_cached(&caller.merchant_id).await?;
    Ok(all.into_iter().map(|provider| provider.id).collect())
}

fn empty() -> ListPage {
    ListPage { transactions: Vec::new(), next: None, index: "primary key", rows_read: 0 }
}
