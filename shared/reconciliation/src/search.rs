//! Looking for exceptions: among what one run found, or among those of all runs that are open.

use std::collections::BTreeSet;

use paywarden_domain::id::{MerchantId, ProviderId, RunId};
use paywarden_domain::money::parse_decimal;
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::{Exception, ExceptionStatus};
use paywarden_domain::time::{Timestamp, days};
use paywarden_store::StoreError;
use paywarden_store::providers::Providers;
use paywarden_store::reconciliation::{FindingsPage, Reconciliation};
use paywarden_store::transactions::list::AmountRange;

/// Pages that one search reads.
const MAX_READS: usize = 25;

/// Exceptions that are read at a time.
const PAGE: u16 = 100;

/// Days that an exception can be old, at most.
pub const MAX_AGE_DAYS: u16 = 3_650;

/// When what is so many days old was found, at the latest.
#[must_use]
pub fn found_before(min_age_days: u16, now: Timestamp) -> Timestamp {
    now.plus_seconds(0_i64.saturating_sub(days(min_age_days.into())))
}

/// Where to look.
#[derive(Debug, Clone, Copy)]
pub enum Among<'a> {
    /// What a run found, by outcome and id.
    Run(&'a RunId),
    /// What is open or assigned of these providers of the merchant's, by provider and id.
    Open(&'a MerchantId, &'a [ProviderId]),
}

/// What is looked for. What is absent or empty asks for everything; all of it holds at once.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of any of these.
    pub providers: BTreeSet<ProviderId>,
    pub outcome: Option<Outcome>,
    /// Any of these.
    pub statuses: Vec<ExceptionStatus>,
    pub assignee: Option<String>,
    /// Found before this moment.
    pub found_before: Option<Timestamp>,
    /// The amount of the ledger's row, or of the statement's where there is none.
    pub amount: AmountRange,
}

impl Wanted {
    pub(crate) fn matches(&self, exception: &Exception) -> bool {
        (self.providers.is_empty() || self.providers.contains(&exception.provider_id))
            && self.outcome.is_none_or(|outcome| outcome == exception.outcome)
            && (self.statuses.is_empty() || self.statuses.contains(&exception.status))
            && (self.assignee.is_none() || self.assignee == exception.assignee)
            && self.found_before.is_none_or(|before| exception.created_at < before)
            && self.has_amount(exception)
    }

    /// A row whose amount cannot be read has none.
    fn has_amount(&self, exception: &Exception) -> bool {
        if self.amount == AmountRange::default() {
            return true;
        }
        let row = exception.ledger.as_ref().or(exception.statement.as_ref());
        let amount = row.and_then(|row| parse_decimal(&row.fields.amount).ok());
        amount.is_some_and(|amount| self.amount.contains(amount))
    }
}

/// Reads on behind the position `after` until there are `limit`, none are left, or enough was looked at: a page may be short
/// and have a next one.
///
/// # Errors
/// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
pub async fn search(
    table: &Reconciliation,
    among: Among<'_>,
    wanted: &Wanted,
    mut after: Option<String>,
    limit: usize,
) -> Result<FindingsPage, StoreError> {
    let mut exceptions = Vec::new();
    for _ in 0..MAX_READS {
        // No more than there is room for: the position behind a page is where the next answer begins.
        let room = u16::try_from(limit.saturating_sub(exceptions.len())).unwrap_or(PAGE).min(PAGE);
        let page = page(table, among, wanted, after.as_deref(), room).await?;
        exceptions.extend(page.exceptions.into_iter().filter(|exception| wanted.matches(exception)));
        after = page.next;
        if after.is_none() || exceptions.len() >= limit {
            break;
        }
    }
    Ok(FindingsPage { exceptions, next: after })
}

/// The merchant's providers that are wanted, in the order of their ids: where to look among what is open.
///
/// # Errors
/// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
pub async fn providers(
    table: &Providers,
    merchant: &MerchantId,
    wanted: &Wanted,
) -> Result<Vec<ProviderId>, StoreError> {
    let own = table.list(merchant).await?;
    let mut ids: Vec<ProviderId> = own.into_iter().map(|provider| provider.id).collect();
    ids.retain(|id| wanted.providers.is_empty() || wanted.providers.contains(id));
    ids.sort();
    Ok(ids)
}

/// A page of where to look, whatever is wanted of it.
pub(crate) async fn page(
    table: &Reconciliation,
    among: Among<'_>,
    wanted: &Wanted,
    after: Option<&str>,
    limit: u16,
) -> Result<FindingsPage, StoreError> {
    match among {
        Among::Run(run) => table.findings(run, wanted.outcome, after, limit).await,
        Among::Open(merchant, providers) => open(table, merchant, providers, after, limit).await,
    }
}

/// A page of one provider's. Positions are the provider's id and that of the last exception, or the provider's alone before its
/// first.
async fn open(
    table: &Reconciliation,
    merchant: &MerchantId,
    providers: &[ProviderId],
    after: Option<&str>,
    limit: u16,
) -> Result<FindingsPage, StoreError> {
    let (from, behind) = after.map_or(("", ""), |after| after.split_once('#').unwrap_or((after, "")));
    let mut left = providers.iter().skip_while(|provider| provider.as_str() < from);
    let Some(provider) = left.next() else {
        return Ok(FindingsPage { exceptions: Vec::new(), next: None });
    };
    let behind = Some(behind).filter(|behind| provider.as_str() == from && !behind.is_empty());
    let page = table.open_page(merchant, provider, behind, limit).await?;
    let next = match page.next {
        Some(last) => Some(format!("{provider}#{last}")),
        None => left.next().map(ToString::to_string),
    };
    Ok(FindingsPage { exceptions: page.exceptions, next })
}
